#!/usr/bin/env python3
"""Runs tools/demo itself, small: examples/auction-totals is killed again and again, and what the demo finds wrong with its
output, or with anything else, fails the test.

usage: demo_kills_test.py BIN_FOLDER files|kafka

WEIR_TEST_SEED and WEIR_TEST_KAFKA_VERSION are the demo's --seed and --version. With Kafka it brings its own broker: its
job has one id, and a broker remembers what that job has committed.
"""

import os
import subprocess
import sys
from pathlib import Path

DEMO = Path(__file__).resolve().parents[2] / "tools" / "demo"
OPTION_OF = {"WEIR_TEST_SEED": "--seed", "WEIR_TEST_KAFKA_VERSION": "--version"}


def main(programs, side):
    command = [DEMO, "--bin", programs, "--records", 100_000, "--kills", 4, "--seconds", 8]
    command += ["--files"] if side == "files" else []
    for variable, option in OPTION_OF.items():
        if value := os.environ.get(variable):
            command += [option, value]
    # What is meant for tests must not reach the job: it takes what begins with WEIR_ for configuration.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_TEST_")}
    return subprocess.run([str(word) for word in command], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
