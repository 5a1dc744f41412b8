#!/usr/bin/env python3
"""Damages what a faultless job with windows put out, and expects the demo's verifier of windows to notice.

usage: demo_window_verifier_test.py BIN_FOLDER       (which holds demo_loader and demo_window_verifier)

The job here is a few lines of Python, over folders. (That topics are read whole is demo_verifier_test's.)
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

RECORDS = 3000
SIZE, SLIDE, DISORDER = 10_000, 2_000, 4_000
BIN = None


def run(*command):
    return subprocess.run([str(part) for part in command], text=True, capture_output=True, check=False)


def hot_auctions_of(files):
    """The windows and the ledger that hot-auctions makes of lists of bids, one list a partition."""
    counts, late = {}, []
    for bids in files:
        greatest = None
        for bid in bids:
            time, watermark = bid["dateTime"], (greatest or 0) - DISORDER
            starts = range((time - SIZE) // SLIDE * SLIDE + SLIDE, time + 1, SLIDE)
            if starts[0] + SIZE <= watermark:
                late.append({"operator_id": "counts", "event_time": time, "watermark": watermark, "row": "{}"})
                continue
            greatest = max(greatest or 0, time)
            for start in starts:
                counts[bid["auction"], start] = counts.get((bid["auction"], start), 0) + 1
    windows = [{"auction": auction, "window": {"start": start, "end": start + SIZE}, "bids": count}
               for (auction, start), count in counts.items()]
    return windows, late


class WindowVerifier(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="weir-verifier-")
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = Path(temporary.name)
        (cls.folder / "bids").mkdir()
        loaded = run(BIN / "demo_loader", "--job", "hot-auctions", "--target", cls.folder / "bids", "--records", RECORDS,
                     "--seconds", 0)
        assert loaded.returncode == 0, loaded.stderr
        files = [[json.loads(line) for line in path.read_text().splitlines()]
                 for path in sorted((cls.folder / "bids").iterdir())]
        cls.windows, cls.late = hot_auctions_of(files)
        assert len(files) == 2 and cls.late

    def judge(self, name, windows, late, records=RECORDS):
        for what, rows in (("windows", windows), ("late", late)):
            folder = self.folder / name / what
            folder.mkdir(parents=True)
            middle = len(rows) // 2
            for number, part in ((1, rows[:middle]), (2, rows[middle:])):
                (folder / f"part-{number}-0-0123abcd.json").write_text("".join(json.dumps(row) + "\n" for row in part))
        answer = run(BIN / "demo_window_verifier", "--job", "hot-auctions", "--input", self.folder / "bids", "--output",
                     self.folder / name / "windows", "--late", self.folder / name / "late", "--expect", records)
        return answer.returncode, answer.stdout.strip().splitlines()[-1]

    def test_passes_what_is_right_in_any_order(self):
        code, verdict = self.judge("right", self.windows[::-1], self.late[::-1])
        self.assertEqual((code, verdict), (0, f"verdict in={RECORDS} expected={len(self.windows)} out={len(self.windows)} "
                                              f"lost=0 doubled=0 wrong=0 unexpected=0 late={len(self.late)} "
                                              f"late_expected={len(self.late)} late_wrong=0"))

    def test_fails_every_damage(self):
        first = self.windows[0]
        another = {**first, "window": {"start": 0, "end": SIZE}}
        for name, windows, late, finding in (
                ("lost", self.windows[1:], self.late, "lost=1 doubled=0 wrong=0 unexpected=0"),
                ("doubled", self.windows + [first], self.late, "lost=0 doubled=1 wrong=0 unexpected=0"),
                ("changed", [{**first, "bids": first["bids"] + 1}, *self.windows[1:]], self.late, "lost=0 doubled=0 wrong=1"),
                ("unreadable", [{"auction": 1}, *self.windows[1:]], self.late, "lost=1 doubled=0 wrong=1"),
                ("unexpected", self.windows + [another], self.late, "unexpected=1"),
                ("late-lost", self.windows, self.late[1:], "late_wrong=1"),
                ("late-doubled", self.windows, self.late + self.late[:1], "late_wrong=1"),
                ("empty", [], self.late, f"lost={len(self.windows)}")):
            with self.subTest(name):
                code, verdict = self.judge(name, windows, late)
                self.assertEqual(code, 1)
                self.assertIn(finding, verdict)

    def test_fails_an_input_of_another_size(self):
        self.assertEqual(self.judge("size", self.windows, self.late, RECORDS + 1)[0], 1)


if __name__ == "__main__":
    BIN = Path(sys.argv.pop(1)).resolve()
    unittest.main()
