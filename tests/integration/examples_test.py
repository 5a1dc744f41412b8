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
