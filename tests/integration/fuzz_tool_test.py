#!/usr/bin/env python3
"""Tests tools/fuzz with a program in place of the fuzzers that says what they would say."""

import os
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "fuzz"
LOOKED_FOR_SECONDS = 20

# How long json takes: no process of another run of this test on this machine takes as long.
SLEEP_SECONDS = f"125.5{os.getpid()}"
# Finds something for csv; for json it is not there in time.
STAND_IN = """#!/bin/sh
echo "stat::number_of_executed_units: 1234"
echo "stat::new_units_added:          56"
case "$*" in
  *--target=csv*)
    for word; do case $word in -artifact_prefix=*) found="${word#*=}crash-1" ;; esac; done
    echo bytes > "$found"
    echo "weir: broken invariant at csv_fuzz.cc:7: it was read as something else"
    echo "SUMMARY: libFuzzer: deadly signal"
    echo "artifact_prefix='x'; Test unit written to $found"
    exit 77 ;;
  *--target=json*) exec sleep SLEEP_SECONDS ;;
esac
""".replace("SLEEP_SECONDS", SLEEP_SECONDS)


class FuzzTool(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="weir-fuzz-")
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.program = self.folder / "stand_in"
        self.program.write_text(STAND_IN, encoding="utf-8")
        self.program.chmod(0o755)

    def command(self, *arguments):
        return [str(TOOL), "--program", str(self.program), "--dir", str(self.folder), *arguments]

    def fuzz(self, *arguments):
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, check=False)

    def test_says_what_each_target_has_done(self):
        ended = self.fuzz("key", "binary")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        for target in ("key", "binary"):
            self.assertRegex(ended.stdout, rf"(?m)^{target} +1234 +56  -$")

    def test_a_find_fails_keeps_its_input_and_says_how_to_repeat_it_while_others_go_on(self):
        ended = self.fuzz("--jobs", "1", "csv", "key")
        self.assertEqual(ended.returncode, 1)
        found = self.folder / "finds" / "csv-crash-1"
        self.assertEqual(found.read_text(encoding="utf-8"), "bytes\n")
        self.assertIn("FOUND by csv: broken invariant at csv_fuzz.cc:7: it was read as something else", ended.stdout)
        self.assertIn(f"{self.program} --target=csv {found}", ended.stdout)
        self.assertRegex(ended.stdout, r"(?m)^key +1234 ")

    def test_interrupted_it_ends_what_it_has_started(self):
        with subprocess.Popen(self.command("json", "key", "--jobs", "1"), stdout=subprocess.PIPE, text=True) as tool:
            for line in tool.stdout:
                if line.startswith("target"):
                    break
            tool.send_signal(signal.SIGTERM)
            said = tool.communicate(timeout=LOOKED_FOR_SECONDS)[0]
        self.assertEqual(tool.returncode, 130)
        self.assertIn("interrupted", said)
        self.assertFalse([path for path in Path("/proc").glob("[0-9]*/cmdline") if _holds(path, SLEEP_SECONDS.encode())])

    def test_a_target_that_is_not_there_is_wrong_usage(self):
        ended = self.fuzz("jsom")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("json", ended.stderr)


def _holds(path, text):
    try:
        return text in path.read_bytes()
    except OSError:
        return False


if __name__ == "__main__":
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    unittest.main()
