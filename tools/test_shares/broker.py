"""The Kafka broker that all tests of a run share."""

import re
import subprocess

from .plan import ROOT
from .steps import StepFailed

TOOL = ROOT / "tools" / "kafka"


class Broker:
    """One broker in `folder`. stop() is due whatever start() has come to."""

    def __init__(self, steps, folder, version):
        self._steps = steps
        self._folder = folder
        self._version = version

    def start(self):
        """Returns what tells tests where it is, as environment variables."""
        step = f"broker {self._version}"
        log = self._steps.run(step, [TOOL, "--dir", self._folder, "start", "--version", self._version])
        answer = log.read_text(encoding="utf-8")
        if not (found := re.search(r"^bootstrap: (\S+)", answer, re.MULTILINE)):
            raise StepFailed(step, f"tools/kafka did not say where it is: {answer}")
        return {"WEIR_TEST_BOOTSTRAP": found[1], "WEIR_TEST_KAFKA_VERSION": self._version}

    def stop(self):
        subprocess.run([str(TOOL), "--dir", str(self._folder), "stop"], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, start_new_session=True)
