"""When to kill: at random, most of the times after the job has committed something new. Pure."""

import math
import random
from enum import Enum

NEW_COMMIT_SHARE = 0.75    # of the kills come after a commit newer than the job's last start
CHECKPOINT_SHARE = 0.3     # of all kills come within a checkpoint, which otherwise would be rarely hit
DELAY_SECONDS_MIN = 0.6    # the least that a random delay ranges over: about half a checkpoint interval
DELAY_SECONDS_MAX = 5.0
ANY_MOMENT_SECONDS = 1.5   # from a start into its first epochs, recovery included
REPLAY_EPOCHS_PER_KILL = 12  # of a replay, which goes as fast as it can
REPLAY_SHARE = 0.8         # of its epochs within which all kills come
REPLAY_DELAY_SECONDS = 0.2
CHECKPOINT_SECONDS = 0.04  # about what a checkpoint takes from its trigger to its commit


class Moment(Enum):
    ANY = "at any moment after the start"
    AFTER_COMMIT = "some time after a new commit"
    IN_CHECKPOINT = "some time after a new commit, then early in the next checkpoint"


def new_commits_wanted(kills):
    return math.ceil(NEW_COMMIT_SHARE * kills)


class KillPlan:
    def __init__(self, kills, seconds, seed):
        self.random = random.Random(seed)
        self.kills = kills
        self.seconds = seconds
        wanted = new_commits_wanted(kills)
        in_checkpoint = min(wanted, round(CHECKPOINT_SHARE * kills))
        self.moments = ([Moment.IN_CHECKPOINT] * in_checkpoint + [Moment.AFTER_COMMIT] * (wanted - in_checkpoint) +
                        [Moment.ANY] * (kills - wanted))
        self.random.shuffle(self.moments)

    def delay_after_commit(self, number, now, life_seconds):
        """How long kill `number` (from 0) waits after that commit, so that the kills spread over the load. `now`:
        seconds since the load began; `life_seconds`: how long the job has lived."""
        share = (self.seconds - now) / (self.kills - number)
        return self.random.uniform(0, min(max(2 * (share - life_seconds), DELAY_SECONDS_MIN), DELAY_SECONDS_MAX))

    def delay_after_start(self):
        return self.random.uniform(0, ANY_MOMENT_SECONDS)

    def delay_in_checkpoint(self):
        return self.random.uniform(0, CHECKPOINT_SECONDS)


class ReplayKillPlan(KillPlan):
    """Of a job that has all its input: what tells how far it is are its checkpoints, not the time."""

    def __init__(self, kills, records, seed):
        super().__init__(kills, 0, seed)
        self.rows_per_barrier = max(1, records // max(1, REPLAY_EPOCHS_PER_KILL * kills))

    def checkpoint_before(self, number):
        """The kill comes when this one was committed."""
        return 1 + int((number + self.random.random()) * REPLAY_SHARE * REPLAY_EPOCHS_PER_KILL)

    def delay_after_commit(self, *_):
        return self.random.uniform(0, REPLAY_DELAY_SECONDS)

    def delay_after_start(self):
        return self.random.uniform(0, 3 * REPLAY_DELAY_SECONDS)
