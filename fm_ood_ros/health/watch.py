"""What is known about an input without looking into its messages: rate, age, losses."""

from __future__ import annotations

from collections import deque
from time import monotonic

WINDOW = 5.0  # seconds over which a rate is taken
STALE = 2.0  # seconds after which an input counts as silent


class InputWatch:
    """Counts the messages of one input; times are seconds of a steady clock."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.received = 0
        self.lost = 0  # as the middleware reports it
        self.incompatible_qos = ""
        self._arrivals: deque[float] = deque()
        self._since = monotonic()
        self._ever = False

    def restart(self) -> None:
        """Forgets the age: waiting begins now."""
        self._arrivals.clear()
        self._ever = False
        self._since = monotonic()

    def tick(self, now: float) -> None:
        """A message came."""
        self.received += 1
        self._ever = True
        self._since = now
        self._arrivals.append(now)
        while self._arrivals[0] < now - WINDOW:
            self._arrivals.popleft()

    def age(self, now: float) -> float:
        """Seconds since the last message, or since waiting began."""
        return now - self._since

    def rate(self, now: float) -> float:
        """Messages per second over the last few seconds."""
        recent = [t for t in self._arrivals if t >= now - WINDOW]
        return (len(recent) - 1) / (recent[-1] - recent[0]) if len(recent) > 1 and recent[-1] > recent[0] else 0.0

    def trouble(self, now: float) -> str:
        """Why nothing comes, or ""."""
        if self.age(now) < STALE:
            return ""
        if self.incompatible_qos:
            return f"no {self.name}: {self.incompatible_qos}"
        if not self._ever:
            return f"no {self.name} yet, waiting for {self.age(now):.1f} s"
        return f"no {self.name} since {self.age(now):.1f} s"
