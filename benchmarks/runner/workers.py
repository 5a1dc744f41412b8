"""What one worker does without a broker: running counts, windows, joins by time, timers. Their programs print each case with
its targets."""

import re

from .errors import BenchError
from .figures import CHECKPOINTS_PER_SECOND_MIN, Figure

TARGET = r"\((?:target ([\d.]+)|no target)\)"
RATE = re.compile(rf"^(\S+) +(\d+) keys +([\d.]+) M rows per worker CPU-s {TARGET} +(other threads [\d.]+ CPU-s/s) +"
                  r"([\d.]+) checkpoints/s", re.MULTILINE)
STEP = re.compile(rf"^(\S+) +(\d+) keys +step CPU p99.9 ([\d.]+) ms {TARGET}, max ([\d.]+) ms {TARGET}", re.MULTILINE)
BACKLOG = re.compile(r"^(\S+) +(\d+) rows +1:(\d+) +entries of state: (\d+) in step, (\d+) paced: ([\d.]+) \(target ([\d.]+)\), "
                     r"(\d+) without pacing: ([\d.]+)", re.MULTILINE)
SECONDS_MAX = 1800


def counts(bench):
    return _measure(bench, "bench_engine")


def windows(bench):
    return _measure(bench, "bench_windows")


def joins(bench):
    return _measure(bench, "bench_joins")


def timers(bench):
    return _measure(bench, "bench_process")


def _measure(bench, program):
    bench.say(f"{program}: {bench.runs} runs of each case")
    usage = bench.children.run([bench.program(program), "--runs", bench.runs, "--directory", bench.fresh_folder(program)],
                               SECONDS_MAX, bench.folder / f"{program}.log")
    figures = []
    for name, keys, rate, target, others, checkpoints in RATE.findall(usage.output):
        figures.append(Figure(f"{name}, {int(keys):,} keys", float(rate), "M rows per worker CPU-s", _number(target),
                              at_most=False, counts=float(checkpoints) >= CHECKPOINTS_PER_SECOND_MIN,
                              note=f"{others}, {checkpoints} checkpoints/s"))
    for name, keys, p999, p999_max, largest, largest_max in STEP.findall(usage.output):
        figures.append(Figure(f"CPU time of a step, {name}, {int(keys):,} keys, p99.9", float(p999), "ms", _number(p999_max)))
        figures.append(Figure(f"CPU time of a step, {name}, {int(keys):,} keys, max", float(largest), "ms",
                              _number(largest_max)))
    for name, rows, speed, in_step, paced, part, target, unpaced, unpaced_part in BACKLOG.findall(usage.output):
        figures.append(Figure(f"{name}, {int(rows):,} rows at 1:{speed}, most state", float(part), "of that in step",
                              float(target), note=f"{in_step} entries in step, {paced} paced, {unpaced} without pacing "
                                                  f"({unpaced_part})"))
    if not figures:
        raise BenchError(f"{program} printed something else than expected:\n{usage.output[-2000:]}")
    return figures


def _number(text):
    return float(text) if text else None
