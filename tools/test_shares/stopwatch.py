"""Whose time it was."""

import time


class Stopwatch:
    """Time goes to the shares of what is running. Where several run side by side, each gets its part, so that the sum
    over all shares is the time that really passed."""

    def __init__(self, clock=time.monotonic):
        self._clock = clock
        self._since = clock()
        self._running = []
        self.seconds = {}

    def start(self, share):
        self._settle()
        self._running.append(share)

    def stop(self, share):
        self._settle()
        self._running.remove(share)

    def add(self, share, seconds):
        """Time that passed before this stopwatch was there."""
        self.seconds[share] = self.seconds.get(share, 0.0) + seconds

    def _settle(self):
        now = self._clock()
        for share in self._running:
            self.add(share, (now - self._since) / len(self._running))
        self._since = now


def minutes(seconds):
    """"3:07"."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}"


def table(shares, stopwatch, full):
    """Used and allowed time of each share, a line each; those over their budget are warned of."""
    lines = []
    for share in shares:
        used = stopwatch.seconds.get(share, 0.0)
        budget = share.full_budget if full else share.budget
        over = f"   WARNING: {minutes(used - budget)} over its share" if used > budget else ""
        lines.append(f"  {share.name:<33}{minutes(used):>6} of {minutes(budget):>5}{over}")
    lines.append(f"  {'together':<33}{minutes(sum(stopwatch.seconds.get(share, 0.0) for share in shares)):>6} of "
                 f"{minutes(sum(share.full_budget if full else share.budget for share in shares)):>5}")
    return lines
