"""What windows cost one worker without a broker: figures of bench_windows."""

import re

from .errors import BenchError
from .figures import CHECKPOINTS_PER_SECOND_MIN, Figure

RATE = re.compile(r"^(\S+) +(\d+) keys +([\d.]+) M rows per worker CPU-s .*?([\d.]+) checkpoints/s", re.MULTILINE)
STEP = re.compile(r"^(\S+) +(\d+) keys +step CPU p99.9 ([\d.]+) ms .*max ([\d.]+) ms", re.MULTILINE)
# Short sessions and the firing of 1 M keys have no target of their own for rows.
RATE_MIN = {"tumbling": 8, "sliding": 5, "session": 3}
STEP_P999_MS_MAX = 2
STEP_MS_MAX = 5
SECONDS_MAX = 1200


def measure(bench):
    bench.say(f"windows: {bench.runs} runs of each kind")
    usage = bench.children.run([bench.program("bench_windows"), "--runs", bench.runs, "--directory",
                                bench.fresh_folder("windows")], SECONDS_MAX, bench.folder / "windows.log")
    figures = []
    for kind, keys, rate, checkpoints in RATE.findall(usage.output):
        figures.append(Figure(f"windows, {kind}, {int(keys):,} keys", float(rate), "M rows per worker CPU-s",
                              RATE_MIN.get(kind), at_most=False,
                              counts=float(checkpoints) >= CHECKPOINTS_PER_SECOND_MIN,
                              note=f"{checkpoints} checkpoints/s"))
    for kind, keys, p999, largest in STEP.findall(usage.output):
        limits = (STEP_P999_MS_MAX, STEP_MS_MAX) if kind == "firing" else (None, None)
        figures.append(Figure(f"CPU time of a step, {kind}, {int(keys):,} keys, p99.9", float(p999), "ms", limits[0]))
        figures.append(Figure(f"CPU time of a step, {kind}, {int(keys):,} keys, max", float(largest), "ms", limits[1]))
    if len(figures) != 15:
        raise BenchError(f"bench_windows printed something else than expected:\n{usage.output[-2000:]}")
    return figures
