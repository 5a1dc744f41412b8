#!/usr/bin/env python3
"""Runs the example jobs as a user would and looks at what comes out. (auction-totals is what tools/demo runs.)

usage: examples_test.py BIN_FOLDER
"""

import json
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from collections import Counter
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools"
WAIT_SECONDS_MAX = 60
FIRST_MILLIS = 1_436_918_400_000
BIN = None


def run(*command, stdin=None, env=None):
    answer = subprocess.run([str(part) for part in command], input=stdin, env=env, text=True, capture_output=True,
                            check=False)
    if answer.returncode:
        raise AssertionError(f"{command} ended with {answer.returncode}:\n{answer.stdout}{answer.stderr}")
    return answer


def some_text(lines, seed=1):
    """Lines of 12 words out of 200, and how often each word is there."""
    draw = random.Random(seed)
    words = ["".join(draw.choice("abcdefghij\u00e4") for _ in range(draw.randint(1, 9))) for _ in range(200)]
    chosen = [[draw.choice(words) for _ in range(12)] for _ in range(lines)]
    return ["-- ".join(line) + "." for line in chosen], Counter(word for line in chosen for word in line)


def last_counts(rows):
    return {row["word"]: row["count"] for row in rows}


class WithFolder(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="weir-examples-")
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def options(self):
        return ["-D", "parallelism.default=2", "-D", f"execution.checkpointing.dir={self.folder / 'checkpoints'}",
                "-D", "execution.checkpointing.interval=200ms"]


class CrashMatrix(unittest.TestCase):
    def test_finds_nothing_wrong(self):
        answer = run(BIN / "crash-matrix")
        crashes = int(answer.stdout.split()[0])
        self.assertGreater(crashes, 100)
        self.assertEqual(len(answer.stdout.splitlines()), 1, answer.stdout)


class WordCountOverFiles(WithFolder):
    def count(self, *options, **environment):
        places = {"WORD_COUNT_INPUT": str(self.folder / "texts"), "WORD_COUNT_OUTPUT": str(self.folder / "counts")}
        return run(BIN / "word-count", "run", *self.options(), *options, env={**places, **environment})

    def counts(self):
        return [json.loads(line) for path in sorted((self.folder / "counts").glob("part-*"))
                for line in path.read_text(encoding="utf-8").splitlines()]

    def test_counts_a_folder_and_ends(self):
        lines, expected = some_text(20_000)
        (self.folder / "texts").mkdir()
        for i in range(5):
            (self.folder / "texts" / f"{i}.txt").write_text("\n".join(lines[i::5]) + "\n", encoding="utf-8")
        job = self.count("-D", "log.level=info")
        self.assertEqual(last_counts(self.counts()), dict(expected))
        crossed = int(re.search(r"(\d+) rows from pre_aggregate\S* through the exchange", job.stderr).group(1))
        self.assertLessEqual(crossed, sum(expected.values()) / 10)


    def test_no_variable_kills_a_job_at_a_crash_point(self):
        (self.folder / "texts").mkdir()
        (self.folder / "texts" / "a.txt").write_text("one two two\n", encoding="utf-8")
        points = "checkpoint.triggered,task.frozen,checkpoint.prepared,checkpoint.current_written"
        self.count(WEIR_CRASH_POINT=points)
        self.assertEqual(last_counts(self.counts()), {"one": 1, "two": 2})


def out_of_order(rows, step, disorder, late_every, make, seed=1):
    """`rows` records of make(draw, n, time): out of order by less than `disorder`, some of them far behind."""
    draw = random.Random(seed)
    behind = [draw.randrange(disorder) if draw.randrange(late_every) else draw.randrange(disorder, 20 * disorder)
              for _ in range(rows)]
    return [make(draw, n, FIRST_MILLIS + n * step - late) for n, late in enumerate(behind)]


def sort_out(files, time, disorder, is_late):
    """The rows of all files that are on time, and those of which is_late(their time, watermark of their file)."""
    on_time, late = [], []
    for rows in files:
        greatest = None
        for row in rows:
            if greatest is not None and is_late(row[time], greatest - disorder):
                late.append(row)
            else:
                on_time.append(row)
                greatest = max(greatest or 0, row[time])
    return on_time, late


def windows_of(time, size, slide):
    first = (time - size) // slide * slide + slide
    return [(start, start + size) for start in range(first, time + 1, slide)]


def sliding(size, slide):
    """Whether a row is late for the first of its windows."""
    return lambda time, watermark: windows_of(time, size, slide)[0][1] <= watermark


class WindowsOverFiles(WithFolder):
    def give(self, name, files):
        (self.folder / name).mkdir()
        for number, rows in enumerate(files):
            lines = "".join(json.dumps(row) + "\n" for row in rows)
            (self.folder / name / f"{number}.json").write_text(lines, encoding="utf-8")

    def drain(self, program, variable):
        return run(BIN / program, "replay", "--from", "earliest", "--to", "now", "--end", "drain", *self.options(),
                   env={variable: str(self.folder)})

    def found(self, folder):
        return [json.loads(line) for path in sorted((self.folder / folder).glob("part-*"))
                for line in path.read_text(encoding="utf-8").splitlines()]

    def ledger(self, job):
        return [json.loads(entry["row"]) for entry in self.found(f"checkpoints/{job}/late")]

    def windows(self, folder, key, value):
        return sorted((row[key], row["window"]["start"], row["window"]["end"], row[value]) for row in self.found(folder))

    def test_hot_auctions_counts_the_bids_of_every_window(self):
        for files in (1, 2):
            with self.subTest(files=files):
                bids = [out_of_order(8000 // 7 ** n, 20 * 7 ** n, 4000, 50, lambda draw, _, time:
                                     {"auction": draw.randrange(9), "dateTime": time}, seed=n) for n in range(files)]
                self.setUp()
                self.give("bids", bids)
                self.drain("hot-auctions", "HOT_AUCTIONS_FOLDER")
                on_time, late = sort_out(bids, "dateTime", 4000, sliding(10_000, 2000))
                expected = Counter((bid["auction"], *window) for bid in on_time
                                   for window in windows_of(bid["dateTime"], 10_000, 2000))
                self.assertEqual(self.windows("hot-auctions", "auction", "bids"),
                                 sorted((*window, count) for window, count in expected.items()))
                self.assertGreater(len(late), 10)
                self.assertEqual(sorted(row["date_time"] for row in self.ledger("hot-auctions")),
                                 sorted(bid["dateTime"] for bid in late))

    def test_sessions_makes_visits_of_clicks(self):
        clicks = [out_of_order(3000, 20_000, 60_000, 50, lambda draw, _, time:
                               {"user": draw.randrange(100), "time": time}, seed=n) for n in range(2)]
        self.give("clicks", clicks)
        self.drain("sessions", "SESSIONS_FOLDER")
        on_time, late = sort_out(clicks, "time", 60_000, lambda time, watermark: time < watermark)
        expected, gap = [], 1_800_000
        for click in sorted(on_time, key=lambda click: (click["user"], click["time"])):
            last = expected[-1] if expected else None
            if last and last[0] == click["user"] and click["time"] < last[2]:
                last[2:] = click["time"] + gap, last[3] + 1
            else:
                expected.append([click["user"], click["time"], click["time"] + gap, 1])
        self.assertEqual(self.windows("visits", "user", "clicks"), sorted(map(tuple, expected)))
        self.assertEqual(sorted(click["time"] for click in self.ledger("sessions")),
                         sorted(click["time"] for click in late))

    def test_late_data_shows_both_places_of_late_rows(self):
        readings = [out_of_order(4000, 1000, 10_000, 20, lambda draw, n, time:
                                 {"sensor": draw.randrange(5), "value": n, "time": time})]
        self.give("readings", readings)
        run(BIN / "late-data", "run", *self.options(), env={"LATE_DATA_FOLDER": str(self.folder)})
        in_minute, late_for_minute = sort_out(readings, "time", 10_000, sliding(60_000, 60_000))
        in_ten, late_for_ten = sort_out(readings, "time", 10_000, sliding(600_000, 600_000))
        highest, counted = {}, Counter()
        for row in in_minute:
            window = row["sensor"], *windows_of(row["time"], 60_000, 60_000)[0]
            highest[window] = max(highest.get(window, 0), row["value"])
        for row in in_ten:
            counted[row["sensor"], *windows_of(row["time"], 600_000, 600_000)[0]] += 1
        self.assertEqual(self.windows("highest", "sensor", "value"), sorted((*w, v) for w, v in highest.items()))
        self.assertEqual(self.windows("counted", "sensor", "value"), sorted((*w, v) for w, v in counted.items()))
        self.assertGreater(len(late_for_minute), len(late_for_ten))
        self.assertGreater(len(late_for_ten), 5)
        self.assertEqual(sorted(row["value"] for row in self.ledger("late-data")),
                         sorted(row["value"] for row in late_for_minute))
        self.assertEqual(sorted(row["value"] for row in self.found("late-readings")),
                         sorted(row["value"] for row in late_for_ten))

    def test_orders_payments_matches_what_was_paid_within_the_hour(self):
        def payment(draw, _, time):
            return {"order": draw.randrange(3000), "paid": draw.randrange(100), "time": time}
        orders = [out_of_order(3000, 10_000, 60_000, 50, lambda _, n, time: {"id": n, "amount": n % 100, "time": time})]
        payments = [out_of_order(4000, 7_500, 60_000, 50, payment, seed=n) for n in (1, 2)]
        self.give("orders", orders)
        self.give("payments", payments)
        run(BIN / "orders-payments", "run", *self.options(), env={"ORDERS_PAYMENTS_FOLDER": str(self.folder)})
        placed, late_orders = sort_out(orders, "time", 60_000, lambda time, watermark: time < watermark)
        made, late_payments = sort_out(payments, "time", 60_000, lambda time, watermark: time < watermark)
        by_id = {order["id"]: order for order in placed}
        pairs = [(payment["order"], payment["paid"], payment["time"] - by_id[payment["order"]]["time"])
                 for payment in made if payment["order"] in by_id]
        paid = sorted(pair for pair in pairs if -5_000 <= pair[2] <= 3_600_000)
        self.assertEqual(sorted((row["order"], row["paid"], row["after_ms"]) for row in self.found("paid-orders")), paid)
        self.assertEqual(sorted(row["id"] for row in self.found("unpaid-orders")),
                         sorted(by_id.keys() - {pair[0] for pair in paid}))
        self.assertGreater(len(paid), 100)
        self.assertEqual(len(self.ledger("orders-payments")), len(late_orders) + len(late_payments))

    def test_fraud_judges_minutes_by_the_rules_of_their_time(self):
        def payment(draw, _, time):
            return {"card": draw.randrange(20), "amount": draw.randrange(100), "time": time}
        payments = [out_of_order(3000, 500, 10_000, 50, payment, seed=n) for n in (1, 2)]
        rules = [{"id": n, "amount_max": 900 - 100 * n, "from": FIRST_MILLIS + n * 300_000} for n in range(5)]
        self.give("payments", payments)
        self.give("rules", [rules])
        run(BIN / "fraud", "run", *self.options(), env={"FRAUD_FOLDER": str(self.folder)})
        on_time, late = sort_out(payments, "time", 10_000, lambda time, watermark: time < watermark)
        spent = Counter()
        for row in on_time:
            spent[row["card"], row["time"] // 60_000 * 60_000] += row["amount"]
        expected = sorted((card, rule["id"], minute, amount) for (card, minute), amount in spent.items() for rule in rules
                          if rule["from"] <= minute and amount > rule["amount_max"])
        self.assertEqual(sorted((row["card"], row["rule"], row["minute"], row["amount"]) for row in self.found("alerts")),
                         expected)
        self.assertGreater(len(expected), 50)
        self.assertEqual(sorted(row["time"] for row in self.found("too-late")), sorted(row["time"] for row in late))


class OnKafka(WithFolder):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="weir-examples-")
        cls.addClassCleanup(temporary.cleanup)
        cls.broker = "--dir", Path(temporary.name) / "kafka"
        run(TOOLS / "kafka", "start", *cls.broker)
        cls.addClassCleanup(run, TOOLS / "kafka", "kill", *cls.broker)
        cls.bootstrap = run(TOOLS / "kafka", "status", "--bootstrap", *cls.broker).stdout.strip()

    def make_topic(self, name, lines):
        run(TOOLS / "kafka", "topic", "create", name, "--partitions", 4, *self.broker)
        run(TOOLS / "kafka", "produce", name, *self.broker, stdin="\n".join(lines) + "\n")

    def consume(self, name):
        topics = run(TOOLS / "kafka", "topic", "list", *self.broker).stdout.split()
        if name not in topics:
            return []
        lines = run(TOOLS / "kafka", "consume", name, *self.broker).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def run_until(self, program, environment, is_done):
        """Runs a job without end until `is_done()`, then ends it as an operator would."""
        command = [BIN / program, "run", *self.options(), "-D", f"kafka.bootstrap.servers={self.bootstrap}"]
        job = subprocess.Popen([str(part) for part in command], env=environment, stderr=subprocess.PIPE, text=True)
        self.addCleanup(job.stderr.close)
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while not is_done() and time.monotonic() < deadline and job.poll() is None:
            time.sleep(0.1)
        job.send_signal(signal.SIGTERM)
        _, log = job.communicate()
        self.assertEqual(job.returncode, 0, log)

    def test_word_count_is_the_same_code_on_a_topic(self):
        lines, expected = some_text(2000)
        self.make_topic("lines", lines)
        self.run_until("word-count", {"WORD_COUNT_TOPIC": "lines"},
                       lambda: last_counts(self.consume("lines-counts")) == expected)
        self.assertEqual(last_counts(self.consume("lines-counts")), dict(expected))

    def test_kafka_copy_copies_every_field_of_every_bid(self):
        bids = [{"auction": n % 7, "bidder": n, "price": 100 + n, "channel": f"c-{n}",
                 "url": f"https://x/{n}?a=\"{n}\"", "dateTime": 1_436_918_400_000 + n,
                 "extra": "\u00e4\\" * (n % 5)} for n in range(1000)]
        self.make_topic("bids", [json.dumps(bid) for bid in bids])
        self.run_until("kafka-copy", {}, lambda: len(self.consume("bids-copy")) >= len(bids))
        self.assertEqual(sorted(self.consume("bids-copy"), key=lambda bid: bid["bidder"]), bids)


if __name__ == "__main__":
    BIN = Path(sys.argv.pop(1)).resolve()
    unittest.main()
