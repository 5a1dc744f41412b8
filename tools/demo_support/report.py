"""What the demo says at its end."""

from dataclasses import dataclass
from statistics import median

EXPLANATION = """\
  phase     what the job was doing, by its log: recovering (not yet reading), processing, snapshot (a checkpoint
            is being written) or committing (it is durable, its commit is under way)
  epoch     the one in progress; the checkpoint that ends it was not yet known to be committed
  redone    output of that epoch that had left the job and was thrown away
            ({what}); 0 also where the commit turned out to have happened
  recovery  from the start of the next process to its first new commit; - where that one was killed before"""
REDONE_MEANS = {"Kafka": "records of the transaction that was open", "files": "lines of files not yet published"}


@dataclass
class Kill:
    seconds: float               # since the load began
    phase: str
    epoch: int
    after_new_commit: bool
    redone: int = 0
    recovery: float | None = None


def table(kills, side):
    lines = ["  kill    at s  phase       epoch   redone  recovery s"]
    for number, kill in enumerate(kills, 1):
        recovery = "-" if kill.recovery is None else f"{kill.recovery:.2f}"
        lines.append(f"  {number:4} {kill.seconds:7.1f}  {kill.phase:<10} {kill.epoch:6} {kill.redone:8,} "
                     f"{recovery:>11}")
    return "\n".join(lines + [EXPLANATION.format(what=REDONE_MEANS[side])])


def summary(kills, commits, records, seconds):
    recoveries = [kill.recovery for kill in kills if kill.recovery is not None]
    words = [f"{commits} commits in {seconds:.1f} s", f"{records / seconds:,.0f} records per second, kills included",
             f"{sum(kill.after_new_commit for kill in kills)} of {len(kills)} kills after a new commit"]
    if recoveries:
        words.append(f"recovery median {median(recoveries):.2f} s, longest {max(recoveries):.2f} s")
    return "; ".join(words)


@dataclass
class Verdict:
    """What the verifier found."""

    records_in: int
    out: int
    lost: int
    duplicated: int
    wrong: int
    out_of_order: int

    @staticmethod
    def parse(text):
        """From the verifier's last line; None if that is no verdict."""
        words = text.strip().splitlines()[-1].split() if text.strip() else []
        if len(words) != 7 or words[0] != "verdict":
            return None
        found = dict(word.split("=") for word in words[1:])
        return Verdict(*(int(found[name]) for name in ("in", "out", "lost", "duplicated", "wrong", "out_of_order")))

    def line(self, kills):
        return (f"exactly-once: {self.records_in} in, {self.out} out, {kills} kills, {self.lost} lost, "
                f"{self.duplicated} duplicated, {self.wrong} wrong, {self.out_of_order} out of order")
