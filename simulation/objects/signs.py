"""Traffic signs and signals: boards of several shapes on poles, gantries, lights."""

from __future__ import annotations

from functools import partial

import numpy as np

from simulation.look import palette
from simulation.look.surfaces import Surface
from simulation.world.geometry import Mesh, Vector, cylinder
from simulation.world.world import Thing, World

POLE, SIGN = 80, 81
RED, BLUE, YELLOW = (0.75, 0.05, 0.05), (0.06, 0.2, 0.65), (0.8, 0.7, 0.1)
WHITE, GREEN = (0.88, 0.88, 0.88), (0.06, 0.42, 0.2)
COLORS = (RED, BLUE, YELLOW, WHITE, GREEN)
LIGHTS = ((0.95, 0.1, 0.05), (0.95, 0.65, 0.05), (0.1, 0.85, 0.25))
KINDS = ("round", "triangle", "octagon", "diamond", "square", "board", "two", "name")
SHARES = (0.28, 0.16, 0.08, 0.1, 0.12, 0.1, 0.1, 0.06)


class Signs:
    """The signs of one world; out: +1 or -1, the direction along y away from the road."""

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self._world, self._rng = world, rng
        self._metal, self._dark = palette.metal(world, rng), palette.rubber(world, rng)
        self._paint = {c: world.paint(np.array(c) * rng.uniform(0.8, 1.05), Surface(0.95)) for c in COLORS}

    def _one_of(self, *colors: tuple[float, float, float]) -> str:
        return self._paint[colors[self._rng.integers(len(colors))]]

    def sign(self, at: Vector, yaw: float) -> None:
        """A sign of any kind, facing -x."""
        rng, pole = self._rng, self._world.thing(POLE, at, yaw)
        kind, height = str(rng.choice(KINDS, p=SHARES)), float(rng.uniform(2.1, 3.0))
        face = pole.labelled(SIGN)
        if kind == "board":
            self._board(pole, face)
            return
        pole.rod((0, 0, 0), (0, 0, height + (0.2 if kind != "two" else 0.75)), 0.035, self._metal)
        if kind == "name":
            face.box((0.45, 0.015, 0.11), (0.05, 0, height), self._one_of(BLUE, GREEN, WHITE))
        elif kind == "square":
            face.box((0.012, 0.32, rng.uniform(0.3, 0.45)), (-0.06, 0, height), self._one_of(BLUE, WHITE, YELLOW))
            face.box((0.008, 0.2, 0.1), (-0.073, 0, height + 0.03), self._one_of(WHITE, BLUE))
        elif kind == "two":
            self._plate(face, "round", height + 0.65)
            self._plate(face, str(rng.choice(["round", "triangle"])), height)
        else:
            self._plate(face, kind, height)

    def _plate(self, face: Thing, kind: str, height: float) -> None:
        """A plate with a smaller one of another colour on it."""
        corners, turn, outer, inner = {
            "round": (12, 0.0, (RED, RED, BLUE)[self._rng.integers(3)], WHITE),
            "triangle": (3, np.pi / 2, RED, WHITE),
            "octagon": (8, np.pi / 8, RED, RED),
            "diamond": (4, 0.0, WHITE, YELLOW),
        }[kind]
        for radius, x, color in ((0.36, -0.05, outer), (0.25, -0.066, inner)):
            key = ("plate", corners, radius)
            name = self._world.shared_mesh(key, partial(_plate, radius, corners))
            c, s = np.cos(turn / 2), np.sin(turn / 2)
            face.mesh(name, self._paint[color], (x, 0, height), (c, s, 0, 0))
        if kind == "octagon":
            face.box((0.005, 0.22, 0.06), (-0.08, 0, height), self._paint[WHITE])

    def _board(self, pole: Thing, face: Thing) -> None:
        """A direction board on two posts."""
        rng = self._rng
        half, low = rng.uniform(0.7, 1.3), rng.uniform(1.4, 2.2)
        ground, stripe = ((BLUE, WHITE), (GREEN, WHITE), (YELLOW, RED), (WHITE, BLUE))[rng.integers(4)]
        for s in (-1, 1):
            pole.rod((0, 0.75 * s * half, 0), (0, 0.75 * s * half, low + 1), 0.045, self._metal)
        face.box((0.015, half, 0.5), (-0.07, 0, low + 0.5), self._paint[ground])
        for z in (0.3, 0.68):
            face.box((0.01, half * rng.uniform(0.4, 0.75), 0.07), (-0.09, 0, low + z), self._paint[stripe])

    def traffic_light(self, at: Vector, yaw: float, out: int) -> None:
        """A signal on a pole, with a sign, or on an arm over the lane, facing -x."""
        rng, pole = self._rng, self._world.thing(POLE, at, yaw)
        arm, height = rng.random() < 0.4, rng.uniform(2.9, 3.5)
        lit = int(rng.integers(3))
        if arm:
            height, reach = rng.uniform(5.0, 5.8), rng.uniform(2.4, 4.5)
            pole.rod((0, 0, height), (0, -out * reach, height + 0.15), 0.06, self._metal)
            self._head(pole, -out * (reach - 0.2), height - 0.25, lit)
        pole.rod((0, 0, 0), (0, 0, height), 0.07, self._metal)
        self._head(pole, 0.0, min(height, 3.4) - 0.35, lit)
        if rng.random() < 0.4:
            for z in (1.95, 2.13):
                pole.labelled(SIGN).box((0.1, 0.09, 0.09), (-0.02, -out * 0.16, z), self._dark)
        if rng.random() < 0.3:
            at = (-0.08, 0, min(height, 3.4) + 0.4)
            pole.labelled(SIGN).box((0.01, 0.3, 0.2), at, self._one_of(BLUE, WHITE))

    def _head(self, pole: Thing, y: float, z: float, lit: int) -> None:
        head = pole.labelled(SIGN)
        head.box((0.12, 0.16, 0.45), (-0.12, y, z), self._dark)
        if self._rng.random() < 0.3:
            head.box((0.01, 0.3, 0.6), (0.01, y, z), self._dark)
        for i, color in enumerate(LIGHTS):
            at = (-0.24, y, z + 0.27 - 0.27 * i)
            if i == lit:
                head.ball((0.03, 0.1, 0.1), at, self._world.lamp(color, Surface(0.3), by_day=0.8))
            else:
                head.ball((0.03, 0.09, 0.09), at, self._world.paint(np.array(color) * 0.2, Surface(0.3)))


def _plate(radius: float, corners: int) -> Mesh:
    return cylinder(radius, (-0.01, 0, 0), (0.01, 0, 0), corners).flat()
