"""The shares of a run: how much time each may take and which tests belong to it."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MINUTE = 60.0


@dataclass(frozen=True)
class Share:
    """A part of a run; `budget` and `full_budget` in seconds."""

    name: str
    budget: float
    full_budget: float


BUILD = Share("setup and build", 7 * MINUTE, 7 * MINUTE)
SANITIZERS = Share("sanitizers: build and run", 5 * MINUTE, 9 * MINUTE)
CHEAP = Share("unit, contract, style, examples", 2 * MINUTE, 2 * MINUTE)
# Three minutes of them are fresh seeds, twenty in a full run (weir-sim in tests/CMakeLists.txt).
SIMULATED = Share("simulated runs", 4 * MINUTE, 22 * MINUTE)
BROKER = Share("real broker", 7 * MINUTE, 21 * MINUTE)
# Only with --full.
ADVERSE = Share("adverse: build and run", 0, 8 * MINUTE)
FUZZ = Share("fuzzers: build and run", 0, 6 * MINUTE)
SHARES = [BUILD, SANITIZERS, ADVERSE, FUZZ, CHEAP, SIMULATED, BROKER]

# The first label of this list that a test has says whose it is; a test without one is cheap.
SHARE_OF_LABEL = {"sanitizer": SANITIZERS, "adverse": ADVERSE, "examples": CHEAP, "simulation": SIMULATED, "broker": BROKER}
BROKER_LABEL = "broker"

RELEASE = "release"
SANITIZER_PRESETS = ["address", "thread"]
ADVERSE_PRESETS = ["adverse"]
TEST_PROGRAMS = "weir_test_programs"
FUZZ_PRESET = "fuzz"
FUZZ_PROGRAM = ROOT / "build" / FUZZ_PRESET / "bin" / "weir_fuzz"
FUZZ_SECONDS = 60   # A target.

# Twice the cores: tests that wait for a broker or a process leave them idle. Those that do not take two slots
# (PROCESSORS in cmake/tests.cmake).
SLOTS_PER_CORE = 2


def shares(full):
    """Those of a run that is not a quick one."""
    return [share for share in SHARES if full or share.budget > 0]


def share_of(labels):
    for label, share in SHARE_OF_LABEL.items():
        if label in labels:
            return share
    return CHEAP
