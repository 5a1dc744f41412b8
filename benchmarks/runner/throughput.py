"""Kafka to Kafka, in CPU-seconds of the whole process: against the plain loop, and without guarantees."""

from .contest import auction_totals, contest, cost, count, describe, kafka_copy, plain_loop
from .figures import Figure, median

COPY_PART_MIN = 0.8
TOTALS_PART_MIN = 0.6
GUARANTEE_PART_MIN = 0.9
# The reference loop is mis-tuned, or the machine is not quiet, above this.
PLAIN_LOOP_COST_MAX = 1.8
STALLED_PERCENT_MAX = 2
RESIDENT_MB_MAX = 500
AUCTIONS = 100_000
MANY_AUCTIONS = 1_000_000


def _plain_figure(partitions, runs):
    return Figure(f"plain loop, {partitions} partition(s)", cost(runs), "CPU-s/M", PLAIN_LOOP_COST_MAX,
                  counts=count(runs), note=describe(runs))


def _share(name, reference, runs, least):
    return Figure(name, cost(reference) / cost(runs), "", least, at_most=False, counts=count(runs) and count(reference),
                  note=describe(runs))


def copy(bench):
    figures = []
    for partitions in (1, 2):
        topic = bench.broker.preloaded(bench, partitions, bench.records, AUCTIONS)
        plain, job = contest(bench, [plain_loop(bench, topic, partitions, bench.records),
                                     kafka_copy(bench, topic, partitions, bench.records)])
        figures += [_plain_figure(partitions, plain),
                    _share(f"kafka-copy / plain loop, {partitions} partition(s)", plain, job, COPY_PART_MIN)]
    return figures


def totals(bench):
    topic = bench.broker.preloaded(bench, 2, bench.records, AUCTIONS)
    plain, job = contest(bench, [plain_loop(bench, topic, 2, bench.records),
                                 auction_totals(bench, topic, 2, bench.records)])
    return [_plain_figure(2, plain),
            _share(f"auction-totals, {AUCTIONS:,} auctions / plain loop", plain, job, TOTALS_PART_MIN)]


def guarantees(bench):
    topic = bench.broker.preloaded(bench, 1, bench.records, AUCTIONS)
    off, on = contest(bench, [
        kafka_copy(bench, topic, 1, bench.records, name="kafka-copy, at least once",
                   definitions={"execution.guarantee": "at-least-once"}),
        kafka_copy(bench, topic, 1, bench.records, name="kafka-copy, exactly once")])
    return [_share("kafka-copy: exactly once / at least once", off, on, GUARANTEE_PART_MIN)]


def stall_and_memory(bench):
    records = max(2 * bench.records, 2 * MANY_AUCTIONS)
    topic = bench.broker.preloaded(bench, 2, records, MANY_AUCTIONS)
    runs, = contest(bench, [auction_totals(bench, topic, 2, records, name="auction-totals, 1 M auctions")])
    stalled = [run.stalled_part * 100 for run in runs]
    resident = [run.resident_bytes_max / 1e6 for run in runs]
    return [Figure("stalled, auction-totals, 1 M auctions", median(stalled), "% of wall time", STALLED_PERCENT_MAX,
                   counts=count(runs), note=f"max {max(stalled):.2f} %; {describe(runs)}"),
            Figure("resident, auction-totals, 1 M auctions", median(resident), "MB", RESIDENT_MB_MAX,
                   counts=count(runs), note=f"peak of the process; max of the runs {max(resident):.0f} MB")]
