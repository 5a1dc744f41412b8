"""One broker in one folder: looking at it and ending it (launch.py starts it).

<folder>/broker.json        what is remembered: version, cluster id, ports, given properties
<folder>/server.properties  written anew by every start; log4j.properties likewise
<folder>/broker.pid         for people; the truth is the process itself (process.py)
<folder>/broker.log         its output, appended over all starts
<folder>/data/              its records
<folder>/lock               held while a start or a stop is under way
"""

import contextlib
import fcntl
import signal
from pathlib import Path

from . import process
from .errors import ToolError, EXIT_NOT_RUNNING
from .settings import Settings
from .wire import Connection

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / ".weir" / "kafka"
END_SECONDS_MAX = 60


class Broker:
    def __init__(self, folder=DEFAULT_FOLDER):
        self.folder = Path(folder).resolve()
        self.data = self.folder / "data"
        self.log = self.folder / "broker.log"
        self.pid_file = self.folder / "broker.pid"
        self.settings_file = self.folder / "broker.json"
        self.properties_file = self.folder / "server.properties"
        self.dir_option = "" if self.folder == DEFAULT_FOLDER else f" --dir {self.folder}"

    def settings(self):
        """What this folder remembers, None if it never held a broker."""
        return Settings.load(self.settings_file)

    def has_data(self):
        return (self.data / "meta.properties").exists()

    def find(self):
        """The running process or None."""
        return process.find(self.folder, self.pid_file)

    def require_running(self):
        """The settings of a broker that runs; refuses one that does not."""
        stored = self.settings()
        running = self.find() if stored else None
        if not running:
            raise ToolError(
                f"no broker runs in {self.folder}; run 'tools/kafka start{self.dir_option}'",
                EXIT_NOT_RUNNING,
            )
        with running:
            return stored

    def connect(self):
        """A connection to the running broker; it does not pass a proxy at the advertised port."""
        stored = self.require_running()
        try:
            return Connection(stored.internal_port)
        except OSError as error:
            raise ToolError(
                f"the broker in {self.folder} does not answer ({error}); see {self.log}"
            )

    def answers(self, stored):
        """True when this very broker serves its clients and every partition has its leader."""
        return all(
            self._answers_at(port, stored)
            for port in (stored.port, stored.internal_port)
        )

    def _answers_at(self, port, stored):
        try:
            with Connection(port, timeout=1.0) as connection:
                metadata = connection.metadata()
        except OSError:
            return False
        leaders = [
            partition["leader"] for topic in metadata["topics"] for partition in topic["partitions"]
        ]
        serves = stored.node_id in (member["id"] for member in metadata["brokers"])
        return metadata["cluster"] == stored.cluster_id and serves and -1 not in leaders

    def stop(self):
        """Ends the broker cleanly and waits. Returns its pid, None if none ran."""
        if not self.folder.is_dir():  # deleted under a running broker
            return self._end(signal.SIGTERM)
        with self.lock():
            return self._end(signal.SIGTERM)

    def kill(self):
        """Ends the broker as a crash would, also in the middle of a start. Returns as stop does."""
        return self._end(signal.SIGKILL)

    @contextlib.contextmanager
    def lock(self):
        """One start or stop at a time."""
        with open(self.folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _end(self, number):
        running = self.find()
        if not running:
            return None
        with running:
            running.send(number)
            if not running.wait(END_SECONDS_MAX):
                raise ToolError(
                    f"the broker in {self.folder} (pid {running.pid}) did not end within "
                    f"{END_SECONDS_MAX} s; run 'tools/kafka kill{self.dir_option}', see {self.log}"
                )
            self.pid_file.unlink(missing_ok=True)
            return running.pid
