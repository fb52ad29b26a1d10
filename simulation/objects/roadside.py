"""Poles, signs, traffic lights, bollards, cones and fences."""

from __future__ import annotations

import numpy as np

from simulation import palette
from simulation.geometry import Vector
from simulation.surfaces import Surface
from simulation.world import Z_TO_X, Thing, World

FENCE, POLE, SIGN = 51, 80, 81


class Roadside:
    """Street furniture of one world; y of a thing's frame points away from the road by `out` (+1 or -1)."""

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self._world, self._rng = world, rng
        self._metal = palette.metal(world, rng)
        self._dark = palette.rubber(world, rng)
        self._white = world.paint((0.9, 0.9, 0.9), Surface(0.9))
        self._boards = palette.wood(world, rng)
        self._wall = palette.plaster(world, rng)

    def lamp(self, at: Vector, yaw: float, out: int) -> None:
        """A street lamp reaching over the road."""
        pole, height = self._world.thing(POLE, at, yaw), self._rng.uniform(5.5, 8)
        pole.rod((0, 0, 0), (0, 0, height), 0.08, self._metal)
        pole.rod((0, 0, height), (0, -out * 1.6, height + 0.3), 0.05, self._metal)
        pole.box((0.12, 0.35, 0.06), (0, -out * 1.8, height + 0.27), self._white)

    def wooden_pole(self, at: Vector) -> None:
        """A telegraph pole."""
        pole, height = self._world.thing(POLE, at), self._rng.uniform(6, 9)
        bark = palette.bark(self._world, self._rng)
        pole.cylinder(0.13, height / 2, (0, 0, height / 2), bark)
        pole.box((0.06, 0.9, 0.06), (0, 0, height - 0.4), bark)

    def sign(self, at: Vector, yaw: float) -> None:
        """A round, triangular-coloured or square sign on a pole, facing -x."""
        rng, pole = self._rng, self._world.thing(POLE, at, yaw)
        height = rng.uniform(2.1, 3.0)
        pole.rod((0, 0, 0), (0, 0, height + 0.2), 0.035, self._metal)
        face = pole.labelled(SIGN)
        colors = ((0.75, 0.05, 0.05), (0.06, 0.2, 0.65), (0.8, 0.7, 0.1), (0.88, 0.88, 0.88), (0.06, 0.42, 0.2))
        board = self._world.paint(np.array(colors[rng.integers(5)]) * rng.uniform(0.8, 1.05), Surface(0.95))
        if rng.random() < 0.55:
            face.cylinder(0.34, 0.012, (-0.06, 0, height), board, Z_TO_X)
            face.cylinder(0.23, 0.012, (-0.075, 0, height), self._white, Z_TO_X)
        else:
            half = (0.012, rng.uniform(0.25, 0.65), rng.uniform(0.2, 0.4))
            face.box(half, (-0.06, 0, height), board)
            face.box((0.008, half[1] * 0.7, half[2] * 0.2), (-0.073, 0, height + 0.03), self._white)

    def traffic_light(self, at: Vector, yaw: float, out: int) -> None:
        """A signal on a pole or an arm over the lane, facing -x."""
        rng, pole = self._rng, self._world.thing(POLE, at, yaw)
        height = rng.uniform(3.0, 3.5)
        arm = rng.random() < 0.4
        if arm:
            height = rng.uniform(5.0, 5.6)
            pole.rod((0, 0, height), (0, -out * 2.6, height), 0.06, self._metal)
        pole.rod((0, 0, 0), (0, 0, height), 0.07, self._metal)
        y, head = -out * 2.5 if arm else 0.0, pole.labelled(SIGN)
        head.box((0.13, 0.16, 0.45), (-0.12, y, height - 0.35), self._dark)
        lit = rng.integers(3)
        for i, color in enumerate(((0.95, 0.1, 0.05), (0.95, 0.65, 0.05), (0.1, 0.85, 0.25))):
            bright = np.array(color) * (1.0 if i == lit else 0.25)
            head.ball((0.05, 0.1, 0.1), (-0.25, y, height - 0.08 - 0.27 * i), self._world.paint(bright, Surface(0.3)))

    def bollard(self, at: Vector) -> None:
        """A short post."""
        post, height = self._world.thing(POLE, at), self._rng.uniform(0.7, 1.1)
        post.cylinder(self._rng.uniform(0.05, 0.11), height / 2, (0, 0, height / 2), self._metal)

    def fence(self, at: Vector, yaw: float, length: float, kind: str) -> None:
        """A fence along its x: boards, railing or wall."""
        fence = self._world.thing(FENCE, at, yaw)
        height = self._rng.uniform(0.9, 1.7)
        if kind == "boards":
            fence.box((length / 2, 0.04, height / 2 - 0.1), (0, 0, height / 2 + 0.08), self._boards)
        elif kind == "wall":
            fence.box((length / 2, 0.12, height / 2), (0, 0, height / 2), self._wall)
        else:
            self._railing(fence, length, height)

    def _railing(self, fence: Thing, length: float, height: float) -> None:
        for z in (0.35 * height, 0.68 * height, height):
            fence.box((length / 2, 0.025, 0.035), (0, 0, z), self._metal)
        for x in np.arange(-length / 2, length / 2 + 0.1, 1.0):
            fence.box((0.03, 0.03, height / 2), (x, 0, height / 2), self._metal)
