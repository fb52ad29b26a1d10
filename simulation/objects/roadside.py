"""Lamps, poles, bollards, fences, walls, guard rails and shelters."""

from __future__ import annotations

import numpy as np

from simulation.look import palette
from simulation.look.surfaces import Surface
from simulation.world.geometry import Mesh, Vector, box, merge
from simulation.world.world import Thing, World

FENCE, STRUCTURE, POLE = 51, 52, 80
FENCES = ("boards", "rails", "wall", "pickets", "mesh", "guard")


class Roadside:
    """Street furniture of one world; y of a thing's frame points away from the road by `out` (+1 or -1)."""

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self._world, self._rng = world, rng
        self._metal = palette.metal(world, rng)
        self._light = world.lamp((0.9, 0.9, 0.84), Surface(0.9))
        self._boards = palette.wood(world, rng)
        self._wall = palette.plaster(world, rng)
        self._pale = world.paint(np.full(3, rng.uniform(0.55, 0.9)), Surface(rng.uniform(0.3, 0.5)))
        self._glass = palette.glass(world, rng)
        self._lamp = int(rng.choice(4, p=[0.45, 0.2, 0.2, 0.15]))

    def lamp(self, at: Vector, yaw: float, out: int) -> None:
        """A street lamp: all of a street are of one kind, on one arm, two arms, a bent mast or a lantern."""
        pole, height = self._world.thing(POLE, at, yaw), self._rng.uniform(5.5, 8)
        if self._lamp == 3:
            height = self._rng.uniform(3.4, 4.2)
            pole.rod((0, 0, 0), (0, 0, height), 0.06, self._metal)
            pole.ball((0.2, 0.2, 0.24), (0, 0, height + 0.15), self._light)
            return
        pole.cylinder(0.13, 0.5, (0, 0, 0.5), self._metal)
        pole.rod((0, 0, 0), (0, 0, height), 0.075, self._metal)
        rise = 0.9 if self._lamp == 2 else 0.3
        for way in (-out, out) if self._lamp == 1 else (-out,):
            pole.rod((0, 0, height), (0, way * 1.6, height + rise), 0.05, self._metal)
            pole.box((0.12, 0.35, 0.06), (0, way * 1.8, height + rise - 0.03), self._light)

    def wooden_pole(self, at: Vector, yaw: float) -> None:
        """A telegraph pole, its arm across the street."""
        pole, height = self._world.thing(POLE, at, yaw), self._rng.uniform(6, 9)
        bark = palette.bark(self._world, self._rng)
        pole.cylinder(0.13, height / 2, (0, 0, height / 2), bark)
        for i in range(self._rng.integers(1, 3)):
            pole.box((0.06, 0.9, 0.06), (0, 0, height - 0.4 - 0.7 * i), bark)

    def bollard(self, at: Vector) -> None:
        """A short post."""
        post, height = self._world.thing(POLE, at), self._rng.uniform(0.7, 1.1)
        post.cylinder(self._rng.uniform(0.05, 0.11), height / 2, (0, 0, height / 2), self._metal)

    def shelter(self, at: Vector, yaw: float, out: int) -> None:
        """A bus shelter, open towards the road."""
        shelter = self._world.thing(STRUCTURE, at, yaw)
        for x in (-1.8, 0.0, 1.8):
            shelter.box((0.05, 0.05, 1.2), (x, out * 0.55, 1.2), self._metal)
        for x in (-1.8, 1.8):
            shelter.box((0.04, 0.04, 1.2), (x, -out * 0.5, 1.2), self._metal)
        shelter.box((2.0, 0.8, 0.06), (0, 0, 2.45), self._metal)
        for x in (-0.9, 0.9):
            shelter.box((0.85, 0.015, 0.85), (x, out * 0.55, 1.2), self._glass)
        shelter.box((0.03, 0.5, 0.8), (-1.8, 0, 1.3), palette.signal_paint(self._world, self._rng))

    def fence(self, at: Vector, yaw: float, length: float, kind: str, height: float) -> None:
        """A fence along its x, of one of FENCES."""
        fence = self._world.thing(FENCE, at, yaw)
        if kind == "boards":
            fence.box((length / 2, 0.04, height / 2 - 0.04), (0, 0, height / 2 + 0.02), self._boards)
        elif kind == "wall":
            fence.box((length / 2, 0.12, height / 2 + 0.2), (0, 0, height / 2 - 0.2), self._wall)
            fence.box((length / 2, 0.17, 0.04), (0, 0, height), self._pale)
        elif kind == "guard":
            self._grid(fence, length, 0.75, (0.6, 0.06, 0.14), (2.0, 0.05), self._metal)
        elif kind == "mesh":
            self._grid(fence, length, max(1.3, height), (0.0, 0.012, 0.012), (0.45, 0.012), self._metal)
        elif kind == "pickets":
            self._grid(fence, length, min(1.1, height), (0.3, 0.02, 0.04), (0.28, 0.045), self._pale)
        else:
            self._grid(fence, length, height, (0.35 * height, 0.025, 0.035), (1.0, 0.03), self._metal)

    def _grid(
        self, fence: Thing, length: float, height: float, rail: tuple[float, float, float], post: tuple[float, float],
        material: str,
    ) -> None:  # fmt: skip
        """Rails (lowest z, half thickness, half height) and posts (spacing, half width) as one mesh."""
        (low, thick, tall), (step, half) = rail, post
        bottom = max(low, 0.1)
        levels = np.linspace(bottom, height - tall, max(1 if low > 0.5 else 2, round((height - bottom) / 0.45) + 1))
        posts = np.linspace(-length / 2 + half, length / 2 - half, max(2, round(length / step) + 1))

        def make() -> Mesh:
            rails = [box((length / 2, thick, tall), (0, 0, z)) for z in (levels if low <= 0.5 else levels[-1:])]
            return merge([*rails, *(box((half, half, height / 2 + 0.1), (x, 0, height / 2 - 0.1)) for x in posts)])

        key = ("grid", round(length, 1), round(height, 1), rail, post)
        fence.mesh(self._world.shared_mesh(key, make), material)
