"""From the moment a record should be sent to a read_committed reader of the job's output, through kafka-copy; and how
long the commit of a small epoch takes."""

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


def _run(bench, interval, rate):
    """(p50, p99) in milliseconds, and the seconds that each commit took."""
    source, target = bench.broker.new_name("probe"), bench.broker.new_name("out")
    for topic in (source, target):
        bench.broker.create(topic, PARTITIONS)
    life = Life(bench, "kafka-copy", ["run"],
                {"execution.checkpointing.dir": bench.fresh_folder("checkpoints"),
                 "execution.checkpointing.interval": interval},
                {"KAFKA_COPY_INPUT": source, "KAFKA_COPY_OUTPUT": target}, level="debug")
    life.wait_for("running", START_SECONDS_MAX)
    probe = [bench.program("bench_latency"), "--bootstrap", bench.broker.bootstrap, "--input", source,
             "--input-partitions", PARTITIONS, "--output", target, "--output-partitions", PARTITIONS, "--rate", rate,
             "--seconds", SECONDS]
    usage = bench.children.run(probe, SECONDS + 60, bench.folder / "latency.log")
    life.stop()
    bench.broker.delete(source, target, "weir.markers.kafka-copy")
    begun = {event.checkpoint: event.seconds for event in life.events("triggered")}
    commits = [event.seconds - begun[event.checkpoint] for event in life.events("committed")]
    return tuple(float(part) for part in LINE.search(usage.output).groups()), commits
