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


def numbers(text, names):
    """Those of the verifier's last line; None if that is no verdict with these names."""
    words = text.strip().splitlines()[-1].split() if text.strip() else []
    found = dict(word.split("=") for word in words[1:] if "=" in word)
    if words[:1] != ["verdict"] or list(found) != names:
        return None
    return [int(number) for number in found.values()]


@dataclass
class Verdict:
    """What the verifier found."""

    records_in: int
    out: int
    lost: int
    duplicated: int
    wrong: int
    out_of_order: int

    @classmethod
    def parse(cls, text):
        found = numbers(text, ["in", "out", "lost", "duplicated", "wrong", "out_of_order"])
        return found and cls(*found)

    def is_right(self, records):
        return self == Verdict(records, records, 0, 0, 0, 0)

    def line(self, kills):
        return (f"exactly-once: {self.records_in} in, {self.out} out, {kills} kills, {self.lost} lost, "
                f"{self.duplicated} duplicated, {self.wrong} wrong, {self.out_of_order} out of order")


@dataclass
class WindowVerdict:
    """What the verifier of windows found."""

    records_in: int
    expected: int
    out: int
    lost: int
    doubled: int
    wrong: int
    unexpected: int
    late: int
    late_expected: int
    late_wrong: int

    @classmethod
    def parse(cls, text):
        found = numbers(text, ["in", "expected", "out", "lost", "doubled", "wrong", "unexpected", "late",
                               "late_expected", "late_wrong"])
        return found and cls(*found)

    def faults(self):
        return self.lost + self.doubled + self.wrong + self.unexpected + self.late_wrong

    def is_right(self, records):
        return self.faults() == 0 and self.records_in == records

    def details(self):
        return (f"{self.lost} windows lost, {self.doubled} doubled, {self.wrong} with a wrong number of rows, "
                f"{self.unexpected} that should not be; {self.late} late rows in the ledger, {self.late_expected} "
                f"expected, {self.late_wrong} wrong")

    def line(self, _):
        all_or_not = "all windows" if self.out == self.expected and not self.lost else "not all windows"
        return (f"drained: {all_or_not}; {self.records_in} in, {self.expected} windows expected, {self.out} out, "
                f"{self.faults()} wrong")
