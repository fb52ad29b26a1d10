"""Furniture, upright or laden."""

from __future__ import annotations

import numpy as np

from simulation.look.palette import any_known
from simulation.unknown.kind import Size
from simulation.world.world import Thing, World


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


def bed(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A frame with head board, mattress, blanket and pillows."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    frame, sheet, blanket = (any_known(world, rng) for _ in range(3))
    thing.box((0.96 * x, 0.96 * y, 0.09 * h), (0, 0, 0.3 * h), frame)
    for s in (-1, 1):
        thing.box((0.04 * x, y, h / 2 if s > 0 else 0.35 * h), (s * 0.96 * x, 0, h / 2 if s > 0 else 0.35 * h), frame)
    thing.box((0.92 * x, 0.93 * y, 0.12 * h), (0, 0, 0.5 * h), sheet)
    thing.box((0.6 * x, 0.97 * y, 0.1 * h), (-0.3 * x, 0, 0.56 * h), blanket)
    for s in (-1, 1):
        thing.ball((0.18 * x, 0.38 * y, 0.1 * h), (0.7 * x, s * 0.45 * y, 0.66 * h), sheet)


def shelf(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """Open boards between two sides, some of them laden."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    board = any_known(world, rng)
    for s in (-1, 1):
        thing.box((x, 0.025, h / 2), (0, s * (y - 0.025), h / 2), board)
    levels = np.linspace(0.05, 0.98, int(rng.integers(4, 6)))
    for i, z in enumerate(levels):
        thing.box((x, y, 0.02), (0, 0, z * h), board)
        if i and rng.random() < 0.75:
            room = float(levels[i] - levels[i - 1]) * h
            half = rng.uniform(0.3, 0.42) * room
            at = (0, rng.uniform(-0.3, 0.3) * y, levels[i - 1] * h + 0.02 + half)
            thing.box((0.8 * x, rng.uniform(0.3, 0.6) * y, half), at, any_known(world, rng))
