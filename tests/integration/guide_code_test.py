#!/usr/bin/env python3
"""What docs/testing.md shows is what a test runs.

usage: guide_code_test.py
"""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs/testing.md"
COMPILED = ROOT / "tests/unit/environment/testing_guide_test.cc"


class TestingGuide(unittest.TestCase):
    def test_every_program_is_one_that_is_compiled_and_run(self):
        programs = re.findall(r"^```cpp\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        self.assertGreater(len(programs), 4)
        compiled = COMPILED.read_text(encoding="utf-8")
        for program in programs:
            self.assertIn("\n" + program, compiled, f"{GUIDE.name} shows what {COMPILED.name} does not have:\n{program}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
