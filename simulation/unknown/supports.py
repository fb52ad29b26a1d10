"""Known things that hold unknown ones: what an object leans against or hangs from."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simulation.actors.motion import Motion
from simulation.look import palette
from simulation.objects.cars import CAR, add_car, car_meshes, draw_car
from simulation.objects.roadside import FENCE, POLE
from simulation.unknown.kind import Size
from simulation.world.stage import Stage
from simulation.world.world import Thing


class Support(NamedTuple):
    """depth: along the direction of leaning, width: across it, metres; yaw: of that direction against the street

    put: builds the support at a motion
    """

    depth: float
    width: float
    yaw: float
    put: Callable[[Motion], None]


def pole(stage: Stage, rng: np.random.Generator, size: Size) -> Support:
    """A wooden or metal post of some height."""
    radius, height = float(rng.uniform(0.06, 0.14)), max(size[2] + 0.3, float(rng.uniform(3, 7)))

    def put(motion: Motion) -> None:
        post = palette.bark if radius > 0.1 else palette.metal
        thing = stage.put(POLE, motion)
        thing.cylinder(radius, height / 2, (0, 0, height / 2), post(stage.world, rng))

    return Support(2 * radius, 2 * radius, float(rng.uniform(-1.2, 1.2)), put)


def wall(stage: Stage, rng: np.random.Generator, size: Size) -> Support:
    """A piece of garden wall or of a board fence."""
    half, height, boards = size[1] / 2 + rng.uniform(0.2, 1.2), size[2] + rng.uniform(0, 0.4), rng.random() < 0.5
    thick = 0.04 if boards else 0.12

    def put(motion: Motion) -> None:
        material = palette.wood(stage.world, rng) if boards else palette.plaster(stage.world, rng)
        stage.put(FENCE, motion).box((thick, half, height / 2), (0, 0, height / 2), material)

    return Support(2 * thick, 2 * half, float(rng.choice([-1, 0, 1]) * np.pi / 2 + rng.normal(0, 0.2)), put)


def car(stage: Stage, rng: np.random.Generator, size: Size) -> Support:
    """The side of a car that stands along the street."""
    kind, variant = draw_car(rng)
    length, width, _ = car_meshes(kind, variant).size

    def put(motion: Motion) -> None:
        along = Motion(motion.s, motion.d, yaw=motion.yaw + np.pi / 2, z=motion.z)
        add_car(stage.world, rng, stage.put(CAR, along), kind, variant)

    return Support(width, length, float(rng.choice([-1, 1]) * np.pi / 2 + rng.normal(0, 0.05)), put)


SUPPORTS = (pole, wall, car)


def arm(stage: Stage, rng: np.random.Generator, foot: Motion, reach: float, height: float) -> None:
    """A post like a lamp's at `foot` with an arm that reaches so far to its left (right if negative)."""
    post, steel = stage.put(POLE, foot), palette.metal(stage.world, rng)
    post.rod((0, 0, 0), (0, 0, height), 0.08, steel)
    post.rod((0, 0, height), (0, reach, height), 0.05, steel)


def rope(stage: Stage, rng: np.random.Generator, thing: Thing, size: Size, height: float) -> None:
    """A rope from the middle of a hanging thing up to a height above its frame."""
    thing.rod((0, 0, 0.55 * size[2]), (0, 0, height), 0.018, palette.any_known(stage.world, rng))
