"""The street: its line, its profile and its surfaces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.palette import Palette
from simulation.world import Thing, World

ROAD, MARKING, SIDEWALK, TERRAIN = 40, 60, 48, 72
LANE = 3.5
KERB = 0.15
START, END = -60.0, 200.0


@dataclass(frozen=True)
class Street:
    """Line and profile; x runs along, lateral offsets are to the left; all in metres.

    bend, wave: amplitude and length of its curve; lanes; half: half width of the carriageway; parking, verge and
    sidewalk: widths on either side, outwards from the lanes
    """

    bend: float
    wave: float
    lanes: int
    parking: float
    verge: float
    sidewalk: float

    @property
    def half(self) -> float:
        """From the middle to the kerb."""
        return self.lanes * LANE / 2 + self.parking

    @property
    def outer(self) -> float:
        """From the middle to the far edge of the sidewalk."""
        return self.half + self.verge + self.sidewalk

    def line(self, x: float) -> float:
        """y of the middle at x."""
        return float(self.bend * (1 - np.cos(2 * np.pi * x / self.wave)) / 2)

    def yaw(self, x: float) -> float:
        """Heading at x."""
        return float(np.arctan(self.bend * np.pi / self.wave * np.sin(2 * np.pi * x / self.wave)))

    def at(self, x: float, offset: float) -> tuple[float, float]:
        """x and y of a point beside the line."""
        return x, self.line(x) + offset

    def height(self, offset: float) -> float:
        """Height of the ground."""
        return 0.0 if abs(offset) < self.half else KERB


def random_street(rng: np.random.Generator) -> Street:
    """A street of two to four lanes, straight or curved."""
    return Street(
        bend=float(rng.uniform(-9, 9)) if rng.random() < 0.6 else 0.0,
        wave=float(rng.uniform(90, 160)),
        lanes=int(rng.integers(2, 5)),
        parking=2.3 if rng.random() < 0.6 else 0.4,
        verge=float(rng.uniform(1.0, 2.5)) if rng.random() < 0.4 else 0.0,
        sidewalk=float(rng.uniform(2.4, 4.5)),
    )


def build_street(world: World, street: Street, palette: Palette) -> None:
    """Carriageway, markings, kerbs, verges, sidewalks and terrain."""
    _strip(world, street, ROAD, -street.half, street.half, 0.0, palette.asphalt, 8.0)
    _markings(world, street, palette)
    for side in (1, -1):
        inner = street.half
        if street.verge:
            _strip(world, street, TERRAIN, side * inner, side * (inner + street.verge), KERB, palette.grass[0], 6.0)
        inner += street.verge
        _strip(world, street, SIDEWALK, side * inner, side * street.outer, KERB, palette.paving, 2.5)
        grass = palette.grass[side]
        _strip(world, street, TERRAIN, side * street.outer, side * (street.outer + 60), KERB - 0.02, grass, 6.0)


def _strip(
    world: World, street: Street, raw_id: int, y0: float, y1: float, z: float, material: str, tile: float
) -> None:
    """A surface between two offsets, with skirts that make the kerb."""
    y0, y1 = min(y0, y1), max(y0, y1)
    xs = np.arange(START, END + 4, 4.0)
    middle = np.array([street.line(x) for x in xs])
    across = max(1.0, (y1 - y0) / tile)
    top = np.stack([np.repeat(xs, 2), (middle[:, None] + [y0, y1]).ravel(), np.full(2 * len(xs), z)], 1)
    uv = np.stack([np.tile([0.0, across], len(xs)), np.repeat(xs / tile, 2)], 1)
    n, a = len(top), 2 * np.arange(len(xs) - 1)
    surface = [(a, a + 2, a + 3), (a, a + 3, a + 1)]
    right = [(a, n + a, n + a + 2), (a, n + a + 2, a + 2)]
    b = a + 1
    left = [(b, n + b + 2, n + b), (b, b + 2, n + b + 2)]
    faces = np.concatenate([np.stack(f, 1) for f in surface + right + left])
    vertices = np.concatenate([top, top - [0, 0, 0.2]])
    thing = world.thing(raw_id, (0, 0, 0))
    thing.mesh(world.mesh(vertices, faces, np.concatenate([uv, uv])), material)


def _markings(world: World, street: Street, palette: Palette) -> None:
    rng = palette.rng
    white = world.paint(rng.uniform(0.6, 0.95) * np.ones(3))
    yellow = world.paint((0.85, 0.65, 0.12)) if rng.random() < 0.5 else white
    on, off = rng.uniform(2.5, 4), rng.uniform(4, 8)
    thing = world.thing(MARKING, (0, 0, 0))
    for lane in range(1, street.lanes):
        y = (lane - street.lanes / 2) * LANE
        if 2 * lane == street.lanes and rng.random() < 0.5:
            for shift in (-0.12, 0.12):
                _stripe(thing, street, y + shift, 0.12, 40, 0, yellow)
        else:
            _stripe(thing, street, y, 0.14, on, off, yellow if 2 * lane == street.lanes else white)
    for side in (1, -1):
        if rng.random() < 0.8:
            _stripe(thing, street, side * street.lanes * LANE / 2, 0.12, 40, 0, white)


def _stripe(thing: Thing, street: Street, y: float, width: float, on: float, off: float, paint: str) -> None:
    """A painted line, whole or broken, a little above the road."""
    starts = np.arange(-40.0, 160.0, on + off)
    pieces = max(1, int(on // 4))
    a = (starts[:, None] + on / pieces * np.arange(pieces)).ravel()
    b = a + on / pieces
    ya, yb = (np.array([street.line(x) for x in xs]) + y for xs in (a, b))
    w, up = width / 2, 0.012
    top = np.stack([(a, ya - w), (a, ya + w), (b, yb - w), (b, yb + w)]).transpose(2, 0, 1).reshape(-1, 2)
    vertices = np.concatenate([np.c_[top, np.full(len(top), up)], np.c_[top, np.full(len(top), -0.03)]])
    i = 4 * np.arange(len(a))
    n = len(top)
    quads = [(i, i + 2, i + 3), (i, i + 3, i + 1), (n + i, n + i + 3, n + i + 2), (n + i, n + i + 1, n + i + 3)]
    thing.mesh(thing.world.mesh(vertices, np.concatenate([np.stack(q, 1) for q in quads])), paint)
