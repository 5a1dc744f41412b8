"""What can be asked of tools/demo, and setting up and clearing up around a run."""

import argparse
import random
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from kafka_broker.jars import DEFAULT_VERSION, VERSIONS

from .children import Children
from .errors import DemoError
from .run import Run
from .screen import Screen
from .sides import FilesSide, KafkaSide

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ["auction-totals", "demo_loader", "demo_verifier"]
BYTES_PER_RECORD = 1500   # input, output, what was aborted, checkpoints: a rough bound
LOG_LINES_SHOWN = 25
EXIT_INTERRUPTED = 130
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments):
    asked = _parser().parse_args(arguments)
    screen = Screen()
    children = Children()
    for number in ENDING_SIGNALS:
        signal.signal(number, children.interrupt)
    folder = Path(tempfile.mkdtemp(prefix="weir-demo-"))
    side = FilesSide(folder) if asked.files else KafkaSide(folder, asked.version)
    keep = asked.keep
    code = 1
    try:
        code = _demo(asked, side, folder, children, screen)
        keep = keep or code != 0
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
        screen.say("demo: interrupted; ending everything that was started")
    except DemoError as error:
        keep = True
        _explain(error, screen)
    finally:
        for number in ENDING_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        _clear_up(side, folder, children, keep or sys.exc_info()[0] is not None, code, screen)
    return code


def _demo(asked, side, folder, children, screen):
    screen.say(f"demo: {asked.records:,} bids, {asked.kills} kills, {side.name}, seed {asked.seed}, in {folder}")
    free = shutil.disk_usage(folder).free
    if free < asked.records * BYTES_PER_RECORD:
        raise DemoError(f"{folder} has {free >> 20} MB free, {asked.records * BYTES_PER_RECORD >> 20} MB may be "
                        "needed; free some, set TMPDIR to another place, or ask for fewer --records")
    binaries = asked.bin or _build(side, folder, children, screen)
    screen.say(f"demo: {side.start()}")
    screen.final, problems = Run(asked, side, folder, binaries, children, screen).go()
    for problem in problems:
        screen.say(f"demo: FAILED: {problem}")
    return 1 if problems else 0


def _build(side, folder, children, screen):
    """Installs what is missing and builds; returns the folder of the programs."""
    preset = "release"
    steps = [("setting up", [ROOT / "tools" / "setup", *side.setup_options]),
             ("configuring", ["cmake", "--preset", preset]),
             ("building", ["cmake", "--build", "--preset", preset, "-j2", "--target", *TARGETS])]
    for name, command in steps:
        children.run(name, command, folder / "build.log",
                     lambda line, name=name: screen.progress(f"{name}: {line}"), ROOT)
        screen.say(f"demo: {name}: done")
    return ROOT / "build" / preset / "bin"


def _explain(error, screen):
    if error.log and Path(error.log).exists():
        lines = Path(error.log).read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        screen.say(f"demo: the end of {error.log}:\n" + "\n".join(f"  {line}" for line in lines))
    screen.say(f"demo: FAILED: {error}")


def _clear_up(side, folder, children, keep, code, screen):
    children.end_all()
    side.stop()
    if keep:
        screen.say(f"demo: everything is kept in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
        if code == EXIT_INTERRUPTED:
            screen.say(f"demo: {folder} was removed")
    if screen.final:
        screen.say(screen.final)


def _parser():
    parser = argparse.ArgumentParser(
        prog="demo", description="Runs examples/auction-totals while bids are loaded, kills it with SIGKILL again and "
        "again, restarts it each time, and verifies from outside that its output is exactly right.",
        epilog="The last line says what was found; exit code 0 only if all of it is right. Everything is in a "
        "temporary folder, which is removed unless something went wrong or --keep is given.")
    parser.add_argument("--records", type=_positive, default=2_000_000, metavar="N",
                        help="bids to load (default 2000000)")
    parser.add_argument("--kills", type=_natural, default=20, metavar="N", help="how often to kill (default 20)")
    parser.add_argument("--seconds", type=_positive, default=60, metavar="S",
                        help="how long loading takes (default 60)")
    parser.add_argument("--seed", type=_natural, default=random.SystemRandom().randrange(10**6), metavar="N",
                        help="makes the same bids and the same plan of kills again (default: a random one, printed)")
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder")
    parser.add_argument("--files", action="store_true", help="folders in place of Kafka; needs no Java")
    parser.add_argument("--version", choices=list(VERSIONS), default=DEFAULT_VERSION,
                        help=f"of Kafka (default {DEFAULT_VERSION})")
    parser.add_argument("--bin", type=lambda text: Path(text).resolve(), metavar="DIR",
                        help="use the programs in DIR: no setup, no build")
    return parser


def _positive(text):
    value = _natural(text)
    if value == 0:
        raise argparse.ArgumentTypeError("0 is too few")
    return value


def _natural(text):
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 0")
    return int(text)
