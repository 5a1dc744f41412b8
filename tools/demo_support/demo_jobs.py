"""The jobs that the demo can run, and what is called how in each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoJob:
    name: str             # also of its program
    records: str          # what it reads, in words
    input: str            # topic, or folder
    output: str
    folder_output: str
    partitions: int       # of its input
    has_windows: bool

    def variable(self, what):
        """The name of a variable of its environment."""
        return f"{self.name.upper().replace('-', '_')}_{what}"

    @property
    def late(self):
        return f"weir.late.{self.name}"

    @property
    def programs(self):
        """What is built for it."""
        return [self.name, "demo_loader", "demo_window_verifier" if self.has_windows else "demo_verifier"]


JOBS = {job.name: job for job in (
    DemoJob("auction-totals", "bids", "bids", "auction-totals", "totals", 4, False),
    DemoJob("hot-auctions", "bids", "bids", "hot-auctions", "hot-auctions", 2, True),
    DemoJob("sessions", "clicks", "clicks", "visits", "visits", 2, True),
)}
