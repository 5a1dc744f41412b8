"""When to kill: at random, most of the times after the job has committed something new. Pure."""

import math
import random

NEW_COMMIT_SHARE = 0.75    # of the kills come after a commit newer than the job's last start
DELAY_SECONDS_MIN = 0.6    # the least that a random delay ranges over: about half a checkpoint interval
DELAY_SECONDS_MAX = 5.0
ANY_MOMENT_SECONDS = 1.5   # from a start into its first epochs, recovery included


def new_commits_wanted(kills):
    return math.ceil(NEW_COMMIT_SHARE * kills)


class KillPlan:
    def __init__(self, kills, seconds, seed):
        self.random = random.Random(seed)
        self.kills = kills
        self.seconds = seconds
        wanted = new_commits_wanted(kills)
        self.after_commit = [True] * wanted + [False] * (kills - wanted)
        self.random.shuffle(self.after_commit)

    def waits_for_commit(self, number):
        """Does kill `number` (from 0) wait until this life has committed something?"""
        return self.after_commit[number]

    def delay_after_commit(self, number, now, life_seconds):
        """How long kill `number` waits after that commit, so that the kills spread over the load. `now`: seconds since
        the load began; `life_seconds`: how long the job has lived."""
        share = (self.seconds - now) / (self.kills - number)
        return self.random.uniform(0, min(max(2 * (share - life_seconds), DELAY_SECONDS_MIN), DELAY_SECONDS_MAX))

    def delay_after_start(self):
        """How long a kill at any moment waits after the job's start."""
        return self.random.uniform(0, ANY_MOMENT_SECONDS)
