#!/usr/bin/env python3
"""Tests tools/demo itself, with a job that stands in for auction-totals and folders in place of Kafka.

usage: demo_test.py BIN_FOLDER       (which holds demo_loader and demo_verifier)
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
DEMO = HERE.parents[1] / "tools" / "demo"
RECORDS = 9000
KILLS = 4
BIN = None


class Demo(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="weir-demo-test-")
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.programs = self.folder / "bin"
        self.programs.mkdir()
        for program in ("demo_loader", "demo_verifier"):
            (self.programs / program).symlink_to(BIN / program)
        (self.programs / "auction-totals").symlink_to(HERE / "stand_in_job.py")

    def start(self, **environment):
        command = [DEMO, "--files", "--bin", self.programs, "--records", RECORDS, "--kills", KILLS, "--seconds", 4,
                   "--seed", 7]
        return subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True,
                                env={**os.environ, "TMPDIR": str(self.folder), **environment})

    def left_behind(self):
        """Processes that still use the folder, and what is in it besides the programs."""
        marked = [path.parent.name for path in Path("/proc").glob("[0-9]*/cmdline")
                  if str(self.folder).encode() in read_or_nothing(path)]
        return marked, [entry.name for entry in self.folder.iterdir() if entry != self.programs]

    def test_says_that_a_faultless_job_is_faultless(self):
        demo = self.start()
        out, _ = demo.communicate()
        self.assertEqual(demo.returncode, 0, out)
        self.assertEqual(out.splitlines()[-1], f"exactly-once: {RECORDS} in, {RECORDS} out, {KILLS} kills, 0 lost, "
                                               "0 duplicated, 0 wrong, 0 out of order")
        self.assertEqual(self.left_behind(), ([], []))

    def test_fails_a_job_that_forgets_its_state(self):
        demo = self.start(STAND_IN_FAULT="forgets")
        out, _ = demo.communicate()
        self.assertEqual(demo.returncode, 1, out)
        self.assertRegex(out.splitlines()[-1],
                         rf"^exactly-once: {RECORDS} in, {RECORDS} out, .* [1-9]\d* out of order$")
        processes, kept = self.left_behind()
        self.assertEqual(processes, [])
        self.assertEqual(len(kept), 1, "the folder of a failed run is kept")

    def test_fails_a_job_that_ends_by_itself_and_shows_its_log(self):
        (self.programs / "auction-totals").unlink()
        (self.programs / "auction-totals").write_text("#!/bin/sh\necho no broker anywhere >&2\nexit 1\n")
        (self.programs / "auction-totals").chmod(0o755)
        demo = self.start()
        out, _ = demo.communicate()
        self.assertEqual(demo.returncode, 1)
        self.assertIn("no broker anywhere", out)
        self.assertIn("exit code 1", out)

    def test_refuses_what_does_not_fit_together(self):
        for words, reason in ((["hot-auction"], "invalid choice: 'hot-auction'"), (["--end", "drain"], "has none that could"),
                              (["sessions", "--end", "stop"], "leaves windows open"),
                              (["hot-auctions", "--seconds", "9"], "loaded before"),
                              (["hot-auctions", "--records", "100"], "20 kills need 240 records"),
                              (["hot-auctions", "--files", "--bin", self.programs], "has no hot-auctions")):
            with self.subTest(words):
                demo = subprocess.run([str(word) for word in [DEMO, *words]], text=True, capture_output=True, check=False,
                                      env={**os.environ, "TMPDIR": str(self.folder)})
                self.assertNotEqual(demo.returncode, 0)
                self.assertIn(reason, demo.stdout + demo.stderr)

    def test_interrupted_leaves_nothing_behind(self):
        demo = self.start()
        first = [demo.stdout.readline() for _ in range(3)]
        self.assertIn("loaded", first[-1])
        time.sleep(0.5)   # Somewhere in the run: any moment will do.
        demo.send_signal(signal.SIGINT)
        demo.communicate()
        self.assertEqual(demo.returncode, 130)
        self.assertEqual(self.left_behind(), ([], []))


def read_or_nothing(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


if __name__ == "__main__":
    BIN = Path(sys.argv.pop(1)).resolve()
    unittest.main()
