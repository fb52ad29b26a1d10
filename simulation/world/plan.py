"""What a street looks like in cross-section, drawn at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.world.junction import Junction, draw_junction

SIDES = (1, -1)  # left, right


@dataclass(frozen=True)
class Side:
    """One side of the street from the kerb outwards; widths in metres, 0 where there is none.

    parking: strip on the road; verge: grass between kerb and sidewalk; slope: rise of the terrain per metre
    setback: from the sidewalk's edge to the buildings; urban: share of plots that are built up
    """

    parking: float
    verge: float
    sidewalk: float
    slope: float
    setback: float
    urban: float

    @property
    def across(self) -> bool:
        """Whether cars park at a right angle to the kerb."""
        return self.parking > 4

    @property
    def bay(self) -> float:
        """Length along the kerb of one parking place."""
        return 2.6 if self.across else 6.2


@dataclass(frozen=True)
class Plan:
    """lanes: each way; lane: width of one; left, right: the sides; kerb: height of sidewalk and verge.

    junction: with a side street, whose surroundings are level
    """

    lanes: int
    lane: float
    left: Side
    right: Side
    kerb: float
    junction: Junction | None

    def side(self, sign: int) -> Side:
        """Left for +1, right for -1."""
        return self.left if sign > 0 else self.right

    def road_edge(self, sign: int) -> float:
        """|d| of the kerb."""
        return self.lanes * self.lane + self.side(sign).parking + 0.3

    def walk_start(self, sign: int) -> float:
        """|d| at which the sidewalk begins."""
        return self.road_edge(sign) + self.side(sign).verge

    def walk_end(self, sign: int) -> float:
        """|d| at which terrain or front gardens begin."""
        return self.walk_start(sign) + self.side(sign).sidewalk

    def lane_centre(self, index: int) -> float:
        """d of a lane: 0.. from the innermost right one outwards, -1.. from the innermost left one."""
        return -(index + 0.5) * self.lane if index >= 0 else (-index - 0.5) * self.lane

    def ground(self, d: float) -> float:
        """Height of the ground at an offset."""
        sign = 1 if d > 0 else -1
        a = abs(d)
        if a < self.road_edge(sign):
            return 0.0
        return self.kerb + max(0.0, a - self.walk_end(sign) - 0.5) * self.side(sign).slope


def _side(rng: np.random.Generator, urban: float, level: bool) -> Side:
    country = rng.random() > urban + 0.25
    slope = rng.uniform(-0.02, 0.16) if country else rng.uniform(0, 0.03)
    return Side(
        parking=0.0 if country else float(rng.choice([0.0, 2.1, 4.9], p=[0.35, 0.5, 0.15])),
        verge=rng.uniform(0.9, 2.2) if rng.random() < 0.3 else 0.0,
        sidewalk=0.0 if country and rng.random() < 0.6 else rng.uniform(1.6, 4.2),
        slope=0.0 if level else slope,
        setback=rng.uniform(4, 12) if country else rng.uniform(0.6, 7),
        urban=urban,
    )


def draw_plan(rng: np.random.Generator) -> Plan:
    """One to three lanes each way, from country road to city street, half of them with a side street."""
    urban = float(rng.uniform(0.1, 1.0))
    junction = draw_junction(rng, urban) if rng.random() < 0.55 else None
    sides = junction.sides if junction else ()
    return Plan(
        lanes=int(rng.choice([1, 2, 3], p=[0.62, 0.31, 0.07])),
        lane=float(rng.uniform(2.8, 3.7)),
        left=_side(rng, urban, 1 in sides),
        right=_side(rng, urban, -1 in sides),
        kerb=float(rng.uniform(0.08, 0.18)),
        junction=junction,
    )
