"""One unknown object over time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SECOND = 1_000_000_000  # nanoseconds
STRAIGHT, SETTLED = 1.0, 0.25  # seconds that a velocity is taken over at most and at least: boxes jump about
SIGHTINGS = 40  # that are kept at most
Array = NDArray[np.float64]


class Place(NamedTuple):
    """Where an object was: stamp in ns, centre [3] in the tracks' frame, whether that frame's place was known then."""

    stamp: int
    centre: Array
    known: bool


@dataclass
class Track:
    """An object that was seen before.

    seen: numbers of the last clouds with it; side: the longest of its box, metres
    velocity: [3] m/s in the tracks' frame, None until it was seen for SETTLED
    """

    id: int
    seen: deque[int]
    places: deque[Place] = field(default_factory=lambda: deque(maxlen=SIGHTINGS))
    side: float = 0.0
    confirmed: bool = False
    velocity: Array | None = None

    def see(self, cloud: int, place: Place, side: float) -> None:
        """Adds a sighting."""
        self.seen.append(cloud)
        self.places.append(place)
        while len(self.places) > 1 and not (self.places[0].known and self.age(self.places[0].stamp) >= -STRAIGHT):
            self.places.popleft()
        self.side = side
        self.velocity = self._difference()

    def expected(self, stamp: int) -> Array:
        """[3] where it will be if it moves on as it did."""
        last = self.places[-1]
        return last.centre if self.velocity is None else last.centre + self.velocity * self.age(stamp)

    def age(self, stamp: int) -> float:
        """Seconds since the last sighting."""
        return (stamp - self.places[-1].stamp) / SECOND

    def change_frame(self, T: Array) -> None:
        """Expresses where it is in another frame [4,4], in which nothing is known of how it got there."""
        stamp, centre, _ = self.places[-1]
        self.places.clear()
        self.places.append(Place(stamp, T[:3, :3] @ centre + T[:3, 3], False))
        self.velocity = None

    def _difference(self) -> Array | None:
        """Metres per second from its first to its last place of those that are kept."""
        first, last = self.places[0], self.places[-1]
        seconds = (last.stamp - first.stamp) / SECOND
        if not (first.known and last.known and seconds >= SETTLED):
            return None
        return (last.centre - first.centre) / seconds
