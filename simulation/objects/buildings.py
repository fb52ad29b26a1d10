"""Buildings: blocks of flats, offices, houses, rows of houses, halls, garages, barns, churches, kiosks."""

from __future__ import annotations

import numpy as np

from simulation.look import palette
from simulation.look.surfaces import Surface
from simulation.world.geometry import Vector, gable, hip, house_box
from simulation.world.world import Thing, World

BUILDING = 50
Drawn = tuple[str, float, float, float]
SIZES: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "block": ((10, 24), (9, 14), (9, 22)),
    "office": ((14, 26), (11, 15), (10, 32)),
    "house": ((7, 13), (7, 10), (3, 6.4)),
    "row": ((15, 26), (8, 10), (5, 7)),
    "hall": ((14, 26), (10, 14), (4, 7)),
    "garage": ((3.2, 7), (4.5, 6), (2.2, 3)),
    "barn": ((10, 18), (8, 11), (3, 4.5)),
    "church": ((14, 20), (8, 10), (6, 8)),
    "kiosk": ((2.4, 4), (2.2, 3), (2.4, 3)),
}  # length along the street, depth and height, metres
CITY = (0.4, 0.16, 0.08, 0.14, 0.06, 0.05, 0.0, 0.03, 0.08)
COUNTRY = (0.04, 0.0, 0.48, 0.08, 0.08, 0.12, 0.14, 0.04, 0.02)
PLAIN, ROOFED = ("hall", "garage", "barn", "kiosk"), ("house", "row", "barn", "church")
QUARTER = (0.70710678, 0, 0, 0.70710678)


def draw_building(rng: np.random.Generator, urban: float) -> Drawn:
    """Kind, length along the street, depth and height."""
    share = urban * np.array(CITY) + (1 - urban) * np.array(COUNTRY)
    kind = list(SIZES)[rng.choice(len(SIZES), p=share / share.sum())]
    length, depth, height = (float(rng.uniform(*r)) for r in SIZES[kind])
    return kind, length, depth, height


class Builder:
    """The buildings of one world, sharing a few facades."""

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self._world, self._rng = world, rng
        self._facades = [palette.facade(world, rng) for _ in range(4)]
        self._plain = [palette.plaster(world, rng) for _ in range(2)]
        self._roofs = [palette.roof(world, rng) for _ in range(3)]
        self._glass = palette.glass(world, rng)
        self._trim = world.paint(rng.uniform(0.3, 0.85) * np.ones(3), Surface(rng.uniform(0.2, 0.45)))

    def build(self, drawn: Drawn, at: Vector, yaw: float, front: int) -> None:
        """A building whose street front lies towards front * y of its own frame."""
        kind, length, depth, height = drawn
        rng = self._rng
        body = self._world.thing(BUILDING, at, yaw)
        walls = self._plain[rng.integers(2)] if kind in PLAIN else self._facades[rng.integers(4)]
        if kind == "barn" and rng.random() < 0.7:
            walls = palette.wood(self._world, rng)
        tile = 5.0 if kind in PLAIN else float(rng.choice([6.0, 9.0]))
        sunk = (0, 0, -2.0)  # reaches below sloping ground
        body.mesh(self._world.mesh(house_box(length, depth, height + 2.0, tile)), walls, sunk)
        self._roof(body, kind, (length, depth, height))
        self._front(body, kind, (length, depth, height), front)
        if kind == "church":
            self._tower(body, (length, depth, height), walls)

    def _roof(self, body: Thing, kind: str, size: tuple[float, float, float]) -> None:
        rng, (length, depth, height) = self._rng, size
        roof = self._roofs[rng.integers(3)]
        if kind in ROOFED or (kind == "garage" and rng.random() < 0.4) or (kind == "block" and rng.random() < 0.3):
            rise, turned = rng.uniform(1.6, 3.8) * (1.6 if kind == "church" else 1), rng.random() < 0.35
            a, b = (depth, length) if turned and length < 14 else (length, depth)
            shape = hip(a, b, rise) if rng.random() < 0.3 else gable(a, b, rise)
            body.mesh(self._world.mesh(shape), roof, (0, 0, height), QUARTER if a != length else (1, 0, 0, 0))
            if rng.random() < 0.6:
                body.box((0.3, 0.3, 0.8), (rng.uniform(-0.2, 0.2) * length, 0.1 * depth, height + rise), roof)
            return
        if kind in ("block", "office"):
            body.box((length / 2 + 0.15, depth / 2 + 0.15, 0.2), (0, 0, height), roof)
            if rng.random() < 0.5:
                body.box((1.5, 1.5, 0.9), (rng.uniform(-0.25, 0.25) * length, 0, height + 1), self._trim)
        elif kind == "kiosk":
            body.box((length / 2 + 0.4, depth / 2 + 0.4, 0.08), (0, 0, height), roof)

    def _tower(self, body: Thing, size: tuple[float, float, float], walls: str) -> None:
        length, _, height = size
        top = height * 2.0
        body.mesh(self._world.mesh(house_box(5, 5, top, 5.0)), walls, (length / 2, 0, 0))
        body.mesh(self._world.mesh(hip(5, 5, 6.5)), self._roofs[0], (length / 2, 0, top))

    def _front(self, body: Thing, kind: str, size: tuple[float, float, float], front: int) -> None:
        rng, (length, depth, height) = self._rng, size
        y = front * depth / 2
        door = palette.car_paint(self._world, rng)
        if kind in PLAIN:
            body.box((min(1.5, length / 3), 0.06, 1.05), (rng.uniform(-0.15, 0.15) * length, y, 1.05), door)
        elif kind == "office":
            for z in np.arange(2.0, height - 1, 3.2):
                body.box((0.47 * length, 0.05, 0.75), (0, y, z), self._glass)
        elif kind == "row":
            for i in range(4):
                body.box((0.5, 0.07, 1.05), ((i - 1.5) * length / 4 + 0.8, y, 1.1), door)
        else:
            body.box((0.5, 0.07, 1.05), (rng.uniform(-0.4, 0.4) * length, y, 1.1), door)
        if kind == "block":
            self._block_front(body, size, y, front)
        elif kind == "house" and rng.random() < 0.3:  # a porch
            body.box((1.2, 0.7, 0.08), (0.25 * length, y + front * 0.7, 2.3), self._trim)

    def _block_front(self, body: Thing, size: tuple[float, float, float], y: float, front: int) -> None:
        """A shop, balconies or bays."""
        rng, (length, _, height) = self._rng, size
        choice = rng.random()
        if choice < 0.4:
            body.box((0.42 * length, 0.06, 1.05), (0, y, 1.4), self._glass)
            body.box((0.44 * length, 0.4, 0.07), (0, y + front * 0.3, 2.75), palette.signal_paint(self._world, rng))
            body.box((0.3 * length, 0.06, 0.28), (0, y + front * 0.05, 3.2), palette.signal_paint(self._world, rng))
        elif choice < 0.65:
            for x in (-0.3, 0.3):
                for z in np.arange(3.4, height - 2, 3.0):
                    body.box((1.3, 0.45, 0.5), (x * length, y + front * 0.4, z), self._trim)
        elif choice < 0.8:
            for x in (-0.28, 0.28):
                body.box((1.4, 0.4, height / 2 - 1.6), (x * length, y + front * 0.3, height / 2 + 1.2), self._trim)
