#!/usr/bin/env python3
"""Stands in for auction-totals over folders, to test tools/demo itself: exactly once, slow, and forgetful when told so.

STAND_IN_FAULT=forgets loses its state at a restart, but not its positions: every bid is there once, with wrong counts.
"""

import json
import os
import pickle
import secrets
import signal
import sys
import time
from pathlib import Path

CHECKPOINT_SECONDS = 0.3
READ_BYTES = 200_000
FOLDER = Path(os.environ["AUCTION_TOTALS_FOLDER"])
CHECKPOINTS = Path(next(word.split("=")[1] for word in sys.argv if word.startswith("execution.checkpointing.dir=")))
CURRENT = CHECKPOINTS / "CURRENT"


def log(event, checkpoint):
    print(json.dumps({"event": event, "checkpoint": checkpoint, "message": ""}), file=sys.stderr, flush=True)


class Job:
    def __init__(self):
        self.ending = False
        self.n, self.positions, self.totals, self.staged = 0, {}, {}, None
        self.work = FOLDER / "totals" / ".inprogress" / "auction-totals" / "out" / secrets.token_hex(16)
        self.work.mkdir(parents=True)
        CHECKPOINTS.mkdir(exist_ok=True)
        self.output = None

    def end(self, *_):
        self.ending = True

    def restore(self):
        if CURRENT.exists():
            self.n, self.positions, self.totals, self.staged = pickle.loads(CURRENT.read_bytes())
            self.publish()
        if os.environ.get("STAND_IN_FAULT") == "forgets":
            self.totals = {}
        log("running", self.n)

    def run(self):
        began = time.monotonic()
        while not self.ending or self.output:
            if not self.read_some():
                time.sleep(0.02)
            if self.output and (self.ending or time.monotonic() - began > CHECKPOINT_SECONDS):
                self.checkpoint()
                began = time.monotonic()

    def read_some(self):
        before = sum(self.positions.values())
        for path in sorted((FOLDER / "bids").iterdir()):
            with open(path, "rb") as file:
                file.seek(self.positions.get(path.name, 0))
                lines = file.read(READ_BYTES).rpartition(b"\n")
            for line in (lines[0] + lines[1]).splitlines(keepends=True):
                self.count(path, line)
        return sum(self.positions.values()) > before

    def count(self, path, line):
        offset = self.positions.get(path.name, 0)
        bid = json.loads(line)
        count, total = self.totals.get(bid["auction"], (0, 0))
        self.totals[bid["auction"]] = count, total = count + 1, total + bid["price"]
        self.output = self.output or open(self.work / f"0-{self.n + 1}", "w", encoding="utf-8")
        number = sum(path.name.encode())   # A number of its own for each file, as Weir has.
        self.output.write(json.dumps({"auction": bid["auction"], "partition": number, "offset": offset,
                                      "price": bid["price"], "count": count, "sum": total}) + "\n")
        self.positions[path.name] = offset + len(line)

    def checkpoint(self):
        self.n += 1
        log("triggered", self.n)
        self.output.close()
        self.staged = self.output.name, str(FOLDER / "totals" / f"part-{self.n:010}-0-0123abcd.json")
        self.output = None
        log("prepared", self.n)
        temporary = CHECKPOINTS / "temporary"
        temporary.write_bytes(pickle.dumps((self.n, self.positions, self.totals, self.staged)))
        temporary.rename(CURRENT)
        log("committed", self.n)
        self.publish()

    def publish(self):
        if os.path.exists(self.staged[0]):
            os.rename(*self.staged)


if __name__ == "__main__":
    job = Job()
    signal.signal(signal.SIGTERM, job.end)
    job.restore()
    job.run()
