"""From the moment a record should be sent to a read_committed reader of the job's output, through kafka-copy; how long the
commit of a small epoch takes; and from the moment at which the row should be sent that closes a window, through
hot-auctions, beside kafka-copy at the same rate."""

import re

from .figures import Figure, median
from .job import Life

RATE = 20_000
SECONDS = 10
P50_MS_MAX = {"100ms": 90, "1s": None}
P99_MS_MAX = {"100ms": 300, "1s": 1200}
SMALL_RATE = 1_000
COMMIT_P50_MS_MAX = 15
PARTITIONS = 2
START_SECONDS_MAX = 30
WINDOWS_RATE = 50_000
# Five windows close in these.
WINDOWS_SECONDS = 17
# As in examples/hot-auctions.
DISORDER_MS = 4000
LINE = re.compile(r"p50=([\d.]+) p99=([\d.]+)")


def measure(bench):
    found = {interval: [] for interval in P50_MS_MAX}
    commits = []
    for number in range(bench.runs):
        for interval, latencies in found.items():
            latencies.append(_run(bench, interval, RATE)[0])
            bench.say(f"latency, interval {interval}, {number + 1}/{bench.runs}: p50 {latencies[-1][0]:.0f} ms, "
                      f"p99 {latencies[-1][1]:.0f} ms")
        commits.append(median(_run(bench, "100ms", SMALL_RATE)[1]) * 1000)
        bench.say(f"commit of a small epoch {number + 1}/{bench.runs}: p50 {commits[-1]:.1f} ms")
    figures = []
    for interval, latencies in found.items():
        note = f"at {RATE:,} records/s; runs: " + ", ".join(f"{p50:.0f}/{p99:.0f}" for p50, p99 in latencies)
        figures += [Figure(f"latency, interval {interval}, p50", median([one[0] for one in latencies]), "ms",
                           P50_MS_MAX[interval], note=note),
                    Figure(f"latency, interval {interval}, p99", median([one[1] for one in latencies]), "ms",
                           P99_MS_MAX[interval])]
    figures.append(Figure("whole commit of a small epoch, p50", median(commits), "ms", COMMIT_P50_MS_MAX,
                          note=f"barrier to witnessed marker, {SMALL_RATE:,} records/s, interval 100ms"))
    return figures


def measure_windows(bench):
    figures = []
    for interval in P50_MS_MAX:
        found = {job: [] for job in JOBS}
        lines = []
        for number in range(bench.runs):
            for job, latencies in found.items():
                latencies.append(_run(bench, interval, WINDOWS_RATE, job, WINDOWS_SECONDS, lines)[0])
                bench.say(f"latency of {job}, interval {interval}, {number + 1}/{bench.runs}: "
                          f"p50 {latencies[-1][0]:.0f} ms, p99 {latencies[-1][1]:.0f} ms")
        for job, latencies in found.items():
            for place, name in enumerate(("p50", "p99")):
                figures.append(Figure(f"latency of {job}, {WINDOWS_RATE:,} records/s, interval {interval}, {name}",
                                      median([one[place] for one in latencies]), "ms"))
        aligned = [int(value) for line in lines for value in re.findall(r"aligned in (\d+) ms", line)]
        fired = [int(value) for line in lines for value in re.findall(r"longest firing (\d+) ms", line)]
        figures += [Figure(f"hot-auctions, interval {interval}: alignment of a checkpoint, median", median(aligned), "ms",
                           note=f"longest {max(aligned)} ms"),
                    Figure(f"hot-auctions, interval {interval}: longest firing", max(fired, default=0), "ms")]
    return figures


JOBS = {
    "kafka-copy": ("KAFKA_COPY", []),
    "hot-auctions": ("HOT_AUCTIONS", ["--windows-close-after", DISORDER_MS]),
}


def _run(bench, interval, rate, job="kafka-copy", seconds=SECONDS, lines=None):
    """(p50, p99) in milliseconds, and the seconds that each commit took."""
    settings, options = JOBS[job]
    source, target = bench.broker.new_name("probe"), bench.broker.new_name("out")
    for topic in (source, target):
        bench.broker.create(topic, PARTITIONS)
    life = Life(bench, job, ["run"],
                {"execution.checkpointing.dir": bench.fresh_folder("checkpoints"),
                 "execution.checkpointing.interval": interval},
                {f"{settings}_INPUT": source, f"{settings}_OUTPUT": target}, level="debug")
    life.wait_for("running", START_SECONDS_MAX)
    probe = [bench.program("bench_latency"), "--bootstrap", bench.broker.bootstrap, "--input", source,
             "--input-partitions", PARTITIONS, "--output", target, "--output-partitions", PARTITIONS, "--rate", rate,
             "--seconds", seconds, *options]
    usage = bench.children.run(probe, seconds + 60, bench.folder / "latency.log")
    life.stop()
    bench.broker.delete(source, target, f"weir.markers.{job}")
    if lines is not None and options:
        lines += [event.message for event in life.events("committed")]
    begun = {event.checkpoint: event.seconds for event in life.events("triggered")}
    commits = [event.seconds - begun[event.checkpoint] for event in life.events("committed")]
    return tuple(float(part) for part in LINE.search(usage.output).groups()), commits
