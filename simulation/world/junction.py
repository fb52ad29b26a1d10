"""A street that crosses the main one at a right angle, or ends at it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BEND_FREE = 12.0  # metres on either side of the corners within which the main street runs straight


@dataclass(frozen=True)
class Junction:
    """at: s of its middle; sides: where it goes to, left +1 and right -1; widths in metres, 0 where there is none.

    lane: width of its two lanes; parking: strip beside each; radius: of the kerb's corners
    zebra, lights: whether people cross on stripes and whether signals stand at the corners
    """

    at: float
    sides: tuple[int, ...]
    lane: float
    parking: float
    sidewalk: float
    radius: float
    zebra: bool
    lights: bool

    @property
    def edge(self) -> float:
        """|s - at| of its kerb."""
        return self.lane + self.parking + 0.3

    @property
    def walk(self) -> float:
        """|s - at| at which its sidewalk ends."""
        return self.edge + self.sidewalk

    @property
    def reach(self) -> float:
        """|s - at| at which the main street's kerb turns into it."""
        return self.edge + self.radius

    @property
    def span(self) -> tuple[float, float]:
        """Range of s in which the main street must not bend."""
        return self.at - self.reach - BEND_FREE, self.at + self.reach + BEND_FREE

    def near(self, s: float, margin: float = 6.0) -> bool:
        """Whether a place on the main street lies in the junction or within the margin of it."""
        return abs(s - self.at) < self.reach + margin

    def lane_centre(self, way: int) -> float:
        """s of the lane that leads to the left (+1) or to the right (-1)."""
        return self.at + way * self.lane / 2


def draw_junction(rng: np.random.Generator, urban: float) -> Junction:
    """A crossing or a T, narrow or wide."""
    sidewalk = rng.uniform(1.5, 3.5) if rng.random() < urban + 0.2 else 0.0
    sides = ((1, -1), (1,), (-1,))[rng.choice(3, p=[0.5, 0.25, 0.25])]
    return Junction(
        at=float(rng.uniform(22, 70)),
        sides=sides,
        lane=float(rng.uniform(2.8, 3.8)),
        parking=2.1 if sidewalk and rng.random() < 0.4 else 0.0,
        sidewalk=float(sidewalk),
        radius=float(sidewalk + rng.uniform(0.6, 3) if sidewalk else rng.uniform(2.5, 6)),
        zebra=bool(rng.random() < 0.2 + 0.5 * urban),
        lights=bool(rng.random() < 0.7 * urban),
    )
