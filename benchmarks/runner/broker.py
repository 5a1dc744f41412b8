"""A Kafka broker of the benchmark's own, in a folder that goes away with it, run by tools/kafka."""

import os
import subprocess
from pathlib import Path

from .errors import BenchError

TOOL = Path(__file__).resolve().parents[2] / "tools" / "kafka"
# Gigabytes are written and deleted within minutes.
PROPERTIES = ["log.segment.delete.delay.ms=1000"]


class Broker:
    def __init__(self, folder):
        self._folder = folder
        self._names = 0
        self._topics = {}

    def start(self):
        properties = [part for value in PROPERTIES for part in ("--property", value)]
        self._call("start", *properties)
        self.bootstrap = self._call("status", "--bootstrap").strip()

    def stop(self):
        subprocess.run([TOOL, "--dir", self._folder, "kill"], capture_output=True, check=False)

    def create(self, name, partitions):
        self._call("topic", "create", name, "--partitions", str(partitions))

    def delete(self, *names):
        for name in names:
            # A job that failed early never made its topics.
            subprocess.run([TOOL, "--dir", self._folder, "topic", "delete", name], capture_output=True, check=False)

    def new_name(self, stem):
        """A topic name that was never used: a deleted topic's name is not free at once."""
        self._names += 1
        return f"{stem}-{self._names}"

    def is_new(self, name):
        """True the first time it is asked of a topic that is to be filled once."""
        is_new = name not in self._topics
        self._topics[name] = True
        return is_new

    def preloaded(self, bench, partitions, records, auctions):
        """The topic with these bids; filled when first asked for."""
        name = f"bids-{partitions}-{records}-{auctions}"
        if name not in self._topics:
            bench.say(f"loading {records} bids on {auctions} auctions into {partitions} partition(s)")
            self.create(name, partitions)
            self.load(bench, name, partitions, records, auctions)
            self._topics[name] = True
        return name

    def load(self, bench, topic, partitions, records, auctions):
        bench.children.run([bench.program("bench_load"), "--bootstrap", self.bootstrap, "--topic", topic,
                            "--partitions", partitions, "--records", records, "--auctions", auctions], 300,
                           bench.folder / "load.log")

    def _call(self, *arguments):
        done = subprocess.run([TOOL, "--dir", self._folder, *arguments], capture_output=True, text=True, check=False,
                              env=os.environ)
        if done.returncode != 0:
            raise BenchError(f"tools/kafka {' '.join(arguments)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout
