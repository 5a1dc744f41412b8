"""The course of a run to the end of time: load everything, replay it under kills until every window has fired, verify."""

import time

from . import report
from .errors import DemoError
from .kills import Moment, ReplayKillPlan
from .run import COMMIT_SECONDS_MAX, STANDSTILL_SECONDS_MAX, TICK_SECONDS, Run

BARRIER_SECONDS_MAX = 20   # The rows end an epoch: this only bounds it.


class DrainedRun(Run):
    def __init__(self, asked, *rest):
        super().__init__(asked, *rest)
        self.plan = ReplayKillPlan(asked.kills, asked.records, asked.seed)

    def go(self):
        self._start_loader()
        self._load_all()
        self.began = time.monotonic()
        self._start_job()
        self._kill_again_and_again()
        self._wait_for_end()
        worked_seconds = self._now()
        self._note_end_of_life()
        self.screen.say(f"drained after {worked_seconds:.1f} s, exit code 0")
        verdict = self._verify()
        self.screen.say(report.table(self.kills, self.side.name))
        self.screen.say(report.summary(self.kills, self.last_known, verdict.records_in, worked_seconds))
        self.screen.say(verdict.details())
        problems = self._broken_promises(verdict)
        if len(self.kills) < self.asked.kills:
            problems.append("everything had fired before the next kill came: ask for more --records or fewer --kills")
        return verdict.line(len(self.kills)), problems

    def _load_pace(self):
        return ["--seconds", 0]

    def _load_all(self):
        while not self._loader_is_done():
            time.sleep(TICK_SECONDS)
            self.screen.progress(f"{self._now():6.1f} s | loaded {self.loaded:,}")
        self.screen.say(f"loaded {self.asked.records:,} {self.job.records} into {self.job.partitions} partitions within "
                        f"{self._now():.1f} s")

    def _job_command(self):
        return ["replay", "--from", "earliest", "--to", "now", "--end", "drain",
                "-D", f"execution.replay.rows-per-barrier={self.plan.rows_per_barrier}",
                "-D", f"execution.replay.barrier-interval={BARRIER_SECONDS_MAX}s"]

    def _is_over(self):
        return self.life.has_ended() and self.life.process.returncode == 0

    def _restart_if_it_asked(self):
        if not self._is_over():
            super()._restart_if_it_asked()

    def _kill_again_and_again(self):
        while len(self.kills) < self.asked.kills and not self._is_over():
            self._wait_for_moment(self.plan, len(self.kills))
            if not self._is_over():
                self._kill()

    def _wait_for_moment(self, plan, number):
        if plan.moments[number] is Moment.ANY:
            return self._pass_time(plan.delay_after_start())
        target = plan.checkpoint_before(number)
        self._wait_until(lambda: (self.life.standing.committed or 0) >= target, "not come to its next kill")
        self._pass_time(plan.delay_after_commit())
        if plan.moments[number] is Moment.IN_CHECKPOINT:
            self._wait_until(self.life.is_in_checkpoint, "begun no checkpoint")
            time.sleep(plan.delay_in_checkpoint())
        return None

    def _wait_until(self, condition, failing):
        """As long as the job commits something now and then."""
        seen, moved = None, time.monotonic()
        while not self._is_over() and not self.life.wait_for(condition, TICK_SECONDS):
            self._tick(0)
            if (now := (self.lives, self.life.standing.committed)) != seen:
                seen, moved = now, time.monotonic()
            if time.monotonic() - moved > COMMIT_SECONDS_MAX:
                raise DemoError(f"the job has {failing} within {COMMIT_SECONDS_MAX} s", self.life.log)

    def _wait_for_end(self):
        self._wait_until(lambda: False, "neither committed anything nor ended")
        self.life.reader.join(STANDSTILL_SECONDS_MAX)

    def _verify(self):
        return self._ask_verdict(report.WindowVerdict, "demo_window_verifier", "--job", self.job.name,
                                 *self.side.late_options(self.checkpoints))
