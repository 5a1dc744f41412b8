"""The Nexmark queries killed again and again on a real broker: what they write in all must be what the oracle expects."""

import random
import time

from . import nexmark
from .figures import Figure

KILLS_MAX = 10   # A query at one parallelism; fewer if it is done before.
# Shorter than in a measurement, so that a kill often finds a commit under way.
INTERVAL = "200ms"
ALIVE_SECONDS_MAX = 1.0
START_SECONDS_MAX = 60


def measure(bench):
    topic = nexmark.load(bench)
    figures = []
    for parallelism in nexmark.PARALLELISMS:
        for query in nexmark.asked(bench):
            figures.append(_kill(bench, nexmark.Job(bench, topic, query, parallelism)))
    return figures


def _kill(bench, job):
    draw = random.Random(job.name)   # The moments; fixed, so that two versions meet the same ones.
    output = bench.broker.new_name(f"killed-{job.query}")
    bench.broker.create(output, nexmark.PARTITIONS)
    folder = bench.fresh_folder("checkpoints")
    kills = 0
    while kills < KILLS_MAX:
        life = job.start(output, folder, INTERVAL)
        # The kill before it may have come behind the last commit.
        life.wait_for("running", START_SECONDS_MAX, or_else="already_finished")
        time.sleep(draw.uniform(0, ALIVE_SECONDS_MAX))
        if life.kill().code == 0:
            break   # It was faster.
        kills += 1
    else:
        job.start(output, folder, INTERVAL).finish(nexmark.RUN_SECONDS_MAX)
    job.judge(output)
    job.delete(output)
    bench.say(f"{job.name}: {kills} kills")
    return Figure(f"{job.name}, killed, rows that are not right", job.faults, "", 0,
                  note=f"{kills} kills; {job.verdict}", counts=kills > 0)
