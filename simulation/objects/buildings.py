"""Buildings: blocks of flats, houses, halls and garages."""

from __future__ import annotations

import numpy as np

from simulation import palette
from simulation.geometry import Vector, gable, house_box
from simulation.surfaces import Surface
from simulation.world import Thing, World

BUILDING = 50
KINDS = ("block", "house", "hall", "garage")


def draw_building(rng: np.random.Generator, urban: float) -> tuple[str, float, float, float]:
    """Kind, length along the street, depth and height."""
    share = np.array([0.75 * urban, 0.75 * (1 - urban) + 0.1, 0.08, 0.07])
    kind = KINDS[rng.choice(4, p=share / share.sum())]
    if kind == "block":
        return kind, rng.uniform(10, 24), rng.uniform(9, 14), 3.0 * rng.integers(3, 8) + rng.uniform(0, 1)
    if kind == "house":
        return kind, rng.uniform(7, 13), rng.uniform(7, 10), rng.uniform(3, 6.4)
    if kind == "hall":
        return kind, rng.uniform(14, 26), rng.uniform(10, 14), rng.uniform(4, 7)
    return kind, rng.uniform(3.2, 7), rng.uniform(4.5, 6), rng.uniform(2.2, 3)


class Builder:
    """The buildings of one world, sharing a few facades."""

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self._world, self._rng = world, rng
        self._facades = [palette.facade(world, rng) for _ in range(4)]
        self._plain = [palette.plaster(world, rng) for _ in range(2)]
        self._roofs = [palette.roof(world, rng) for _ in range(3)]
        self._glass = palette.glass(world, rng)

    def build(self, drawn: tuple[str, float, float, float], at: Vector, yaw: float, front: int) -> None:
        """A building whose street front lies towards front * y of its own frame."""
        kind, length, depth, height = drawn
        rng = self._rng
        body = self._world.thing(BUILDING, at, yaw)
        plain = kind in ("hall", "garage")
        walls = self._plain[rng.integers(2)] if plain else self._facades[rng.integers(4)]
        tile = 5.0 if plain else float(rng.choice([6.0, 9.0]))
        sunk = (0, 0, -1.5)  # reaches below sloping ground
        body.mesh(self._world.mesh(house_box(length, depth, height + 1.5, tile)), walls, sunk)
        roof = self._roofs[rng.integers(3)]
        if kind == "house" or (kind == "garage" and rng.random() < 0.4):
            body.mesh(self._world.mesh(gable(length, depth, rng.uniform(1.6, 3.4))), roof, (0, 0, height))
            if rng.random() < 0.5:
                body.box((0.3, 0.3, 0.8), (rng.uniform(-0.3, 0.3) * length, 0.2 * depth, height + 1.8), roof)
        elif kind == "block":
            body.box((length / 2 + 0.15, depth / 2 + 0.15, 0.2), (0, 0, height), roof)
        self._front(body, kind, (length, depth, height), front)

    def _front(self, body: Thing, kind: str, size: tuple[float, float, float], front: int) -> None:
        rng, (length, depth, height) = self._rng, size
        y = front * depth / 2
        door = palette.car_paint(self._world, rng)
        if kind in ("hall", "garage"):
            body.box((min(1.5, length / 3), 0.06, 1.05), (rng.uniform(-0.15, 0.15) * length, y, 1.05), door)
            return
        body.box((0.5, 0.07, 1.05), (rng.uniform(-0.4, 0.4) * length, y, 1.1), door)
        if kind == "block" and rng.random() < 0.45:  # a shop
            body.box((0.42 * length, 0.06, 1.05), (0, y, 1.4), self._glass)
            body.box((0.44 * length, 0.4, 0.07), (0, y + front * 0.3, 2.75), palette.signal_paint(self._world, rng))
        elif kind == "block" and rng.random() < 0.5:  # balconies
            rail = self._world.paint(rng.uniform(0.2, 0.8) * np.ones(3), Surface(rng.uniform(0.2, 0.45)))
            for x in (-0.3, 0.3):
                for z in np.arange(3.4, height - 2, 3.0):
                    body.box((1.3, 0.45, 0.5), (x * length, y + front * 0.4, z), rail)
