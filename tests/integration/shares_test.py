#!/usr/bin/env python3
"""Tests the parts of tools/test on build folders that hold a few tests of no substance."""

import contextlib
import io
import os
import signal
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from test_shares import plan, steps  # noqa: E402
from test_shares.steps import ENDED_WITHIN_SECONDS  # noqa: E402
from test_shares.stopwatch import Stopwatch, table  # noqa: E402
from test_shares.tests import Tests  # noqa: E402


class FakeClock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Timing(unittest.TestCase):
    def test_time_goes_to_what_runs_and_is_split_where_several_run(self):
        clock = FakeClock()
        watch = Stopwatch(clock)
        watch.start(plan.CHEAP)
        clock.now = 2
        watch.start(plan.BROKER)
        clock.now = 6
        watch.stop(plan.CHEAP)
        clock.now = 7
        watch.stop(plan.BROKER)
        clock.now = 9
        self.assertEqual(watch.seconds, {plan.CHEAP: 4, plan.BROKER: 3})

    def test_a_share_over_its_budget_is_warned_of(self):
        watch = Stopwatch(FakeClock())
        watch.add(plan.CHEAP, plan.CHEAP.budget + 61)
        first, together = table([plan.CHEAP], watch, full=False)
        self.assertIn("WARNING: 1:01 over", first)
        self.assertNotIn("WARNING", together)

    def test_budgets_fit_in_the_whole(self):
        self.assertLessEqual(sum(share.budget for share in plan.SHARES), 25 * plan.MINUTE)
        self.assertLessEqual(sum(share.full_budget for share in plan.SHARES), 75 * plan.MINUTE)

    def test_a_test_belongs_to_the_share_of_its_strongest_label(self):
        self.assertEqual(plan.share_of(["unit"]), plan.CHEAP)
        self.assertEqual(plan.share_of(["broker"]), plan.BROKER)
        self.assertEqual(plan.share_of(["broker", "sanitizer"]), plan.SANITIZERS)
        self.assertEqual(plan.share_of(["broker", "examples"]), plan.CHEAP)

    def test_adverse_build_and_fuzzers_belong_to_full_runs(self):
        self.assertEqual(set(plan.shares(full=True)) - set(plan.shares(full=False)), {plan.ADVERSE, plan.FUZZ})


class WithFolder(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="weir-shares-")
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.steps = steps.Steps(self.folder, self.folder)
        self.addCleanup(self.steps.end)

    def build(self, name, **programs):
        """A build folder with a test for each program."""
        folder = self.folder / name
        folder.mkdir()
        lines = [f'add_test("{name}.{test}" "sh" "-c" "{script}")\n'
                 f'set_tests_properties("{name}.{test}" PROPERTIES LABELS "{test}")\n'
                 for test, script in programs.items()]
        (folder / "CTestTestfile.cmake").write_text("".join(lines))
        return folder

    def run_tests(self, *builds, environment=None, **chosen):
        watch = Stopwatch()
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            outcome = Tests(self.steps, self.folder / "all", builds).run(watch, environment or {}, **chosen)
        return outcome, watch, printed.getvalue()


class OneCtest(WithFolder):
    def test_runs_the_tests_of_all_folders_and_keeps_the_summary_back(self):
        outcome, watch, printed = self.run_tests(self.build("a", unit="true"), self.build("b", sanitizer="true"))
        self.assertTrue(outcome.passed)
        self.assertEqual(outcome.summary[0], "100% tests passed, 0 tests failed out of 2")
        self.assertNotIn("tests passed", printed)
        self.assertEqual(set(watch.seconds), {plan.CHEAP, plan.SANITIZERS})

    def test_a_failure_in_any_folder_is_a_failure_and_named(self):
        outcome, _, printed = self.run_tests(self.build("a", unit="true"), self.build("b", sanitizer="echo why; false"))
        self.assertFalse(outcome.passed)
        self.assertIn("b.sanitizer (Failed)", "\n".join(outcome.summary))
        self.assertIn("why", printed)

    def test_chooses_with_and_without_broker(self):
        build = self.build("a", unit="true", broker="true")
        only, _, _ = self.run_tests(build, only_broker=True)
        self.assertIn("out of 1", only.summary[0])
        without, watch, _ = self.run_tests(build, without_broker=True)
        self.assertIn("out of 1", without.summary[0])
        self.assertEqual(set(watch.seconds), {plan.CHEAP})

    def test_no_tests_at_all_is_a_failure(self):
        self.assertFalse(self.run_tests(self.build("a"))[0].passed)

    def test_tests_are_told_where_the_broker_is(self):
        build = self.build("a", broker="test $WEIR_TEST_BOOTSTRAP = here:1")
        self.assertTrue(self.run_tests(build, environment={"WEIR_TEST_BOOTSTRAP": "here:1"})[0].passed)


class Programs(WithFolder):
    def test_a_failed_step_shows_its_end_and_names_its_log(self):
        with contextlib.redirect_stdout(io.StringIO()) as printed, self.assertRaises(steps.StepFailed) as caught:
            self.steps.run("build it", ["sh", "-c", "echo no such flag; exit 3"])
        self.assertIn("no such flag", printed.getvalue())
        self.assertIn("build-it.log", str(caught.exception))
        self.assertIn("ended with 3", str(caught.exception))

    def test_what_outlives_its_starter_is_ended(self):
        steps.adopt_orphans()
        self.steps.run("leave one", ["sh", "-c", "setsid sleep 123.5 & exec 1>&- 2>&-; sleep 0.1"])
        self.assertEqual(steps.end_orphans(), ["sleep 123.5"])
        self.assertEqual(steps.end_orphans(), [])

    def test_an_interrupted_step_is_ended_with_its_children(self):
        def interrupt(*_):
            raise KeyboardInterrupt
        self.addCleanup(signal.signal, signal.SIGALRM, signal.signal(signal.SIGALRM, interrupt))
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with self.assertRaises(KeyboardInterrupt):
            self.steps.run("wait", ["sh", "-c", "sleep 124.5; true"])
        self.steps.end()
        # A child that was told to end does so in its own time.
        until = time.monotonic() + ENDED_WITHIN_SECONDS
        while _running(b"124.5") and time.monotonic() < until:
            os.sched_yield()
        self.assertEqual(_running(b"124.5"), [])


def _running(text):
    return [path for path in Path("/proc").glob("[0-9]*/cmdline") if _holds(path, text)]


def _holds(path, text):
    try:
        return text in path.read_bytes()
    except OSError:
        return False


if __name__ == "__main__":
    unittest.main()
