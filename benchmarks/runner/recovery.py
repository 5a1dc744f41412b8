"""Starts, stops and kills. A recovery lasts from the start of the process to the first "committed" in its log, which
the job writes when its read_committed reader of the marker topic delivered the marker: the output is public by then.
Bids arrive all the time, so a kill at any moment after the first commit of a life finds a transaction open."""

import random
import time

from .figures import Figure, median, percentile
from .job import Life

SMALL_P50_MAX = 0.3
LARGE_P50_MAX = 0.6
LARGE_P99_MAX = 1.5
STOP_MAX = 0.3
RUNNING_MAX = 0.3
SMALL_AUCTIONS = 1_000
LARGE_AUCTIONS = 1_000_000
RATE = 5_000
PARTITIONS = 2
CLEAN_STOPS = 10
# More than a checkpoint interval: kills hit any moment between two commits, and commits themselves.
ALIVE_SECONDS_MAX = 1.2
START_SECONDS_MAX = 90   # Far above any target: an outlier is a figure, not the end of the measurement.
CATCH_UP_SECONDS_MAX = 120
FEED_RECORDS = 100_000_000   # More than any run takes: the feed is ended with the part.

# What lies between two events of the log.
STEPS = [("start of the process", "starting"), ("folder", "folder_opened"), ("topics", "connectors_opened"),
         ("fence", "producer_initialised"), ("claim", "claimed"), ("splits", "splits_planned"),
         ("restore", "restored"), ("run", "running"), ("first poll", "first_rows"), ("barrier", "triggered"),
         ("prepare", "prepared"), ("commit", "committed")]


def measure(bench):
    return [*_recover(bench, "small state", SMALL_AUCTIONS, SMALL_P50_MAX, None, clean=True),
            *_recover(bench, "1 M keys", LARGE_AUCTIONS, LARGE_P50_MAX, LARGE_P99_MAX, clean=False)]


def _recover(bench, name, auctions, p50_max, p99_max, clean):
    draw = random.Random(1)   # The moments of the kills; fixed, so that two versions meet the same ones.
    job = _Job(bench, auctions)
    lives = []
    figures = []
    life = job.start()
    life.wait_for("committed", CATCH_UP_SECONDS_MAX, count=3)
    if clean:
        life, more = _clean_stops(bench, job, life)
        figures += more
    for number in range(bench.kills):
        time.sleep(draw.uniform(0, ALIVE_SECONDS_MAX))
        life.kill()
        life = job.start()
        life.wait_for("committed", START_SECONDS_MAX)
        lives.append(life)
        if (number + 1) % 20 == 0:
            seconds = [one.first("committed") for one in lives]
            bench.say(f"recovery, {name}: {number + 1} kills, p50 {median(seconds):.3f} s")
    life.kill()
    job.end()
    return _figures(name, lives, p50_max, p99_max) + figures


def _figures(name, lives, p50_max, p99_max):
    seconds = [life.first("committed") for life in lives]
    steps = ", ".join(f"{step} {millis:.0f}" for step, millis in _steps(lives))
    note = f"{len(lives)} kills; max {max(seconds):.2f} s"
    return [Figure(f"recovery to the first commit, {name}, p50", median(seconds), "s", p50_max,
                   note=f"{note}; steps in ms: {steps}"),
            Figure(f"recovery to the first commit, {name}, p99", percentile(seconds, 0.99), "s", p99_max, note=note)]


def _steps(lives):
    """Median milliseconds of each step, of the lives whose log has all of them."""
    lives = [life for life in lives if all(life.first(event) is not None for _, event in STEPS)]
    before = [0.0] * len(lives)
    if not lives:
        return
    for name, event in STEPS:
        after = [life.first(event) for life in lives]
        yield name, median([b - a for a, b in zip(before, after)]) * 1000
        before = after


def _clean_stops(bench, job, life):
    stops = []
    starts = []
    for _ in range(CLEAN_STOPS):
        _, seconds = life.stop()
        stops.append(seconds)
        life = job.start()
        life.wait_for("committed", START_SECONDS_MAX)
        starts.append(life.first("running"))
    bench.say(f"clean stop: p50 {median(stops):.3f} s; start to running: p50 {median(starts):.3f} s")
    note = f"{CLEAN_STOPS} times, records arriving; max"
    return life, [
        Figure("clean stop (SIGTERM to end), small state", median(stops), "s", STOP_MAX,
               note=f"{note} {max(stops):.2f} s"),
        Figure("start to RUNNING, small state", median(starts), "s", RUNNING_MAX,
               note=f"{note} {max(starts):.2f} s")]


class _Job:
    """auction-totals over a topic into which bids flow; all auctions are bid on before the first kill."""

    def __init__(self, bench, auctions):
        self._bench = bench
        self._input = bench.broker.new_name("fed")
        self._output = bench.broker.new_name("out")
        self._folder = bench.fresh_folder("checkpoints")
        bench.broker.create(self._input, PARTITIONS)
        bench.broker.create(self._output, PARTITIONS)
        bench.broker.load(bench, self._input, PARTITIONS, auctions, auctions)
        self._feed = bench.children.start(
            [bench.program("bench_load"), "--bootstrap", bench.broker.bootstrap, "--topic", self._input, "--partitions",
             PARTITIONS, "--records", FEED_RECORDS, "--first", auctions, "--auctions", auctions, "--rate", RATE])
        self._feed_began = time.monotonic()

    def start(self):
        return Life(self._bench, "auction-totals", ["run"], {"execution.checkpointing.dir": self._folder},
                    {"AUCTION_TOTALS_INPUT": self._input, "AUCTION_TOTALS_OUTPUT": self._output}, level="debug")

    def end(self):
        self._feed.kill()
        self._bench.children.reap(self._feed, self._feed_began)
        self._bench.broker.delete(self._input, self._output, "weir.markers.auction-totals")
