"""What can be asked of benchmarks/run."""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from . import costs, latency, nexmark, nexmark_kills, peers, recovery, throughput, workers
from .bench import Bench
from .errors import BenchError
from .figures import table

ROOT = Path(__file__).resolve().parents[2]

PARTS = {
    "engine": (workers.counts, "running counts on one worker without a broker: rows per CPU-second, CPU time of a step"),
    "windows": (workers.windows, "the same of windows"),
    "joins": (workers.joins, "the same of joins by time; their state over a backlog, with pacing and without"),
    "timers": (workers.timers, "the same of a function with timers"),
    "copy": (throughput.copy, "kafka-copy against the plain loop, one and two partitions"),
    "totals": (throughput.totals, "auction-totals with 100 K auctions against the plain loop"),
    "guarantees": (throughput.guarantees, "kafka-copy exactly once against at least once"),
    "stall": (throughput.stall_and_memory, "auction-totals with 1 M auctions: time stalled, resident memory"),
    "nexmark": (nexmark.measure, "the Nexmark queries against plain loops, Flink's figures and the oracle"),
    "nexmark-kills": (nexmark_kills.measure, "the Nexmark queries killed on the way, judged by the oracle"),
    "recovery": (recovery.measure, "kills: start to first commit; clean stops; starts"),
    "latency": (latency.measure, "record sent to record read; commit of a small epoch"),
    "windows-latency": (latency.measure_windows, "the row sent that closes a window to its result read, hot-auctions"),
    "memory": (throughput.stall_and_memory, "the same runs as stall"),
    "peers": (peers.measure, "the Nexmark queries on Flink, by hand only: hours on a busy machine"),
    "idle": (costs.idle, "CPU of a job without input"),
    "compile": (costs.compile_job, "CPU to compile a short job"),
}
# A figure of stall, and what takes longer than all others together.
NOT_IN_ALL = ("memory", "peers")
ALL = [name for name in PARTS if name not in NOT_IN_ALL]
# Above it other programs share the cores, and absolute figures say little.
QUIET_LOAD_MAX = 0.5


def main(arguments):
    asked = _parse(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    bench = Bench(asked)
    figures, failed = [], []
    load = os.getloadavg()[0]
    try:
        for part in ALL if asked.part == "all" else [asked.part]:
            try:
                figures += PARTS[part][0](bench)
            except BenchError as error:
                # One broken part must not cost the figures of the others.
                failed.append(part)
                print(f"benchmarks/run {part}: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted: what was started is ended", file=sys.stderr)
        failed.append("the rest")
    finally:
        bench.close()
    _print(asked, figures, failed, load, bench.rounds_repeated)
    return 1 if failed else 0


def _print(asked, figures, failed, load, repeated):
    quiet = "" if load <= QUIET_LOAD_MAX else "; other programs were running: trust ratios"
    print(f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores, load {load:.1f} at the start{quiet}; "
          f"{asked.runs} runs, {asked.kills} kills, {asked.records:,} records"
          + (f"; {repeated} rounds repeated: too few checkpoints" if repeated else "") + "\n")
    print(table(figures))
    missed = [figure.name for figure in figures if figure.verdict() not in ("met", "")]
    print(f"\n{len(figures)} figures, {len(missed)} missed or not counting"
          + (f"; parts that failed: {', '.join(failed)}" if failed else ""))


def _parse(arguments):
    parser = argparse.ArgumentParser(
        prog="benchmarks/run", description="Measures Weir on a broker of its own and prints figures next to targets.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"{name:<12}{words}" for name, (_, words) in PARTS.items())
        + "\nall         everything but peers, about an hour\n\nexit code: 0 measured (met or missed), 1 a part failed")
    parser.add_argument("part", choices=[*PARTS, "all"], metavar="PART", help="what to measure, see below")
    parser.add_argument("--runs", type=int, default=5, help="of each contestant; medians are printed (default 5)")
    parser.add_argument("--records", type=int, default=2_000_000, help="of a throughput run (default 2000000)")
    parser.add_argument("--kills", type=int, default=100, help="of each recovery (default 100)")
    parser.add_argument("--queries", type=lambda names: names.split(","), default=[], metavar="q0,q5",
                        help="of nexmark and peers (default all)")
    parser.add_argument("--flink", type=_settings, default=[], metavar="mini-batch=true,state=hashmap",
                        help="settings of peers: parallelism, mini-batch, state")
    parser.add_argument("--bin", type=Path, default=ROOT / "build" / "release" / "bin", help="folder of the programs")
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs and the broker's data")
    asked = parser.parse_args(arguments)
    if min(asked.runs, asked.records, asked.kills) < 1:
        parser.error("--runs, --records and --kills are at least 1")
    return asked


def _settings(text):
    return [part for pair in text.split(",") for part in (f"--{pair.split('=')[0]}", pair.partition("=")[2])]


def _interrupt(*_):
    raise KeyboardInterrupt
