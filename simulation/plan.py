"""What a street looks like in cross-section, drawn at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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


@dataclass(frozen=True)
class Plan:
    """lanes: each way; lane: width of one; left, right: the sides; kerb: height of sidewalk and verge."""

    lanes: int
    lane: float
    left: Side
    right: Side
    kerb: float

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


def _side(rng: np.random.Generator, urban: float) -> Side:
    country = rng.random() > urban + 0.25
    return Side(
        parking=0.0 if country or rng.random() < 0.35 else 2.1,
        verge=rng.uniform(0.9, 2.2) if rng.random() < 0.3 else 0.0,
        sidewalk=0.0 if country and rng.random() < 0.6 else rng.uniform(1.6, 4.2),
        slope=rng.uniform(-0.02, 0.14) if country else rng.uniform(0, 0.03),
        setback=rng.uniform(4, 12) if country else rng.uniform(0.6, 7),
        urban=urban,
    )


def draw_plan(rng: np.random.Generator) -> Plan:
    """One to two lanes each way, from country road to city street."""
    urban = float(rng.uniform(0.15, 1.0))
    return Plan(
        lanes=int(rng.choice([1, 2], p=[0.62, 0.38])),
        lane=float(rng.uniform(3.0, 3.6)),
        left=_side(rng, urban),
        right=_side(rng, urban),
        kerb=float(rng.uniform(0.1, 0.17)),
    )
