"""Figures next to their targets, and the table of them."""

import statistics
from dataclasses import dataclass

# A run with fewer completed checkpoints a second measured something else.
CHECKPOINTS_PER_SECOND_MIN = 0.9


def percentile(values, part):
    """The value below which `part` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(int(part * len(ordered)), len(ordered) - 1)]


def median(values):
    return statistics.median(values)


@dataclass
class Figure:
    """`target` is what `value` must reach, or must not exceed if `at_most`; None: reported only."""

    name: str
    value: float
    unit: str
    target: float | None = None
    at_most: bool = True
    counts: bool = True    # False: too few checkpoints
    note: str = ""

    def verdict(self):
        if not self.counts:
            return "DOES NOT COUNT"
        if self.target is None:
            return ""
        met = self.value <= self.target if self.at_most else self.value >= self.target
        return "met" if met else "MISSED"

    def cells(self):
        sign = "<=" if self.at_most else ">="
        target = "" if self.target is None else f"{sign} {_number(self.target)} {self.unit}".rstrip()
        return [self.name, f"{_number(self.value)} {self.unit}".rstrip(), target, self.verdict(), self.note]


def _number(value):
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


HEAD = ["figure", "measured", "target", "verdict", "note"]


def table(figures):
    """Aligned for a terminal, and Markdown at once."""
    rows = [HEAD] + [figure.cells() for figure in figures]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
