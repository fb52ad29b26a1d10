"""Household goods, some leaning against something."""

from __future__ import annotations

import numpy as np

from simulation.look.palette import any_known
from simulation.unknown.kind import Size
from simulation.unknown.slant import slant
from simulation.world.geometry import cone
from simulation.world.world import Z_TO_X, Thing, World


def bathtub(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """An open tub of five boards on feet."""
    x, y, height = size[0] / 2, size[1] / 2, size[2]
    shell = any_known(world, rng)
    thing.box((x, y, 0.06 * height), (0, 0, 0.2 * height), shell)
    for s in (-1, 1):
        thing.box((x, 0.08 * y, 0.4 * height), (0, s * 0.92 * y, 0.6 * height), shell)
        thing.box((0.06 * x, y, 0.4 * height), (s * 0.94 * x, 0, 0.6 * height), shell)
        thing.ball((0.08, 0.08, 0.1 * height), (s * 0.7 * x, 0.6 * y, 0.1 * height), shell)
        thing.ball((0.08, 0.08, 0.1 * height), (s * 0.7 * x, -0.6 * y, 0.1 * height), shell)


def washer(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A washing machine with a round door and a panel."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    case, door = any_known(world, rng), any_known(world, rng)
    thing.box((0.94 * x, y, 0.48 * h), (0.03 * x, 0, 0.52 * h), case)
    thing.cylinder(0.3 * h, 0.04 * x, (-0.93 * x, 0, 0.45 * h), door, Z_TO_X)
    thing.cylinder(0.2 * h, 0.03 * x, (-0.96 * x, 0, 0.45 * h), case, Z_TO_X)
    thing.box((0.03 * x, 0.9 * y, 0.06 * h), (-0.93 * x, 0, 0.9 * h), door)


def mattress(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A mattress leaning on its end."""
    lean, thick = slant(size, 0.2), 0.1
    thing.box((thick, size[1] / 2, lean.half), lean.middle, any_known(world, rng), lean.quat)
    thing.box((0.6 * thick, 0.505 * size[1], 0.99 * lean.half), lean.middle, any_known(world, rng), lean.quat)


def ladder(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A leaning ladder."""
    lean, rail = slant(size, 0.1), any_known(world, rng)
    for s in (-1, 1):
        y = s * (size[1] / 2 - 0.04)
        thing.rod(lean.at(-0.97, y), lean.at(0.97, y), 0.04, rail)
    for along in np.linspace(-0.85, 0.85, max(4, round(lean.half / 0.16))):
        thing.rod(lean.at(along, -size[1] / 2 + 0.04), lean.at(along, size[1] / 2 - 0.04), 0.025, rail)


def parasol(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A garden umbrella in a heavy foot."""
    radius, h = min(size[:2]) / 2, size[2]
    shade = world.mesh(cone(radius, 0.26 * h, 8).flat())
    thing.mesh(shade, any_known(world, rng), (0, 0, 0.74 * h))
    pole = any_known(world, rng)
    thing.rod((0, 0, 0.05), (0, 0, 0.95 * h), 0.035, pole)
    thing.cylinder(0.32 * radius, 0.06, (0, 0, 0.06), pole)
