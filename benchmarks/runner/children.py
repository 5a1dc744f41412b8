"""Processes of the benchmark's own and what they used. All are ended when the benchmark ends, however it ends."""

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass

from .errors import BenchError


@dataclass
class Usage:
    """What a process used from its start to its end."""

    code: int
    wall_seconds: float
    cpu_seconds: float
    resident_bytes_max: int
    output: str = ""


class Children:
    def __init__(self):
        self._running = {}

    def start(self, command, **options):
        """As subprocess.Popen; Ctrl-C reaches the benchmark alone, which then ends the child."""
        child = subprocess.Popen([str(part) for part in command], start_new_session=True, stdin=subprocess.DEVNULL,
                                 **options)
        self._running[child.pid] = child
        return child

    def reap(self, child, began):
        """Waits for the end of `child` and says what it used."""
        _, status, used = os.wait4(child.pid, 0)
        wall = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        self._running.pop(child.pid, None)
        return Usage(child.returncode, wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)

    def run(self, command, seconds_max, log, environment=None):
        """Runs `command` to its end, its output (both streams) in the file `log` and in the result."""
        began = time.monotonic()
        with open(log, "wb") as file:
            child = self.start(command, env=environment, stdout=file, stderr=subprocess.STDOUT)
            timer = threading.Timer(seconds_max, self._kill, [child])
            timer.start()
            try:
                usage = self.reap(child, began)
            finally:
                timer.cancel()
        usage.output = log.read_text(encoding="utf-8", errors="replace")
        if usage.code != 0:
            end = f"was ended after {seconds_max} s" if usage.code < 0 else f"ended with exit code {usage.code}"
            raise BenchError(f"{command[0]} {end}; its last lines:\n{usage.output[-2000:]}")
        return usage

    def end_all(self):
        """A child not yet waited for keeps its pid, so no other process is hit."""
        for child in list(self._running.values()):
            self._kill(child)
            child.wait()
        self._running = {}

    @staticmethod
    def _kill(child):
        if child.returncode is None:
            os.kill(child.pid, signal.SIGKILL)
