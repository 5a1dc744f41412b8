"""What every part has at hand: programs, a folder, the broker, how often to measure."""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from .broker import Broker
from .children import Children
from .errors import BenchError

# Settings of the environment would change what is measured.
FOREIGN_PREFIXES = ("WEIR_", "KAFKA_COPY_", "AUCTION_TOTALS_", "NEXMARK_")


class Bench:
    def __init__(self, asked):
        self.runs = asked.runs
        self.records = asked.records
        self.kills = asked.kills
        self.queries = asked.queries
        self.flink = asked.flink
        self.rounds_repeated = 0   # since a run of theirs did not count
        self._bin = asked.bin
        self._keep = asked.keep
        self._began = time.monotonic()
        self._broker = None
        self.children = Children()
        self.folder = Path(tempfile.mkdtemp(prefix="weir-bench-"))

    def program(self, name):
        path = self._bin / name
        if not path.exists():
            raise BenchError(f"{path} is not built: cmake --preset release && cmake --build --preset release, "
                             "or name the folder of programs with --bin")
        return path

    @property
    def broker(self):
        """Started when the first part needs it."""
        if self._broker is None:
            self.say("starting a broker")
            broker = Broker(self.folder / "kafka")
            self._broker = broker
            broker.start()
        return self._broker

    def environment(self, **settings):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN_PREFIXES)}
        return clean | settings

    def fresh_folder(self, name):
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    def say(self, text):
        print(f"[{time.monotonic() - self._began:6.1f} s] {text}", file=sys.stderr, flush=True)

    def close(self):
        self.children.end_all()
        if self._broker is not None:
            self._broker.stop()
        if self._keep:
            print(f"kept: {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
