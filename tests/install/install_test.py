#!/usr/bin/env python3
"""Installs Weir to a temporary folder and builds and runs a user's job against it, as a project outside the tree would.

usage: install_test.py BUILD_FOLDER       (which must be built)

Prints the CPU time of compiling that job, which is what every user pays for each change.
"""

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path

JOB = Path(__file__).resolve().parent / "job"
README = Path(__file__).resolve().parents[2] / "README.md"
COMPILE_CPU_SECONDS_AIM = 3.0
FLAGS = "-O2 -DNDEBUG"
BIDS = 3000
BUILD = None


# What is meant for tests must not reach a job: it takes WEIR_... for configuration.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}


def run(*command, cwd=None, env=None):
    answer = subprocess.run([str(word) for word in command], cwd=cwd, env=env or ENVIRONMENT, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if answer.returncode:
        raise AssertionError(f"{' '.join(str(word) for word in command)} ended with {answer.returncode}:\n"
                             f"{answer.stdout}")
    return answer.stdout


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="weir-install-")
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = Path(temporary.name)
        cls.prefix = cls.folder / "prefix"
        cls.build = cls.folder / "build"
        run("cmake", "--install", BUILD, "--prefix", cls.prefix, "--component", "weir")
        run("cmake", "-G", "Ninja", "-S", JOB, "-B", cls.build, f"-DCMAKE_PREFIX_PATH={cls.prefix}",
            f"-DCMAKE_CXX_FLAGS={FLAGS}")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run("cmake", "--build", cls.build, env={**ENVIRONMENT, "CCACHE_DISABLE": "1"})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cls.cpu_seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        cls.job = cls.build / "bid_counts"

    def test_the_job_prints_its_plan(self):
        plan = run(self.job, "plan")
        for name in ("bids", "counts", "out"):
            self.assertRegex(plan, rf"\b{name}\b")

    def test_the_job_runs(self):
        folder = self.folder / "run"
        (folder / "bids").mkdir(parents=True)
        bids = [{"auction": i * i % 7, "price": i} for i in range(1, BIDS + 1)]
        (folder / "bids" / "a.json").write_text("".join(json.dumps(bid) + "\n" for bid in bids))
        run(self.job, "run", "-D", f"execution.checkpointing.dir={folder / 'checkpoints'}", cwd=folder)
        rows = [json.loads(line) for part in sorted((folder / "counts").glob("part-*"))
                for line in part.read_text().splitlines()]
        expected = Counter(bid["auction"] for bid in bids)
        self.assertEqual(len(rows), BIDS)
        self.assertEqual({row["auction"]: row["count"] for row in sorted(rows, key=lambda row: row["count"])}, expected)

    def test_the_job_of_the_readme_builds_as_it_says(self):
        blocks = dict(re.findall(r"^```(cpp|cmake)\n(.*?)^```$", README.read_text(encoding="utf-8"),
                                 re.DOTALL | re.MULTILINE))
        folder = self.folder / "readme"
        folder.mkdir()
        (folder / "main.cc").write_text(blocks["cpp"])
        (folder / "CMakeLists.txt").write_text(blocks["cmake"])
        run("cmake", "-B", "build", "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_PREFIX_PATH={self.prefix}", cwd=folder)
        run("cmake", "--build", "build", cwd=folder)
        self.assertIn('source "bids"', run("build/totals", "plan", cwd=folder))

    def test_no_installed_header_needs_one_that_is_not(self):
        headers = self.prefix / "include" / "weir"
        for path in sorted(headers.rglob("*.h")):
            for name in re.findall(r'^#include "([^"]+)"', path.read_text(encoding="utf-8"), re.MULTILINE):
                self.assertTrue((headers / name).exists(), f"{path.relative_to(headers)} includes {name}")

    def test_says_what_compiling_a_job_costs(self):
        verdict = "within" if self.cpu_seconds <= COMPILE_CPU_SECONDS_AIM else "OVER"
        print(f"compiling and linking a job of 20 lines with {FLAGS}: {self.cpu_seconds:.2f} s of CPU, {verdict} the "
              f"aim of {COMPILE_CPU_SECONDS_AIM:.1f} s")
        self.assertGreater(self.cpu_seconds, 0)


if __name__ == "__main__":
    BUILD = Path(sys.argv.pop(1)).resolve()
    unittest.main()
