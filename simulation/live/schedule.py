"""When a frame is due, and an honest count of those that were not there in time."""

from __future__ import annotations

import math
from dataclasses import dataclass

LATE = 0.5  # periods after which a frame counts as late


@dataclass(frozen=True)
class Schedule:
    """Frame k is due k/rate seconds after start (seconds of time.monotonic, which all processes share)."""

    start: float
    rate: float

    def due(self, k: int) -> float:
        """Time at which frame k is due."""
        return self.start + k / self.rate

    def first_due(self, now: float) -> int:
        """The first frame that is not overdue."""
        return max(0, math.ceil((now - self.start) * self.rate - 1e-9))


class Tally:
    """Counts of frames that became due: published (in time or late) and skipped, which nobody made."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self.due = self.published = self.late = 0
        self.worst = 0.0

    @property
    def skipped(self) -> int:
        """Frames that became due and were never made."""
        return self.due - self.published

    def publish(self, k: int, lateness: float) -> None:
        """Frame k was published so many seconds after it was due; those before it that did not come never will."""
        self.due, self.published = k + 1, self.published + 1
        if lateness * self._rate > LATE:
            self.late += 1
        self.worst = max(self.worst, lateness)

    def end(self, frames: int) -> None:
        """So many frames became due altogether."""
        self.due = max(self.due, frames)

    def __str__(self) -> str:
        achieved = self._rate * self.published / max(self.due, 1)
        return (
            f"{self.published} of {self.due} frames published ({achieved:.1f} of {self._rate:g} frames/s), "
            f"{self.late} of them late (worst {self.worst:.2f} s), {self.skipped} skipped: not made in time"
        )
