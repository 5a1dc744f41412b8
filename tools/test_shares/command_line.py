"""What can be asked of tools/test, and clearing up around a run."""

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from . import plan
from .run import SEEDS, Run
from .steps import adopt_orphans, end_orphans
from .stopwatch import Stopwatch

EXIT_INTERRUPTED = 130
COMMAND_SHOWN = 200
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments):
    asked = _parser().parse_args(arguments)
    if asked.seed is None:
        asked.seed = random.SystemRandom().randrange(SEEDS)
    for number in ENDING_SIGNALS:
        signal.signal(number, _interrupt)
    adopt_orphans()
    stopwatch = Stopwatch()
    if asked.began:
        stopwatch.add(plan.BUILD, max(0.0, time.time() - asked.began))
    folder = Path(tempfile.mkdtemp(prefix="weir-test-"))
    run = Run(asked, folder, stopwatch, random.Random(asked.seed))
    print(f"test: seed {asked.seed}", flush=True)
    code = 1
    try:
        code = run.go()
    except KeyboardInterrupt:
        print("test: interrupted; everything that was started is ended", flush=True)
        code = EXIT_INTERRUPTED
    finally:
        _ignore_endings()
        run.steps.end()
        for command in end_orphans():
            print(f"test: WARNING: left behind by a test and ended now: {command[:COMMAND_SHOWN]}", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
    return code


def _interrupt(_number, _frame):
    _ignore_endings()   # Clearing up is not interrupted.
    raise KeyboardInterrupt


def _ignore_endings():
    for number in ENDING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _parser():
    parser = argparse.ArgumentParser(
        prog="test", description="Installs what is missing, builds, runs the tests, and ends with ctest's summary. "
        "Each kind of test has a share of the time; being over it is a warning, not a failure.",
        epilog="The exit code is 0 only if everything was built and passed. Logs of builds: build/test/logs.")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="without broker and sanitizers; 3 minutes on a built tree")
    size.add_argument("--full", action="store_true",
                      help="full lists in place of draws, on each version of Kafka; up to 75 minutes")
    parser.add_argument("--seed", type=int, metavar="N",
                        help="draw as an earlier run did (default: a new one, printed)")
    parser.add_argument("--began", type=float, default=0.0, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
