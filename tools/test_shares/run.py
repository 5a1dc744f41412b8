"""One run: set up, build, test; what is done in which order."""

from contextlib import contextmanager

from kafka_broker.jars import VERSIONS

from . import plan
from .broker import Broker
from .steps import StepFailed, Steps
from .stopwatch import table
from .tests import Tests

SEEDS = 2**31


class Run:
    """`asked` is the command line, `folder` a temporary folder, `draw` gives what is left to chance."""

    def __init__(self, asked, folder, stopwatch, draw):
        self._asked = asked
        self._folder = folder
        self._stopwatch = stopwatch
        self._builds = plan.ROOT / "build"
        logs = self._builds / "test" / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        self.steps = Steps(plan.ROOT, logs)
        self._failures = []
        self._environment = {"WEIR_TEST_SEED": str(asked.seed)}
        if asked.full:
            self._environment["WEIR_TEST_FULL"] = "1"
        if asked.quick:
            self._environment["WEIR_TEST_QUICK"] = "1"
        self._versions = list(VERSIONS)
        draw.shuffle(self._versions)

    def go(self):
        """The exit code. Says last what ctest says last, or what failed."""
        folders = self._build()
        if not folders:
            return self._report([])
        if self._asked.full:
            self._fuzz()
        summary = []
        if self._asked.quick:
            summary = self._test(folders, "tests", {}, without_broker=True)
        else:
            if self._asked.full:
                for version in self._versions[1:]:
                    with self._broker(version) as given:
                        summary = self._test(folders[:1], f"tests on Kafka {version}", given, only_broker=True)
                    print("\n".join(summary), flush=True)
            with self._broker(self._versions[0]) as given:
                summary = self._test(folders, "tests", given, without_broker=not given)
        return self._report(summary)

    def _build(self):
        """The build folders that are ready for their tests, the release build's first; none if that one failed."""
        with self._share(plan.BUILD):
            wanted = ["--no-java"] if self._asked.quick else ["--fuzz"] if self._asked.full else []
            setup = [plan.ROOT / "tools" / "setup", *wanted]
            if not self._step("setup", setup) or not self._build_preset(plan.RELEASE, []):
                return []
        folders = [self._builds / plan.RELEASE]
        if not self._asked.quick:
            thorough = f"-DWEIR_SANITIZE_ALL={'ON' if self._asked.full else 'OFF'}"
            folders += self._build_programs(plan.SANITIZERS, plan.SANITIZER_PRESETS, thorough)
        if self._asked.full:
            folders += self._build_programs(plan.ADVERSE, plan.ADVERSE_PRESETS)
        return folders

    def _build_programs(self, share, presets, *definitions):
        with self._share(share):
            return [self._builds / preset for preset in presets
                    if self._build_preset(preset, ["--target", plan.TEST_PROGRAMS], definitions)]

    def _build_preset(self, preset, arguments, definitions=()):
        return (self._step(f"configure {preset}", ["cmake", "--preset", preset, *definitions]) and
                self._step(f"build {preset}", ["cmake", "--build", "--preset", preset, *arguments]))

    def _fuzz(self):
        with self._share(plan.FUZZ):
            if self._build_preset(plan.FUZZ_PRESET, []):
                self._step("fuzz", [plan.ROOT / "tools" / "fuzz", "--program", plan.FUZZ_PROGRAM,
                                    "--seconds", plan.FUZZ_SECONDS], shown=True)

    def _step(self, name, command, shown=False):
        """Whether it went well; `shown` prints what it said then, too."""
        self._say(name)
        try:
            log = self.steps.run(name, command)
            if shown:
                print(log.read_text(encoding="utf-8"), flush=True)
        except StepFailed as failure:
            self._fail(str(failure))
            return False
        return True

    @contextmanager
    def _broker(self, version):
        """Gives the environment that says where the broker is; an empty one where none starts, which is a failure."""
        self._say(f"Kafka {version}")
        broker = Broker(self.steps, self._folder / f"kafka-{version}", version)
        environment = {}
        try:
            with self._share(plan.BROKER):
                try:
                    environment = broker.start()
                except StepFailed as failure:
                    self._fail(str(failure))
            yield environment
        finally:
            self.steps.end()
            with self._share(plan.BROKER):
                broker.stop()

    def _test(self, folders, name, environment, **chosen):
        try:
            outcome = Tests(self.steps, self._builds / "test", folders).run(
                self._stopwatch, {**self._environment, **environment}, **chosen)
        except StepFailed as failure:
            self._fail(str(failure))
            return []
        if not outcome.passed:
            failed = [line.strip() for line in outcome.summary if " - " in line]
            self._fail(f"{name}: " + ("; ".join(failed) or "ctest ended with an error"))
        return outcome.summary

    @contextmanager
    def _share(self, share):
        self._stopwatch.start(share)
        try:
            yield
        finally:
            self._stopwatch.stop(share)

    def _report(self, summary):
        asked = self._asked
        shares = [plan.BUILD, plan.CHEAP, plan.SIMULATED] if asked.quick else plan.shares(asked.full)
        self._say(f"time used, seed {asked.seed}" + (", quick: without broker and sanitizers" if asked.quick else
                                                     f", Kafka {self._versions[0]}"))
        print("\n".join(table(shares, self._stopwatch, asked.full)) + "\n", flush=True)
        print("\n".join(summary), flush=True)
        for failure in self._failures:
            self._say(f"FAILED: {failure}")
        if self._failures:
            self._say(f"'tools/test --seed {asked.seed}' draws the same again; results in {self._builds / 'test'}")
        return 1 if self._failures else 0

    def _fail(self, failure):
        self._failures.append(failure)
        self._say(f"FAILED: {failure}")

    @staticmethod
    def _say(text):
        print(f"test: {text}", flush=True)
