"""The Nexmark queries, Kafka to Kafka, exactly once: events per CPU-second of the process beside the plain loops of the
same run, the figure of Flink and the target. What a query writes is judged by the oracle."""

import subprocess
from dataclasses import dataclass

from .contest import INTERVAL, RUN_SECONDS_MAX, Contestant, Run, contest_of_many, cost, count, describe
from .errors import BenchError
from .figures import Figure
from .job import Life

PARTITIONS = 2
PARALLELISMS = (1, 2)
LOOPS = ("consume", "decode", "project", "copy")
ORACLE_SECONDS_MAX = 300


@dataclass
class Query:
    """`rate_min`: million events per CPU-second. `flink`: CPU-seconds per million events of Flink 1.20.3 with RocksDB on a
    quiet machine of this kind, the best of several settings; `times_min`: how many times as many events a CPU-second Weir is to
    do. `share_min`: of what `loop` does in the same run."""

    rate_min: float
    flink: float
    times_min: float
    loop: str
    share_min: float | None


QUERIES = {
    "q0": Query(0.6, 7.8, 4.9, "copy", 0.9),
    "q1": Query(0.6, 7.8, 4.9, "copy", None),
    "q2": Query(1.3, 3.4, 5, "decode", None),
    "q5": Query(1.2, 11.9, 14, "decode", 0.75),
    "q7": Query(1.2, 31.5, 37, "decode", 0.75),
    "q8": Query(1.25, 6.6, 8, "decode", 0.75),
    "q11": Query(1.1, 24, 29, "decode", 0.75),
    "q12": Query(1.25, 7.1, 9, "decode", 0.75),
}


def measure(bench):
    queries = asked(bench)
    topic = load(bench)
    figures = []
    for parallelism in PARALLELISMS:
        jobs = [Job(bench, topic, query, parallelism) for query in queries]
        loops, runs = _contest(bench, topic, jobs)
        if parallelism == PARALLELISMS[0]:
            figures += [Figure(f"loop: {loop}", 1 / cost(loops[loop]), "M/CPU-s", counts=count(loops[loop]),
                               note=describe(loops[loop])) for loop in LOOPS]
        for job, of_job in zip(jobs, runs):
            figures += _figures(job, of_job, loops)
    return figures


def load(bench):
    """The topic with bench.records events; filled once."""
    name = f"nexmark-{bench.records}"
    if bench.broker.is_new(name):
        bench.say(f"loading {bench.records} events into {PARTITIONS} partitions")
        bench.broker.create(name, PARTITIONS)
        bench.children.run([bench.program("nexmark_load"), "--bootstrap", bench.broker.bootstrap, "--topic", name,
                            "--partitions", PARTITIONS, "--events", bench.records], 600, bench.folder / "load.log")
    return name


def faults(bench, topic, output, query):
    """How many rows of `output` are missing, unexpected or wrong, and the oracle's words."""
    log = bench.folder / "oracle.log"
    command = [bench.program("nexmark_oracle"), "--bootstrap", bench.broker.bootstrap, "--input", topic, "--output",
               output, "--query", query, "--events", bench.records]
    with open(log, "w", encoding="utf-8") as file:
        done = subprocess.run([str(part) for part in command], stdout=file, stderr=file, check=False,
                              timeout=ORACLE_SECONDS_MAX)
    words = log.read_text(encoding="utf-8").strip()
    if done.returncode not in (0, 1):
        raise BenchError(f"the oracle could not judge {query}: {words}")
    bench.say(words)
    numbers = words.splitlines()[0].rsplit(": ", 1)[1]
    return sum(int(part.split()[0]) for part in numbers.split(", ")), words.splitlines()[0]


class Job:
    """One query at one parallelism. Its first output is judged."""

    def __init__(self, bench, topic, query, parallelism):
        self.query, self.parallelism = query, parallelism
        self.faults = None
        self.verdict = ""
        self._bench, self._topic = bench, topic

    @property
    def name(self):
        return f"{self.query}, parallelism {self.parallelism}"

    def run(self):
        bench = self._bench
        output = bench.broker.new_name(f"out-{self.query}")
        bench.broker.create(output, PARTITIONS)
        life = self.start(output, bench.fresh_folder("checkpoints"), INTERVAL)
        usage = life.finish(RUN_SECONDS_MAX)
        rows = int(life.events("stopped")[-1].message.split(" rows read")[0].rsplit(" ", 1)[1])
        if rows != bench.records:
            raise BenchError(f"{self.query} read {rows} of {bench.records} events of {self._topic}")
        if self.faults is None:
            self.judge(output)
        self.delete(output)
        return Run(bench.records, usage.cpu_seconds, usage.wall_seconds, usage.resident_bytes_max,
                   life.commits() / life.running_seconds(), life.stalled_seconds() / life.running_seconds())

    def start(self, output, folder, interval):
        """A life of the job, from the beginning of the topic or where `folder` says."""
        settings = {"parallelism.default": self.parallelism, "execution.checkpointing.dir": folder,
                    # Barriers by time alone.
                    "execution.replay.rows-per-barrier": 1_000_000_000,
                    "execution.replay.barrier-interval": interval}
        return Life(self._bench, "nexmark",
                    [self.query, "replay", "--from", "earliest", "--to", "now", "--end", "drain"], settings,
                    {"NEXMARK_INPUT": self._topic, "NEXMARK_OUTPUT": output})

    def judge(self, output):
        self.faults, self.verdict = faults(self._bench, self._topic, output, self.query)

    def delete(self, output):
        self._bench.broker.delete(output, f"weir.markers.nexmark-{self.query}")


def known(bench):
    done = subprocess.run([bench.program("nexmark"), "list"], capture_output=True, text=True, check=True)
    return [name for name in done.stdout.split() if name in QUERIES]


def asked(bench):
    """Queries that --queries names, or all that the program has."""
    names = known(bench)
    if unknown := [name for name in bench.queries if name not in names]:
        raise BenchError(f"there is no {', '.join(unknown)}; there are {', '.join(names)}")
    return bench.queries or names


def _contest(bench, topic, jobs):
    """Runs of the loops by name, and of the jobs in their order."""
    loops = [_loop(bench, topic, loop) for loop in LOOPS]
    runs = contest_of_many(bench, loops + [Contestant(job.name, job.run) for job in jobs])
    return dict(zip(LOOPS, runs)), runs[len(LOOPS):]


def _loop(bench, topic, loop):
    def run():
        output = bench.broker.new_name("out")
        if loop == "copy":
            bench.broker.create(output, PARTITIONS)
        usage = bench.children.run([bench.program("nexmark_loop"), loop, "--bootstrap", bench.broker.bootstrap,
                                    "--input", topic, "--output", output, "--partitions", PARTITIONS, "--events",
                                    bench.records], RUN_SECONDS_MAX, bench.folder / "loop.log", bench.environment())
        commits = None
        if loop == "copy":
            bench.broker.delete(output)
            commits = int(usage.output.rsplit("commits=", 1)[1]) / usage.wall_seconds
        return Run(bench.records, usage.cpu_seconds, usage.wall_seconds, usage.resident_bytes_max, commits)

    return Contestant(f"loop {loop}", run)


def _figures(job, runs, loops):
    query = QUERIES[job.query]
    reference = loops[query.loop]
    return [Figure(job.name, 1 / cost(runs), "M/CPU-s", query.rate_min, at_most=False, counts=count(runs),
                   note=describe(runs)),
            Figure(f"{job.name} / Flink", query.flink / cost(runs), "times", query.times_min, at_most=False,
                   counts=count(runs), note=f"Flink, quiet machine: {query.flink} CPU-s/M"),
            Figure(f"{job.name} / loop {query.loop}", cost(reference) / cost(runs), "", query.share_min, at_most=False,
                   counts=count(runs) and count(reference)),
            Figure(f"{job.name}, rows that are not right", job.faults, "", 0, note=job.verdict)]
