"""One life of a job: its process, and the events of its log by the time they happened."""

import json
import os
import re
import signal
import subprocess
import threading
import time
from datetime import datetime

from .errors import BenchError

COMMITS = re.compile(r"(\d+) commits in this run")
STALLED = re.compile(r"stalled (\d+) ms")


class Event:
    """`seconds` since the process was started."""

    def __init__(self, name, seconds, checkpoint, message):
        self.name, self.seconds, self.checkpoint, self.message = name, seconds, checkpoint, message


class Life:
    """Starts the job at once, with a log in JSON. A thread reads the log, so the job never waits for us."""

    def __init__(self, bench, program, command, definitions, environment, level="info"):
        arguments = [bench.program(program), *command]
        settings = {"kafka.bootstrap.servers": bench.broker.bootstrap, "log.format": "json", "log.level": level}
        for name, value in (settings | definitions).items():
            arguments += ["-D", f"{name}={value}"]
        self._children = bench.children
        self._lines = []
        self._events = []
        self._changed = threading.Condition()
        self.wall_began = time.time()
        self.began = time.monotonic()
        self.process = bench.children.start(arguments, env=bench.environment(**environment),
                                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def events(self, name=None):
        with self._changed:
            return [event for event in self._events if name is None or event.name == name]

    def first(self, name):
        """Seconds from the start of the process to the first such event; None if there was none."""
        found = self.events(name)
        return found[0].seconds if found else None

    def wait_for(self, name, seconds_max, count=1, or_else=None):
        """Returns when the event was logged `count` times, or the other one once."""
        def logged():
            names = [event.name for event in self._events]
            return names.count(name) >= count or or_else in names

        with self._changed:
            self._changed.wait_for(lambda: logged() or self._ended, seconds_max)
            if not logged():
                raise BenchError(f"the job did not log '{name}' within {seconds_max} s; its last lines:\n{self.tail()}")

    def kill(self):
        # Not send_signal: it would reap a process that has just ended by itself, and what that used were lost.
        os.kill(self.process.pid, signal.SIGKILL)
        return self._join()

    def stop(self):
        """SIGTERM; what the process used, and how long it took to end."""
        asked = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        usage = self._join()
        return usage, time.monotonic() - asked

    def finish(self, seconds_max):
        """Waits for a run that ends by itself; what it used."""
        timer = threading.Timer(seconds_max, self.process.kill)
        timer.start()
        usage = self._join()
        timer.cancel()
        if usage.code != 0:
            raise BenchError(f"the job ended with {usage.code}; its last lines:\n{self.tail()}")
        return usage

    def commits(self):
        return self._from_last_line(COMMITS)

    def stalled_seconds(self):
        return self._from_last_line(STALLED) / 1000

    def running_seconds(self):
        """From the first step of the tasks to the end of the run."""
        return self.events("stopped")[-1].seconds - self.first("running")

    def tail(self):
        return "".join(self._lines[-15:])

    _ended = False

    def _from_last_line(self, pattern):
        found = pattern.search(self.events("stopped")[-1].message)
        if found is None:
            raise BenchError(f"the job's last line says nothing of '{pattern.pattern}':\n{self.tail()}")
        return int(found.group(1))

    def _join(self):
        usage = self._children.reap(self.process, self.began)
        self._reader.join()
        return usage

    def _read(self):
        with self.process.stderr:
            for line in self.process.stderr:
                self._note(line.decode("utf-8", "replace"))
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _note(self, line):
        event = None
        try:
            entry = json.loads(line)
            seconds = datetime.fromisoformat(entry["time"]).timestamp() - self.wall_began
            event = Event(entry["event"], seconds, entry.get("checkpoint", 0), entry.get("message", ""))
        except (ValueError, KeyError, TypeError):
            pass   # Not every line of a process is a log line; it is kept for the report of a failure.
        with self._changed:
            self._lines = self._lines[-200:] + [line]
            if event is not None:
                self._events.append(event)
            self._changed.notify_all()
