"""Contestants run in turn, A B A B, on the same topic; each run is what it used and what it completed."""

from dataclasses import dataclass

from .errors import BenchError
from .figures import CHECKPOINTS_PER_SECOND_MIN, median
from .job import Life

RUN_SECONDS_MAX = 120
INTERVAL = "1s"


@dataclass
class Run:
    records: int
    cpu_seconds: float
    wall_seconds: float
    resident_bytes_max: int
    checkpoints_per_second: float | None   # None: it has none to complete
    stalled_part: float = 0

    @property
    def cpu_seconds_per_million(self):
        return self.cpu_seconds / self.records * 1e6


@dataclass
class Contestant:
    name: str
    run: object    # a function without arguments, returns a Run


def contest(bench, contestants):
    """Lists of runs in the order of `contestants`. A round with a run that does not count is repeated, as often as
    there are rounds; after that such runs are returned, too, and `count` tells."""
    good, bad = [], []
    while len(good) < bench.runs and len(bad) <= bench.runs:
        results = [run_once(bench, contestant, len(good) + 1) for contestant in contestants]
        (good if count(results) else bad).append(results)
    bench.rounds_repeated += len(bad)
    rounds = good if len(good) == bench.runs else good + bad
    return [list(runs) for runs in zip(*rounds)]


def contest_of_many(bench, contestants):
    """As `contest`, but for more contestants than rounds could be repeated for: a run that does not count is left out, unless
    its contestant has no other."""
    rounds = [[run_once(bench, contestant, number + 1) for contestant in contestants] for number in range(bench.runs)]
    return [[run for run in runs if count([run])] or list(runs) for runs in zip(*rounds)]


def run_once(bench, contestant, number):
    run = contestant.run()
    words = "" if count([run]) else ", does not count"
    bench.say(f"{contestant.name} {number}/{bench.runs}: {run.cpu_seconds_per_million:.2f} CPU-s/M, "
              f"{run.records / run.wall_seconds / 1e6:.2f} M/s wall"
              f"{_checkpoints([run])}{words}")
    return run


def cost(runs):
    """CPU-seconds per million records: the median."""
    return median([run.cpu_seconds_per_million for run in runs])


def count(runs):
    """Do the runs count? Each of them must have completed its checkpoints."""
    return all(run.checkpoints_per_second is None or run.checkpoints_per_second >= CHECKPOINTS_PER_SECOND_MIN
               for run in runs)


def describe(runs):
    rate = median([run.records / run.wall_seconds for run in runs]) / 1e6
    return f"{cost(runs):.2f} CPU-s/M, {rate:.2f} M/s wall{_checkpoints(runs)}"


def _checkpoints(runs):
    known = [run.checkpoints_per_second for run in runs if run.checkpoints_per_second is not None]
    return f", >= {min(known):.2f} checkpoints/s" if known else ""


def plain_loop(bench, topic, partitions, records):
    """The reference: no engine, no state, the same guarantee."""
    def run():
        output = bench.broker.new_name("out")
        bench.broker.create(output, partitions)
        usage = bench.children.run([bench.program("bench_plain_loop"), "--bootstrap", bench.broker.bootstrap, "--input",
                                    topic, "--output", output, "--partitions", partitions, "--records", records],
                                   RUN_SECONDS_MAX, bench.folder / "plain.log", bench.environment())
        bench.broker.delete(output)
        commits = int(usage.output.rsplit("commits=", 1)[1])
        return Run(records, usage.cpu_seconds, usage.wall_seconds, usage.resident_bytes_max,
                   commits / usage.wall_seconds)

    return Contestant(f"plain loop, {partitions} partition(s)", run)


def replayed_job(bench, job, prefix, topic, partitions, records, name=None, definitions=None):
    """`job` over the whole topic, a checkpoint a second; `prefix`: of the environment variables that name topics."""
    def run():
        output = bench.broker.new_name("out")
        bench.broker.create(output, partitions)
        settings = {"parallelism.default": 1,
                    "execution.checkpointing.dir": bench.fresh_folder("checkpoints"),
                    # Barriers by time alone.
                    "execution.replay.rows-per-barrier": 1_000_000_000,
                    "execution.replay.barrier-interval": INTERVAL}
        life = Life(bench, job, ["replay", "--from", "earliest", "--to", "now"],
                    settings | (definitions or {}),
                    {f"{prefix}_INPUT": topic, f"{prefix}_OUTPUT": output})
        usage = life.finish(RUN_SECONDS_MAX)
        rows = int(life.events("stopped")[-1].message.split(" rows read")[0].rsplit(" ", 1)[1])
        if rows != records:
            raise BenchError(f"{job} read {rows} of {records} records of {topic}")
        bench.broker.delete(output, f"weir.markers.{job}")
        return Run(records, usage.cpu_seconds, usage.wall_seconds, usage.resident_bytes_max,
                   life.commits() / life.running_seconds(), life.stalled_seconds() / life.running_seconds())

    return Contestant(name or f"{job}, {partitions} partition(s)", run)


def kafka_copy(bench, topic, partitions, records, **more):
    return replayed_job(bench, "kafka-copy", "KAFKA_COPY", topic, partitions, records, **more)


def auction_totals(bench, topic, partitions, records, **more):
    return replayed_job(bench, "auction-totals", "AUCTION_TOTALS", topic, partitions, records, **more)
