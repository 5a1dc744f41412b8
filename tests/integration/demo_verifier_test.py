#!/usr/bin/env python3
"""Damages the output of a faultless job in every way that matters and expects the demo's verifier to notice.

usage: demo_verifier_test.py BIN_FOLDER       (which holds demo_loader and demo_verifier)

The job here is a few lines of Python: bids in, totals out. Topics are on a real broker of tools/kafka, in a folder
of its own.
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools"
RECORDS = 2000
BIN = None


def run(*command, stdin=None, check=True):
    answer = subprocess.run([str(part) for part in command], input=stdin, text=True, capture_output=True, check=False)
    if check and answer.returncode:
        raise AssertionError(f"{command} ended with {answer.returncode}:\n{answer.stdout}{answer.stderr}")
    return answer


def totals_of(bids):
    """What auction-totals emits for (partition, offset, bid) tuples in this order."""
    states = {}
    output = []
    for partition, offset, bid in bids:
        count, total = states.get(bid["auction"], (0, 0))
        states[bid["auction"]] = count, total = count + 1, total + bid["price"]
        output.append({"auction": bid["auction"], "partition": partition, "offset": offset, "price": bid["price"],
                       "count": count, "sum": total})
    return output


def hot_pair(totals):
    """Indexes of two totals of one auction."""
    first = {}
    for index, total in enumerate(totals):
        if total["auction"] in first:
            return first[total["auction"]], index
        first[total["auction"]] = index
    raise AssertionError("no auction has two bids")


def removed(totals):
    del totals[RECORDS // 2]


def doubled(totals):
    totals.insert(RECORDS // 2, dict(totals[RECORDS // 2]))


def changed(totals):
    totals[RECORDS // 2]["price"] += 1


def swapped(totals):
    one, other = hot_pair(totals)
    totals[one], totals[other] = totals[other], totals[one]


DAMAGES = {"removed": (removed, "lost=1"), "doubled": (doubled, "duplicated=1"), "changed": (changed, "wrong=1"),
           "swapped": (swapped, "out_of_order="), "empty": (lambda totals: totals.clear(), f"lost={RECORDS}")}
CLEAN = f"verdict in={RECORDS} out={RECORDS} lost=0 duplicated=0 wrong=0 out_of_order=0"


class Verifying:
    """The cases; subclasses say where input and output are."""

    def judge(self, name, totals):
        self.write_output(name, totals)
        answer = run(BIN / "demo_verifier", *self.places(name), "--expect", RECORDS, check=False)
        return answer.returncode, answer.stdout.strip().splitlines()[-1]

    def test_passes_an_undamaged_output(self):
        self.assertEqual(self.judge("clean", totals_of(self.bids)), (0, CLEAN))
        counted = run(BIN / "demo_verifier", *self.places("clean"), "--count").stdout
        self.assertEqual(int(counted), RECORDS)

    def test_fails_every_damage(self):
        for name, (damage, finding) in DAMAGES.items():
            with self.subTest(name):
                totals = totals_of(self.bids)
                damage(totals)
                code, verdict = self.judge(name, totals)
                self.assertEqual(code, 1)
                self.assertIn(finding, verdict)


class Files(Verifying, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="weir-verifier-")
        cls.folder = Path(cls.temporary.name)
        (cls.folder / "bids").mkdir()
        run(BIN / "demo_loader", "--target", cls.folder / "bids", "--records", RECORDS, "--seconds", 0)
        cls.bids = []
        for number, path in enumerate(sorted((cls.folder / "bids").iterdir())):
            offset = 0
            for line in path.read_bytes().splitlines(keepends=True):
                # A job makes numbers of its own for files: the verifier must find out which is which.
                cls.bids.append((1000 - 7 * number, offset, json.loads(line)))
                offset += len(line)
        assert len(cls.bids) == RECORDS

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def places(self, name):
        return "--input", self.folder / "bids", "--output", self.folder / name

    def write_output(self, name, totals):
        (self.folder / name).mkdir()
        for task in (0, 1):
            mine = [total for total in totals if total["auction"] % 2 == task]
            middle = len(mine) // 2
            # Checkpoint 10 comes after checkpoint 9, whatever the text says.
            for number, part in (("9", mine[:middle]), ("0000000010", mine[middle:])):
                path = self.folder / name / f"part-{number}-{task}-0123abcd.json"
                path.write_text("".join(json.dumps(total) + "\n" for total in part))


class Topics(Verifying, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="weir-verifier-")
        cls.broker = "--dir", Path(cls.temporary.name) / "kafka"
        run(TOOLS / "kafka", "start", *cls.broker)
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.addClassCleanup(run, TOOLS / "kafka", "kill", *cls.broker)
        cls.bootstrap = run(TOOLS / "kafka", "status", "--bootstrap", *cls.broker).stdout.strip()
        run(TOOLS / "kafka", "topic", "create", "bids", "--partitions", 4, *cls.broker)
        run(BIN / "demo_loader", "--bootstrap", cls.bootstrap, "--target", "bids", "--records", RECORDS,
            "--seconds", 0.5)
        lines = run("kcat", "-q", "-b", cls.bootstrap, "-C", "-t", "bids", "-o", "beginning", "-e",
                    "-f", "%p %o %s\n").stdout.splitlines()
        cls.bids = []
        for line in lines:
            partition, offset, text = line.split(" ", 2)
            cls.bids.append((int(partition), int(offset), json.loads(text)))
        assert len(cls.bids) == RECORDS

    def places(self, name):
        return "--bootstrap", self.bootstrap, "--input", "bids", "--output", name

    def write_output(self, name, totals):
        run(TOOLS / "kafka", "topic", "create", name, "--partitions", 3, *self.broker)
        lines = "".join(f"{total['auction']}&{json.dumps(total)}\n" for total in totals)
        if lines:
            run(TOOLS / "kafka", "produce", name, "--key-separator", "&", *self.broker, stdin=lines)


if __name__ == "__main__":
    BIN = Path(sys.argv.pop(1)).resolve()
    unittest.main()
