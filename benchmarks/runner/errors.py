"""The one way in which a benchmark fails."""


class BenchError(Exception):
    """What went wrong, where, and what to look at."""
