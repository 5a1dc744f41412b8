"""ctest over all build folders at once, so that there is one list of tests, one queue and one summary."""

import json
import os
import re
import subprocess
from dataclasses import dataclass, field

from .plan import BROKER_LABEL, SLOTS_PER_CORE, share_of
from .steps import StepFailed

STARTED = re.compile(r"^\s*Start\s+(\d+): (.*)$")
ENDED = re.compile(r"^\s*\d+/\d+ Test\s+#(\d+): ")
SUMMARY = re.compile(r"^\d+% tests passed")
# The broker's fixture of a plain ctest is not wanted: the run has a broker.
FIXTURE_TESTS = "^kafka_(start|stop)$"
FIXTURE = "^kafka$"


@dataclass
class Outcome:
    """`summary` is what ctest says at its end, line by line."""

    passed: bool
    summary: list = field(default_factory=list)


class Tests:
    """The tests of some build folders. `folder` is for ctest's own files."""

    def __init__(self, steps, folder, builds):
        self._steps = steps
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        lists = "".join(f'subdirs("{build}")\n' for build in builds)
        (folder / "CTestTestfile.cmake").write_text("# Written by tools/test.\n" + lists, encoding="utf-8")

    def run(self, stopwatch, environment, only_broker=False, without_broker=False):
        """Runs them, prints what ctest prints but for the summary, and adds the time to the shares."""
        chosen = ["-L", f"^{BROKER_LABEL}$"] if only_broker else ["-LE", f"^{BROKER_LABEL}$"] if without_broker else []
        command = ["ctest", "--test-dir", self._folder, *chosen, "-E", FIXTURE_TESTS, "-FA", FIXTURE]
        shares = self._shares(command, environment)
        jobs = SLOTS_PER_CORE * (os.cpu_count() or 1)
        outcome = Outcome(passed=False)
        running = {}
        lines = self._steps.lines([*command, "-j", jobs, "--output-on-failure", "--no-label-summary",
                                   "--no-tests=error", "--output-junit", self._folder / "results.xml"], environment)
        try:
            while True:
                line = next(lines)
                if outcome.summary or SUMMARY.match(line):
                    outcome.summary.append(line)
                    continue
                print(line, flush=True)
                if match := STARTED.match(line):
                    running[match[1]] = share = shares[match[2]]
                    stopwatch.start(share)
                elif (match := ENDED.match(line)) and match[1] in running:
                    stopwatch.stop(running.pop(match[1]))
        except StopIteration as end:
            outcome.passed = end.value == 0
        finally:
            for share in running.values():
                stopwatch.stop(share)
        return outcome

    def _shares(self, command, environment):
        """Whose each test is, by its name."""
        answer = subprocess.run([*map(str, command), "--show-only=json-v1"], capture_output=True, text=True,
                                check=False, env={**os.environ, **environment})
        if answer.returncode:
            raise StepFailed("list of tests", f"ctest ended with {answer.returncode}: {answer.stdout}{answer.stderr}")
        shares = {}
        for test in json.loads(answer.stdout)["tests"]:
            labels = next((entry["value"] for entry in test.get("properties", []) if entry["name"] == "LABELS"), [])
            shares[test["name"]] = share_of(labels)
        return shares
