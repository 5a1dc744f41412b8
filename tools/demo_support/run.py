"""The course of a run: load, run, kill, restart, catch up, stop, verify."""

import os
import subprocess
import threading
import time

from . import report
from .errors import DemoError
from .job import Life
from .kills import KillPlan, Moment, new_commits_wanted

EXIT_RESTART_ME = 75
OWN_RESTARTS_MAX = 5
COMMIT_SECONDS_MAX = 60      # to the next commit or checkpoint while there is input
STANDSTILL_SECONDS_MAX = 30  # without a commit while records are missing
QUIET_SECONDS = 2.5          # without a commit: worth looking whether all is there
STOP_SECONDS_MAX = 60
TICK_SECONDS = 0.05


class Run:
    def __init__(self, asked, side, folder, binaries, children, screen):
        self.asked = asked
        self.job = asked.job
        self.side = side
        self.folder = folder
        self.checkpoints = folder / "checkpoints"
        self.binaries = binaries
        self.children = children
        self.screen = screen
        self.began = None
        self.loader = None
        self.loaded = 0
        self.life = None
        self.lives = 0
        self.own_restarts = 0
        self.last_known = 0       # the newest checkpoint known to be committed
        self.counted = 0          # records committed by lives that are over
        self.unfinished = None    # a kill and what it left behind, until a later life decides on that
        self.kills = []
        self.last_commit_at = None

    def go(self):
        """The last line, and a list of what is wrong."""
        self._start_loader()
        self._start_job()
        self._kill_again_and_again()
        self.loader.stdin.close()
        self._catch_up()
        worked_seconds = self._now()
        problems = self._stop_job()
        verdict = self._verify()
        self.screen.say(report.table(self.kills, self.side.name))
        self.screen.say(report.summary(self.kills, self.last_known, verdict.out, worked_seconds))
        return verdict.line(len(self.kills)), problems + self._broken_promises(verdict)

    # The loader.

    def _start_loader(self):
        command = [self.binaries / "demo_loader", *self.side.load_options(), "--job", self.job.name,
                   "--records", self.asked.records, "--seed", self.asked.seed, *self._load_pace()]
        self.began = time.monotonic()
        with open(self.folder / "loader.log", "wb") as log:
            self.loader = self.children.start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        # Its first line: the target is there.
        if not self.loader.stdout.readline():
            raise DemoError("the loader did not start", self.folder / "loader.log")
        threading.Thread(target=self._read_loader, daemon=True).start()

    def _load_pace(self):
        return ["--seconds", self.asked.seconds, "--hold"]

    def _read_loader(self):
        for line in self.loader.stdout:
            self.loaded = int(line.split()[1])

    def _loader_is_done(self):
        code = self.loader.poll()
        if code:
            raise DemoError(f"the loader ended with {code}", self.folder / "loader.log")
        return code == 0

    # The job.

    def _start_job(self):
        self.lives += 1
        command = [self.binaries / self.job.name, *self._job_command(), "-D", "parallelism.default=2",
                   "-D", f"execution.checkpointing.dir={self.checkpoints}",
                   "-D", "log.format=json", "-D", "log.level=debug", *self.side.job_options()]
        self.life = Life(self.children, command, {**os.environ, **self.side.job_environment()},
                         self.folder / f"job-{self.lives:03}.log")

    def _job_command(self):
        return ["run", "-D", "execution.checkpointing.interval=1s"]

    def _epoch(self):
        standing = self.life.standing
        return max(self.last_known, standing.restored or 0, standing.committed or 0) + 1

    def _note_restore(self):
        """Once it is known what this life goes on from: what became of that which an earlier one left behind."""
        restored = self.life.standing.restored
        if restored is None or self.unfinished is None:
            return
        kill, left_behind = self.unfinished
        kill.redone = left_behind.redone(self.last_known, restored)
        self.counted += left_behind.adopted(self.last_known, restored)
        self.last_known = max(self.last_known, restored)
        self.unfinished = None

    def _note_end_of_life(self):
        """REQUIRES: the process is gone and its log was read."""
        self._note_restore()
        standing = self.life.standing
        if self.kills and self.kills[-1].recovery is None:
            self.kills[-1].recovery = standing.first_commit_seconds
        self.counted += standing.records
        self.last_known = max(self.last_known, standing.committed or 0)

    def _restart_if_it_asked(self):
        """The job may ask to be started again; any other end of its own is a failure."""
        if not self.life.has_ended():
            return
        self.life.reader.join()
        code = self.life.process.returncode
        self.own_restarts += 1
        if code != EXIT_RESTART_ME or self.own_restarts > OWN_RESTARTS_MAX:
            raise DemoError(f"the job ended by itself with exit code {code}", self.life.log)
        self._note_end_of_life()
        self._start_job()

    # Killing.

    def _kill_again_and_again(self):
        plan = KillPlan(self.asked.kills, self.asked.seconds, self.asked.seed)
        while len(self.kills) < self.asked.kills:
            self._wait_for_moment(plan, len(self.kills))
            self._kill()
        while not self._load_time_is_over():
            self._tick()

    def _wait_for_moment(self, plan, number):
        moment = plan.moments[number]
        if moment is Moment.ANY:
            return self._pass_time(plan.delay_after_start())
        self._wait_until(lambda: self.life.has_new_commit(), "committed nothing new")
        self._pass_time(plan.delay_after_commit(number, self._now(), time.monotonic() - self.life.began))
        if moment is Moment.IN_CHECKPOINT:
            self._wait_until(lambda: self.life.is_in_checkpoint(), "begun no checkpoint")
            time.sleep(plan.delay_in_checkpoint())
        return None

    def _wait_until(self, condition, failing):
        deadline = time.monotonic() + COMMIT_SECONDS_MAX
        while not self.life.wait_for(condition, TICK_SECONDS):
            if time.monotonic() > deadline:
                raise DemoError(f"the job has {failing} within {COMMIT_SECONDS_MAX} s", self.life.log)
            self._tick(0)

    def _pass_time(self, seconds):
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > TICK_SECONDS:
            self._tick()
        time.sleep(max(0.0, left))

    def _kill(self):
        seconds = self._now()
        if not self.life.kill():
            return self._restart_if_it_asked()
        left_behind = self.side.unfinished()
        killed, epoch = self.life, self._epoch()
        self._note_end_of_life()
        self.kills.append(report.Kill(seconds, killed.standing.phase, epoch, killed.has_new_commit()))
        # A life that never got so far as to restore has put out nothing: what lies there is of the one before.
        if self.unfinished is None:
            self.unfinished = self.kills[-1], left_behind
        self._start_job()
        return None

    # Waiting.

    def _now(self):
        return time.monotonic() - self.began

    def _load_time_is_over(self):
        return self._now() >= self.asked.seconds

    def _tick(self, seconds=TICK_SECONDS):
        time.sleep(seconds)
        self._loader_is_done()
        self._restart_if_it_asked()
        self._note_restore()
        words = [f"{self._now():6.1f} s", f"loaded {self.loaded:,}", f"committed {self._committed():,}",
                 f"kills {len(self.kills)} of {self.asked.kills}", f"epoch {self._epoch()}", self.life.standing.phase]
        self.screen.progress(" | ".join(words))

    def _committed(self):
        return self.side.committed(self.counted + self.life.standing.records)

    def _catch_up(self):
        """Until everything loaded is in the output, or nothing moves any more."""
        seen, moved = -1, time.monotonic()
        looked = 0.0
        while True:
            self._tick()
            now = time.monotonic()
            committed = self._committed()
            if committed != seen or not self._loader_is_done():
                seen, moved = committed, now
            quiet = now - moved
            if self.loaded < self.asked.records or not self.side.has_settled() or now - looked < QUIET_SECONDS:
                pass
            elif committed >= self.asked.records or quiet > QUIET_SECONDS:
                looked = now
                if self._count_output() >= self.asked.records:
                    return
            if quiet > STANDSTILL_SECONDS_MAX:
                # The verifier will say what is missing.
                self.screen.say(f"nothing was committed for {STANDSTILL_SECONDS_MAX} s although records are missing")
                return

    def _count_output(self):
        answer = self._run_verifier("demo_verifier", "--count")
        if answer.returncode:
            raise DemoError(f"the output cannot be counted: {answer.stderr.strip()}")
        return int(answer.stdout)

    # The end.

    def _stop_job(self):
        began = time.monotonic()
        code = self.life.stop(STOP_SECONDS_MAX)
        if code is None:
            self.life.kill()
        self._note_end_of_life()
        if code == 0:
            self.screen.say(f"stopped by SIGTERM within {time.monotonic() - began:.2f} s, exit code 0")
            return []
        return [f"SIGTERM: the job ended with {code}, not with 0" if code is not None
                else f"SIGTERM: the job did not end within {STOP_SECONDS_MAX} s"]

    def _run_verifier(self, program, *options):
        command = [self.binaries / program, *self.side.verify_options(), *options]
        child = self.children.start(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                    text=True)
        out, err = child.communicate()
        return subprocess.CompletedProcess(command, child.returncode, out, err)

    def _verify(self):
        return self._ask_verdict(report.Verdict, "demo_verifier")

    def _ask_verdict(self, kind, program, *options):
        began = time.monotonic()
        self.screen.progress("verifying")
        answer = self._run_verifier(program, "--expect", self.asked.records, *options)
        verdict = kind.parse(answer.stdout)
        if verdict is None:
            raise DemoError(f"the verifier ended with {answer.returncode}: {answer.stderr.strip()}")
        findings = answer.stdout.strip().splitlines()[:-1]
        self.screen.say("\n".join([f"verified within {time.monotonic() - began:.1f} s", *findings]))
        return verdict

    def _broken_promises(self, verdict):
        asked = self.asked
        after_commit = sum(kill.after_new_commit for kill in self.kills)
        checks = [
            (verdict.is_right(asked.records), "the output is not exactly right"),
            (len(self.kills) == asked.kills, f"{len(self.kills)} kills, not {asked.kills}"),
            (after_commit >= new_commits_wanted(asked.kills), f"only {after_commit} kills came after a new commit"),
            (self.own_restarts == 0, f"the job asked {self.own_restarts} times to be started again by itself"),
        ]
        return [problem for kept, problem in checks if not kept]
