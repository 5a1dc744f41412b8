"""The same queries on Flink (peers/flink), over the same bytes, with the same guarantee and interval; its output is judged by
the same oracle. Needs Java 17, Maven and the registry."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import nexmark
from .errors import BenchError
from .figures import Figure, median

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "benchmarks" / "peers" / "flink"
BUILT = ROOT / "build" / "peers" / "flink"
QUERIES = ("q0", "q1", "q2", "q5", "q7", "q8", "q11", "q12")
# Processing-time windows that are open at the end of the input never fire in Flink.
UNJUDGED = ("q12",)
RUN_SECONDS_MAX = 1800
BUILD_SECONDS_MAX = 900
HEAP = "3g"
# What Flink's own configuration opens of the Java runtime.
OPENED = ("java.lang", "java.lang.reflect", "java.net", "java.nio", "java.text", "java.time", "java.util",
          "java.util.concurrent", "java.util.concurrent.atomic", "java.util.concurrent.locks", "sun.nio.ch")
LINE = re.compile(r"steady=(\d+) commits=(\d+) cpu=[\d.]+ cpu_s_per_million=([\d.]+) events_per_second=(\d+)")


def measure(bench):
    asked = bench.queries or QUERIES
    if unknown := [name for name in asked if name not in QUERIES]:
        raise BenchError(f"Flink has no {', '.join(unknown)}; it has {', '.join(QUERIES)}")
    _build(bench)
    topic = nexmark.load(bench)
    figures = []
    for query in asked:
        figures += _measure(bench, topic, query)
    return figures


def _measure(bench, topic, query):
    costs, notes, faults, verdict = [], [], None, ""
    for number in range(bench.runs):
        output = bench.broker.new_name(f"flink-{query}")
        bench.broker.create(output, nexmark.PARTITIONS)
        cost, note = _run(bench, topic, output, query)
        bench.say(f"Flink {query} {number + 1}/{bench.runs}: {cost:.2f} CPU-s/M, {note}")
        costs.append(cost)
        notes.append(note)
        if faults is None and query not in UNJUDGED:
            faults, verdict = nexmark.faults(bench, topic, output, query)
        bench.broker.delete(output)
    published = nexmark.QUERIES[query].flink
    figures = [Figure(f"Flink {query}", median(costs), "CPU-s/M", note=f"{notes[0]}; quiet machine: {published}")]
    if faults is not None:
        figures.append(Figure(f"Flink {query}, rows that are not right", faults, "", 0, note=verdict))
    return figures


def _run(bench, topic, output, query):
    checkpoints = bench.fresh_folder("flink-checkpoints")
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
    command = ["java", f"-Xmx{HEAP}", *opened, "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
               "-Dorg.slf4j.simpleLogger.logFile=System.err", "-cp", f"{BUILT}/flink-nexmark.jar:{BUILT}/lib/*",
               "weir.peers.FlinkNexmark", "--bootstrap", bench.broker.bootstrap, "--input", topic, "--output", output,
               "--query", query, "--events", bench.records, "--checkpoints", checkpoints, *bench.flink]
    usage = bench.children.run(command, RUN_SECONDS_MAX, bench.folder / "flink.log", bench.environment())
    shutil.rmtree(checkpoints, ignore_errors=True)
    found = LINE.search(usage.output)
    if found is None:
        raise BenchError(f"Flink's {query} was over before its code was warm: give it more --records; it printed:\n"
                         f"{usage.output[-2000:]}")
    steady, commits, cost, rate = found.groups()
    return float(cost), (f"over the last {int(steady):,} events, {int(rate):,} events/s, {commits} commits, "
                         f"{usage.resident_bytes_max / 1e6:.0f} MB")


def _build(bench):
    bench.say("building peers/flink")
    done = subprocess.run(["mvn", "-q", "-B", "-f", PROJECT / "pom.xml", f"-Dbuild.folder={BUILT}", "package"],
                          capture_output=True, text=True, check=False, timeout=BUILD_SECONDS_MAX, env=os.environ)
    if done.returncode != 0:
        raise BenchError(f"mvn package of peers/flink: {done.stdout[-2000:]}{done.stderr[-2000:]}")
