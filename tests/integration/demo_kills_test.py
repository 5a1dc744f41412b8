#!/usr/bin/env python3
"""Runs tools/demo itself: an example is killed again and again, and what the demo finds wrong with its output, or with
anything else, fails the test. Small, but for jobs with windows in a full run: 60 kills.

usage: demo_kills_test.py BIN_FOLDER files|kafka [JOB]

WEIR_TEST_SEED and WEIR_TEST_KAFKA_VERSION are the demo's --seed and --version, WEIR_TEST_FULL=1 asks for a full run. With
Kafka it brings its own broker: its job has one id, and a broker remembers what that job has committed.
"""

import os
import subprocess
import sys
from pathlib import Path

DEMO = Path(__file__).resolve().parents[2] / "tools" / "demo"
OPTION_OF = {"WEIR_TEST_SEED": "--seed", "WEIR_TEST_KAFKA_VERSION": "--version"}


def size(job):
    if job == "auction-totals":
        return ["--records", 100_000, "--kills", 4, "--seconds", 8]
    if os.environ.get("WEIR_TEST_FULL", "0") not in ("", "0"):
        return ["--records", 300_000, "--kills", 60, "--end", "drain"]
    return ["--records", 50_000, "--kills", 5, "--end", "drain"]


def main(programs, side, job="auction-totals"):
    command = [DEMO, job, "--bin", programs, *size(job)]
    command += ["--files"] if side == "files" else []
    for variable, option in OPTION_OF.items():
        if value := os.environ.get(variable):
            command += [option, value]
    # What is meant for tests must not reach the job: it takes what begins with WEIR_ for configuration.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_TEST_")}
    return subprocess.run([str(word) for word in command], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
