"""Programs that a run starts: their output, their failures, their end."""

import ctypes
import os
import signal
import subprocess
from pathlib import Path

LINES_SHOWN = 40
ENDED_WITHIN_SECONDS = 10
PR_SET_CHILD_SUBREAPER = 36


class StepFailed(Exception):
    """A program ended with an error. `step` names what it was for."""

    def __init__(self, step, explanation):
        super().__init__(f"{step}: {explanation}")
        self.step = step


class Steps:
    """Runs one program at a time, in a process group of its own, and ends it when the run is interrupted."""

    def __init__(self, root, logs):
        self._root = root
        self._logs = logs
        self._running = None

    def run(self, step, command, environment=None):
        """Runs to the end, output into a log file. StepFailed shows the end of it."""
        log = self._logs / f"{step.replace(' ', '-')}.log"
        with log.open("w", encoding="utf-8") as output:
            code = self._start(command, output, environment).wait()
        self._running = None
        if code:
            end = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES_SHOWN:]
            print("\n".join(f"  {line}" for line in end), flush=True)
            raise StepFailed(step, f"'{' '.join(map(str, command))}' ended with {code}; all of it is in {log}")
        return log

    def lines(self, command, environment=None):
        """Yields the program's output line by line; returns its exit code."""
        process = self._start(command, subprocess.PIPE, environment)
        with process.stdout:
            for line in process.stdout:
                yield line.rstrip("\n")
        code = process.wait()
        self._running = None
        return code

    def end(self):
        """Ends what runs."""
        process, self._running = self._running, None
        if process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
                process.wait(ENDED_WITHIN_SECONDS)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue

    def _start(self, command, output, environment):
        self._running = subprocess.Popen(
            [str(word) for word in command], cwd=self._root, env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, text=True, errors="replace",
            start_new_session=True)
        return self._running


def adopt_orphans():
    """From now on, what outlives the program that started it becomes a child of this process."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_orphans():
    """Kills the adopted ones, such as brokers of tests that were themselves killed; returns their command lines."""
    ended = []
    while children := _children():
        for child in children:
            command = _read(Path(f"/proc/{child}/cmdline")).replace(b"\0", b" ").decode(errors="replace").strip()
            ended += [command] if command else []   # Empty: it has ended and was not waited for.
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return ended


def _children():
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        # "pid (name) state parent ...", and a name may hold spaces and brackets.
        fields = _read(stat).rpartition(b")")[2].split()
        if len(fields) > 1 and int(fields[1]) == os.getpid():
            found.append(int(stat.parent.name))
    return found


def _read(path):
    try:
        return path.read_bytes()
    except OSError:   # It has just ended.
        return b""
