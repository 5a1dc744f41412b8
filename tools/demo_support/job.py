"""One life of the job: a process from its start to its end, and what its log says it is doing."""

import json
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass

RECORDS_IN_EPOCH = re.compile(r"(\d+) records")

# What the job does after each event of its log.
PHASE_AFTER = {"running": "processing", "triggered": "snapshot", "prepared": "committing", "committed": "processing"}
PHASE_AT_START = "recovering"
CHECKPOINT_PHASES = ("snapshot", "committing")


@dataclass
class Standing:
    """What is known of a life from its log so far."""

    phase: str = PHASE_AT_START
    restored: int | None = None      # the checkpoint it goes on from, 0 for none; None until it is known
    committed: int | None = None     # the last checkpoint it committed
    records: int = 0                 # in the epochs it committed
    first_commit_seconds: float | None = None


class Life:
    """Starts the job at once. The log is read by a thread of its own, so the job never waits for us."""

    def __init__(self, children, command, environment, log):
        self.log = log
        self.began = time.monotonic()
        self.standing = Standing()
        self.changed = threading.Condition()
        self.file = open(log, "wb")
        self.process = children.start(command, env=environment, stdin=subprocess.DEVNULL, stdout=self.file,
                                      stderr=subprocess.PIPE)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def has_new_commit(self):
        """Has it committed a checkpoint newer than the one it started from?"""
        return self.standing.committed is not None

    def has_ended(self):
        return self.process.poll() is not None

    def is_in_checkpoint(self):
        return self.standing.phase in CHECKPOINT_PHASES

    def wait_for(self, condition, seconds):
        """Waits until the log makes `condition` true, at the longest `seconds`; says whether it is true."""
        with self.changed:
            return self.changed.wait_for(condition, seconds)

    def kill(self):
        """SIGKILL, then everything that it wrote before is read. False if it had ended by itself."""
        self.process.send_signal(signal.SIGKILL)
        return self._join() == -signal.SIGKILL

    def stop(self, seconds_max):
        """SIGTERM; the exit code, None if it did not end in time."""
        self.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + seconds_max
        while not self.has_ended() and time.monotonic() < deadline:
            time.sleep(0.005)
        return self._join() if self.has_ended() else None

    def _join(self):
        code = self.process.wait()
        self.reader.join()
        return code

    def _read(self):
        with self.file, self.process.stderr:
            for line in self.process.stderr:
                self.file.write(line)
                self.file.flush()
                self._note(line)

    def _note(self, line):
        try:
            entry = json.loads(line)
            event, checkpoint = entry.get("event"), int(entry.get("checkpoint", 0))
        except (ValueError, AttributeError, TypeError):
            return   # Not every line of a process is a log line: it stays in the file.
        with self.changed:
            standing = self.standing
            standing.phase = PHASE_AFTER.get(event, standing.phase)
            if event == "running":
                standing.restored = checkpoint
            elif event == "committed":
                if standing.first_commit_seconds is None:
                    standing.first_commit_seconds = time.monotonic() - self.began
                found = RECORDS_IN_EPOCH.match(entry.get("message", ""))
                standing.records += int(found.group(1)) if found else 0
                standing.committed = checkpoint
            self.changed.notify_all()
