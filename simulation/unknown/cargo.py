"""Lost cargo and debris."""

from __future__ import annotations

import numpy as np

from simulation.look.palette import any_known
from simulation.unknown.kind import Size
from simulation.world.geometry import blob, ring
from simulation.world.world import Z_TO_X, Z_TO_Y, Thing, World


def crates(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A stack of boxes, each turned a little."""
    count = int(rng.integers(1, 5))
    z, share = 0.0, size[2] / count
    for _ in range(count):
        half = np.array([size[0], size[1], share]) / 2 * [rng.uniform(0.55, 0.8), rng.uniform(0.55, 0.8), 1]
        turn = rng.normal(0, 0.12)
        thing.box(half, (rng.normal(0, 0.03), rng.normal(0, 0.03), z + half[2]), any_known(world, rng),
                  (np.cos(turn), 0, 0, np.sin(turn)))  # fmt: skip
        z += share


def barrels(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """One to three drums, standing or lying."""
    length, width, height = size
    count = int(rng.integers(1, 4))
    radius = min(0.5 * length / count, 0.45 * width)
    for i in range(count):
        x, drum, hoop = (i - (count - 1) / 2) * 2 * radius, any_known(world, rng), any_known(world, rng)
        if rng.random() < 0.3:
            thing.cylinder(0.95 * radius, 0.45 * width, (x, 0, radius), drum, (0.70710678, 0.70710678, 0, 0))
            continue
        thing.cylinder(0.94 * radius, height / 2, (x, 0, height / 2), drum)
        for z in (0.35, 0.68):
            thing.cylinder(0.98 * radius, 0.025, (x, 0, z * height), hoop)


def tyres(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A stack of rings, one leaning."""
    radius = 0.355 * min(size[:2])
    minor = 0.36 * radius
    name = world.mesh(ring(radius, minor), smooth=True)
    for i in range(max(1, int(size[2] / (2 * minor)))):
        thing.mesh(name, any_known(world, rng), (*rng.normal(0, 0.04, 2), minor * (2 * i + 1)))


def sacks(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A pallet with sacks."""
    x, y, height = size[0] / 2, size[1] / 2, size[2]
    board, cloth = any_known(world, rng), any_known(world, rng)
    for b in (-0.8, -0.4, 0, 0.4, 0.8):
        thing.box((x, 0.14 * y, 0.02), (0, b * y, 0.13), board)
    for a in (-0.85, 0, 0.85):
        thing.box((0.08 * x, y, 0.05), (a * x, 0, 0.06), board)
    level = (height - 0.15) / 2
    for i in range(2):
        for a in (-0.48, 0.48):
            thing.ball((0.5 * x, 0.9 * y, 0.55 * level), (a * x, 0, 0.15 + level * (i + 0.5)), cloth)


def rubble(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A heap of stones or a single boulder."""
    count = int(rng.choice([1, 4, 6]))
    for i in range(count):
        share = 1.0 if count == 1 else rng.uniform(0.35, 0.55)
        radii = np.array(size) / 2 * share * [0.85, 0.85, 0.95]
        spread = (1 - share) * np.array(size[:2]) / 2 * rng.uniform(-0.8, 0.8, 2)
        name = world.mesh(blob(rng, radii, rng.uniform(0.06, 0.14)))
        thing.mesh(name, any_known(world, rng), (*spread, radii[2] * (0.8 + 0.5 * (i == 5))))


def beams(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """Planks and pipes fallen over each other."""
    length, width, height = size
    for i in range(int(rng.integers(4, 8))):
        angle, z = rng.uniform(-0.25, 0.25), height * (0.15 + 0.7 * i / 7)
        half = 0.4 * length * rng.uniform(0.6, 1)
        y = rng.uniform(-0.3, 0.3) * width
        end = np.array([half * np.cos(angle), 0.4 * width * np.sin(angle), rng.uniform(-0.1, 0.1) * height])
        start, stop = np.array([0, y, z]) - end, np.array([0, y, z]) + end
        thing.rod(start, stop, rng.uniform(0.05, 0.1) + 0.05 * height, any_known(world, rng))


def roll(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A rolled carpet, pipe or cable drum lying across."""
    radius = 0.5 * min(size[1:])
    thing.cylinder(0.8 * radius, 0.44 * size[0], (0, 0, radius), any_known(world, rng), Z_TO_X)
    flange = any_known(world, rng)
    for s in (-1, 1):
        thing.cylinder(radius, 0.04, (s * 0.42 * size[0], 0, radius), flange, Z_TO_X)


def cable_drum(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A standing drum of cable between two round boards."""
    radius, half = min(size[0], size[2]) / 2, size[1] / 2
    board, cable = any_known(world, rng), any_known(world, rng)
    for s in (-1, 1):
        thing.cylinder(radius, 0.035, (0, s * (half - 0.035), radius), board, Z_TO_Y)
    thing.cylinder(rng.uniform(0.6, 0.88) * radius, half - 0.07, (0, 0, radius), cable, Z_TO_Y)
    thing.cylinder(0.16 * radius, half, (0, 0, radius), cable, Z_TO_Y)
