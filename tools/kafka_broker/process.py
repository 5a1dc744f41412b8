"""The environment of a broker process, finding it, and ending exactly it.

A broker carries its folder on its command line. A signal goes through a pidfd that was opened
before that command line was read, so it can never hit a process that took over the pid.
"""

import os
import re
import select
import signal
from pathlib import Path

MAIN_CLASS = "kafka.Kafka"

# What a shell may hold for other Java programs or brokers.
FOREIGN_ENVIRONMENT = re.compile(
    "KAFKA_.*|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|CLASSPATH|JMX_PORT|LOG_DIR"
)


def clean_environment():
    return {
        name: value for name, value in os.environ.items() if not FOREIGN_ENVIRONMENT.fullmatch(name)
    }


def mark(folder):
    """The argument on the command line by which the broker of `folder` is known."""
    return f"-Dweir.kafka.dir={folder}"


class Process:
    """A running broker. Close it (or use `with`): it holds a file descriptor."""

    def __init__(self, pid, pidfd):
        self.pid = pid
        self.pidfd = pidfd

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.pidfd)

    def send(self, number):
        try:
            signal.pidfd_send_signal(self.pidfd, number)
        except ProcessLookupError:
            pass  # it ended by itself: what the signal was for

    def wait(self, seconds):
        """True once the process is gone, False if it is still there after `seconds`."""
        poll = select.poll()
        poll.register(self.pidfd, select.POLLIN)
        return bool(poll.poll(seconds * 1000))


def own(child):
    """The process of a subprocess.Popen that nobody waited for yet."""
    return Process(child.pid, os.pidfd_open(child.pid))


def find(folder, pid_file):
    """The running broker of `folder`, or None. Looks at `pid_file` first, then at every process."""
    try:
        candidates = [int(pid_file.read_text())]
    except (FileNotFoundError, ValueError):
        candidates = []
    everybody = (int(entry) for entry in os.listdir("/proc") if entry.isdigit())
    for pids in (candidates, everybody):
        for pid in pids:
            process = _open_if_broker(pid, folder)
            if process:
                return process
    return None


def _open_if_broker(pid, folder):
    if not _is_broker(pid, folder):
        return None
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    if not _is_broker(pid, folder):  # again, now that the pid cannot pass to another process
        os.close(pidfd)
        return None
    return Process(pid, pidfd)


def _is_broker(pid, folder):
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return mark(folder).encode() in arguments and MAIN_CLASS.encode() in arguments
