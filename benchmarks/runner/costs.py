"""What a job costs that has nothing to do, and what a job costs to compile."""

import os
import time
from pathlib import Path

from .figures import Figure, median
from .job import Life

IDLE_PERCENT_MAX = 2
IDLE_SECONDS = 10
SETTLE_SECONDS = 2
COMPILE_SECONDS_MAX = 3
ROOT = Path(__file__).resolve().parents[2]
JOB = ROOT / "benchmarks" / "compile" / "twenty_lines.cc"


def idle(bench):
    topics = [bench.broker.new_name("idle"), bench.broker.new_name("out")]
    for topic in topics:
        bench.broker.create(topic, 4)
    life = Life(bench, "kafka-copy", ["run"], {"execution.checkpointing.dir": bench.fresh_folder("checkpoints")},
                {"KAFKA_COPY_INPUT": topics[0], "KAFKA_COPY_OUTPUT": topics[1]})
    life.wait_for("running", 30)
    time.sleep(SETTLE_SECONDS)
    percents = []
    for number in range(bench.runs):
        before, began = _cpu_seconds(life.process.pid), time.monotonic()
        time.sleep(IDLE_SECONDS)
        percents.append((_cpu_seconds(life.process.pid) - before) / (time.monotonic() - began) * 100)
        bench.say(f"idle {number + 1}/{bench.runs}: {percents[-1]:.2f} %")
    life.stop()
    bench.broker.delete(*topics, "weir.markers.kafka-copy")
    return [Figure("idle job (4 partitions, no records)", median(percents), "% of a core", IDLE_PERCENT_MAX,
                   note=f"{IDLE_SECONDS} s each; max {max(percents):.2f} %")]


def _cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def compile_job(bench):
    compiler = os.environ.get("CXX", "c++")
    command = [compiler, "-std=c++20", "-O2", "-I", ROOT, "-c", JOB, "-o", bench.folder / "twenty_lines.o"]
    seconds = []
    for number in range(bench.runs):
        seconds.append(bench.children.run(command, 120, bench.folder / "compile.log").cpu_seconds)
        bench.say(f"compile {number + 1}/{bench.runs}: {seconds[-1]:.2f} CPU-s")
    lines = sum(1 for line in JOB.read_text().splitlines() if line.strip() and not line.startswith("//"))
    return [Figure(f"compiling a job of {lines} lines at -O2", median(seconds), "CPU-s", COMPILE_SECONDS_MAX,
                   note=f"max {max(seconds):.2f} CPU-s")]
