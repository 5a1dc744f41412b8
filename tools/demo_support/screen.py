"""What the demo shows while it works: one line in place on a terminal, else a line from time to time."""

import shutil
import sys
import time

SECONDS_BETWEEN_LINES = 5.0
SECONDS_BETWEEN_UPDATES = 0.1


class Screen:
    def __init__(self, stream=sys.stdout):
        self.stream = stream
        self.in_place = stream.isatty()
        self.shown_at = 0.0
        self.open_line = False
        self.final = None   # the very last line, said when everything is cleared up

    def say(self, text=""):
        """A line that stays."""
        self._clear()
        print(text, file=self.stream, flush=True)

    def progress(self, text):
        """What happens now; shown as often as suits the screen."""
        now = time.monotonic()
        if now - self.shown_at < (SECONDS_BETWEEN_UPDATES if self.in_place else SECONDS_BETWEEN_LINES):
            return
        self.shown_at = now
        if self.in_place:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{text[:width]}\x1b[K", end="", file=self.stream, flush=True)
            self.open_line = True
        else:
            print(text, file=self.stream, flush=True)

    def _clear(self):
        if self.open_line:
            print("\r\x1b[K", end="", file=self.stream)
            self.open_line = False
