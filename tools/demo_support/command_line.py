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
from .demo_jobs import JOBS
from .drained_run import DrainedRun
from .errors import DemoError
from .kills import REPLAY_EPOCHS_PER_KILL
from .run import Run
from .screen import Screen
from .sides import FilesSide, KafkaSide

ROOT = Path(__file__).resolve().parents[2]
BYTES_PER_RECORD = 1500   # input, output, what was aborted, checkpoints: a rough bound
LOG_LINES_SHOWN = 25
DEFAULT_SECONDS = 60
EXIT_INTERRUPTED = 130
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments):
    asked = _asked(arguments)
    screen = Screen()
    children = Children()
    for number in ENDING_SIGNALS:
        signal.signal(number, children.interrupt)
    folder = Path(tempfile.mkdtemp(prefix="weir-demo-"))
    side = FilesSide(asked.job, folder) if asked.files else KafkaSide(asked.job, folder, asked.version)
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
    screen.say(f"demo: {asked.job.name}, {asked.records:,} {asked.job.records}, {asked.kills} kills, {side.name}, "
               f"seed {asked.seed}, in {folder}")
    free = shutil.disk_usage(folder).free
    if free < asked.records * BYTES_PER_RECORD:
        raise DemoError(f"{folder} has {free >> 20} MB free, {asked.records * BYTES_PER_RECORD >> 20} MB may be "
                        "needed; free some, set TMPDIR to another place, or ask for fewer --records")
    binaries = asked.bin or _build(asked.job, side, folder, children, screen)
    if missing := [name for name in asked.job.programs if not (binaries / name).is_file()]:
        raise DemoError(f"{binaries} has no {', '.join(missing)}: build {'it' if len(missing) == 1 else 'them'}, or leave "
                        "--bin away")
    screen.say(f"demo: {side.start()}")
    course = DrainedRun if asked.end == "drain" else Run
    screen.final, problems = course(asked, side, folder, binaries, children, screen).go()
    for problem in problems:
        screen.say(f"demo: FAILED: {problem}")
    return 1 if problems else 0


def _build(job, side, folder, children, screen):
    """Installs what is missing and builds; returns the folder of the programs."""
    preset = "release"
    steps = [("setting up", [ROOT / "tools" / "setup", *side.setup_options]),
             ("configuring", ["cmake", "--preset", preset]),
             ("building", ["cmake", "--build", "--preset", preset, "-j2", "--target", *job.programs])]
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


def _asked(arguments):
    parser = _parser()
    asked = parser.parse_args(arguments)
    asked.job = JOBS[asked.job]
    only = "drain" if asked.job.has_windows else "stop"
    asked.end = asked.end or only
    if asked.end != only:
        parser.error("--end stop leaves windows open, and nobody could say what is missing: "
                     f"{asked.job.name} ends with --end drain" if asked.job.has_windows else
                     f"--end drain is for jobs with windows: {asked.job.name} has none that could fire")
    if asked.end == "drain" and asked.seconds is not None:
        parser.error(f"--seconds: {asked.job.name} is killed over what was loaded before, as fast as it goes")
    if asked.end == "drain" and asked.records < asked.kills * REPLAY_EPOCHS_PER_KILL:
        parser.error(f"--records: {asked.kills} kills need {asked.kills * REPLAY_EPOCHS_PER_KILL} records at least")
    asked.seconds = asked.seconds or DEFAULT_SECONDS
    return asked


def _parser():
    parser = argparse.ArgumentParser(
        prog="demo", description="Runs an example, kills it with SIGKILL again and again, restarts it each time, and "
        "verifies from outside that its output is exactly right: auction-totals while bids are loaded, until it is "
        "stopped; the jobs with windows over what was loaded before, until every window has fired.",
        epilog="The last line says what was found; exit code 0 only if all of it is right. Everything is in a "
        "temporary folder, which is removed unless something went wrong or --keep is given.")
    parser.add_argument("job", nargs="?", choices=list(JOBS), default="auction-totals", metavar="JOB",
                        help=f"{', '.join(JOBS)} (default auction-totals)")
    parser.add_argument("--end", choices=["stop", "drain"],
                        help="how the job ends: auction-totals by a stop when all is committed, the others by a drain, "
                        "so that every window fires (default: as the job does)")
    parser.add_argument("--records", type=_positive, default=2_000_000, metavar="N",
                        help="records to load (default 2000000)")
    parser.add_argument("--kills", type=_natural, default=20, metavar="N", help="how often to kill (default 20)")
    parser.add_argument("--seconds", type=_positive, metavar="S",
                        help="how long loading takes (default 60); what is drained is loaded at once")
    parser.add_argument("--seed", type=_natural, default=random.SystemRandom().randrange(10**6), metavar="N",
                        help="makes the same input and the same plan of kills again (default: a random one, printed)")
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
