"""What one worker does without a broker: figures of bench_engine."""

import re

from .errors import BenchError
from .figures import CHECKPOINTS_PER_SECOND_MIN, Figure

RATE = re.compile(r"(\d+) keys +([\d.]+) M rows per worker.*other threads ([\d.]+) CPU-s/s +([\d.]+) checkpoints/s")
STEP = re.compile(r"(\d+) keys +step CPU p99.9 ([\d.]+) ms .*max ([\d.]+) ms")
RATE_MIN = {1_000: 25, 1_000_000: 8}
STEP_P999_MS_MAX = 2
STEP_MS_MAX = 5
SECONDS_MAX = 600


def measure(bench):
    bench.say(f"engine: {bench.runs} runs at 1 K and at 1 M keys")
    usage = bench.children.run([bench.program("bench_engine"), "--runs", bench.runs, "--directory",
                                bench.fresh_folder("engine")], SECONDS_MAX, bench.folder / "engine.log")
    figures = []
    for keys, rate, others, checkpoints in RATE.findall(usage.output):
        figures.append(Figure(f"running count, {int(keys):,} keys", float(rate), "M rows per worker CPU-s",
                              RATE_MIN[int(keys)], at_most=False,
                              counts=float(checkpoints) >= CHECKPOINTS_PER_SECOND_MIN,
                              note=f"other threads {others} CPU-s/s, {checkpoints} checkpoints/s"))
    for keys, p999, largest in STEP.findall(usage.output):
        limits = (STEP_P999_MS_MAX, STEP_MS_MAX) if int(keys) == max(RATE_MIN) else (None, None)
        figures.append(Figure(f"CPU time of a step, {int(keys):,} keys, p99.9", float(p999), "ms", limits[0]))
        figures.append(Figure(f"CPU time of a step, {int(keys):,} keys, max", float(largest), "ms", limits[1]))
    if len(figures) != 6:
        raise BenchError(f"bench_engine printed something else than expected:\n{usage.output[-2000:]}")
    return figures
