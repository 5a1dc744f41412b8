"""Processes of the demo's own: each leads a process group, and all are ended when the demo ends, however it ends."""

import os
import signal
import subprocess

from .errors import DemoError


class Children:
    def __init__(self):
        self.running = []
        self.starting = False
        self.interrupted = False

    def interrupt(self, *_):
        """For signals: ends the demo, but never between a child's start and its being known here."""
        self.interrupted = True
        if not self.starting:
            raise KeyboardInterrupt

    def start(self, command, **options):
        """Starts `command` as subprocess.Popen does; Ctrl-C reaches the demo alone."""
        self.starting = True
        try:
            child = subprocess.Popen([str(part) for part in command], start_new_session=True, **options)
            self.running = [other for other in self.running if other.poll() is None] + [child]
        finally:
            self.starting = False
        if self.interrupted:
            raise KeyboardInterrupt
        return child

    def end_all(self):
        """Kills what still runs, with its descendants. A child not yet waited for keeps its pid: no other is hit."""
        for child in self.running:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        self.running = []

    def run(self, name, command, log, on_line, cwd):
        """Runs `command` to its end with its output in the file `log`, each line also given to `on_line`."""
        with open(log, "a", encoding="utf-8") as file:
            child = self.start(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace")
            for line in child.stdout:
                file.write(line)
                on_line(line.rstrip())
        if child.wait():
            raise DemoError(f"{name} failed with exit code {child.returncode}", log)
