"""Furniture and household goods, upright or toppled."""

from __future__ import annotations

import numpy as np

from simulation.palette import any_known
from simulation.unknown.kind import Size
from simulation.world import Thing, World


def chair(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A chair with four legs and a back."""
    x, y, height = size[0] / 2, size[1] / 2, size[2]
    frame, seat = any_known(world, rng), any_known(world, rng)
    level = 0.48 * height
    thing.box((x, y, 0.05 * height), (0, 0, level), seat)
    for a in (-1, 1):
        for b in (-1, 1):
            thing.box((0.07 * x + 0.015, 0.07 * y + 0.015, level / 2), (a * 0.88 * x, b * 0.88 * y, level / 2), frame)
    thing.box((0.08 * x, y, 0.24 * height), (-0.92 * x, 0, 0.76 * height), seat if rng.random() < 0.5 else frame)


def table(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A table, square or round, sometimes laden."""
    x, y, height = size[0] / 2, size[1] / 2, size[2]
    wood, load = any_known(world, rng), any_known(world, rng)
    top = 0.72 * height
    if rng.random() < 0.35:
        thing.cylinder(min(x, y), 0.04, (0, 0, top), wood)
        thing.cylinder(0.09, top / 2, (0, 0, top / 2), wood)
        thing.cylinder(0.5 * min(x, y), 0.03, (0, 0, 0.03), wood)
    else:
        thing.box((x, y, 0.04), (0, 0, top), wood)
        for a in (-0.9, 0.9):
            for b in (-0.9, 0.9):
                thing.box((0.045, 0.045, top / 2), (a * x, b * y, top / 2), wood)
    if rng.random() < 0.6:
        thing.box((0.4 * x, 0.5 * y, 0.13 * height), (0.2 * x, 0, 0.87 * height), load)


def sofa(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A seat with back and arms."""
    x, y, height = size[0] / 2, size[1] / 2, size[2]
    cover, cushion = any_known(world, rng), any_known(world, rng)
    thing.box((x, y, 0.22 * height), (0, 0, 0.27 * height), cover)
    thing.box((0.22 * x, y, 0.3 * height), (-0.78 * x, 0, 0.7 * height), cover)
    for s in (-1, 1):
        thing.box((x, 0.1 * y, 0.1 * height), (0, s * 0.9 * y, 0.58 * height), cover)
        thing.box((0.6 * x, 0.36 * y, 0.07 * height), (0.18 * x, s * 0.4 * y, 0.54 * height), cushion)


def cabinet(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A wardrobe or a fridge, standing or lying on its back."""
    x, y, height = size[0] / 2, size[1] / 2, size[2]
    body, door = any_known(world, rng), any_known(world, rng)
    half = (x, y, height / 2)
    thing.box(half, (0, 0, height / 2), body)
    for s in (-1, 1):
        thing.box((0.02, 0.46 * y, 0.47 * height), (x, s * 0.49 * y, height / 2), door)
        thing.box((0.03, 0.03, 0.1 * height), (x + 0.03, s * 0.1 * y, 0.52 * height), body)


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
