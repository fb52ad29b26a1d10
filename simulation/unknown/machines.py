"""Boats and machines that no class of the street has."""

from __future__ import annotations

import numpy as np

from simulation.geometry import loft
from simulation.palette import any_known
from simulation.unknown.kind import Size
from simulation.world import Thing, World

ALONG_Y = (0.70710678, 0.70710678, 0.0, 0.0)


def boat(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A hull with a cabin or thwarts."""
    length, width, height = size

    def section(x: float) -> tuple[float, float, float]:
        t = abs(2 * x / length)
        return 0.3 * height * t**4, height * (0.5 + 0.14 * t**2), max(0.03, width / 2 * (1 - t**2.4))

    hull = loft(np.linspace(-length / 2, length / 2, 13), section, squareness=0.75)
    thing.mesh(world.mesh(hull, smooth=True), any_known(world, rng))
    top = any_known(world, rng)
    if rng.random() < 0.6:
        thing.box((0.15 * length, 0.26 * width, 0.2 * height), (-0.08 * length, 0, 0.66 * height), top)
    else:
        for x in (-0.2, 0.05, 0.25):
            thing.box((0.03 * length, 0.36 * width, 0.03), (x * length, 0, 0.56 * height), top)


def barrow(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A wheelbarrow or hand cart."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    tray, frame = any_known(world, rng), any_known(world, rng)
    thing.cylinder(0.3 * h, 0.06, (0.72 * x, 0, 0.3 * h), frame, ALONG_Y)
    thing.box((0.5 * x, 0.8 * y, 0.05 * h), (0.05 * x, 0, 0.55 * h), tray)
    for s in (-1, 1):
        thing.box((0.5 * x, 0.05 * y, 0.16 * h), (0.05 * x, s * 0.8 * y, 0.68 * h), tray)
        thing.rod((0.7 * x, s * 0.2 * y, 0.3 * h), (-0.97 * x, s * 0.7 * y, 0.72 * h), 0.025, frame)
        thing.rod((-0.35 * x, s * 0.6 * y, 0.55 * h), (-0.45 * x, s * 0.6 * y, 0.03), 0.025, frame)
        thing.box((0.04 * x, 0.8 * y, 0.16 * h), ((0.05 + 0.5 * s) * x, 0, 0.68 * h), tray)
    if rng.random() < 0.6:
        thing.ball((0.42 * x, 0.66 * y, 0.2 * h), (0.05 * x, 0, 0.78 * h), any_known(world, rng))


def engine(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A generator or pump on skids, with drum, pipes and a stack."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    block, pipe = any_known(world, rng), any_known(world, rng)
    for s in (-1, 1):
        thing.box((x, 0.08 * y, 0.05 * h), (0, s * 0.7 * y, 0.05 * h), pipe)
    thing.box((0.55 * x, 0.75 * y, 0.28 * h), (-0.35 * x, 0, 0.38 * h), block)
    thing.cylinder(0.26 * h, 0.7 * y, (0.5 * x, 0, 0.38 * h), any_known(world, rng), ALONG_Y)
    thing.rod((-0.6 * x, 0.3 * y, 0.6 * h), (-0.6 * x, 0.3 * y, 0.93 * h), 0.06 * h, pipe)
    thing.rod((-0.2 * x, -0.5 * y, 0.7 * h), (0.6 * x, -0.5 * y, 0.55 * h), 0.05 * h, pipe)


def digger(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A small excavator: tracks, cab and a bent arm."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    body, track = any_known(world, rng), any_known(world, rng)
    for s in (-1, 1):
        thing.box((0.55 * x, 0.2 * y, 0.12 * h), (-0.3 * x, s * 0.75 * y, 0.12 * h), track)
        for a in (-0.85, 0.25):
            thing.cylinder(0.12 * h, 0.2 * y, (a * x, s * 0.75 * y, 0.12 * h), track, ALONG_Y)
    thing.box((0.5 * x, 0.7 * y, 0.13 * h), (-0.35 * x, 0, 0.4 * h), body)
    thing.box((0.24 * x, 0.36 * y, 0.22 * h), (-0.35 * x, 0.25 * y, 0.75 * h), any_known(world, rng))
    elbow, wrist = (0.45 * x, -0.2 * y, 0.9 * h), (0.85 * x, -0.2 * y, 0.35 * h)
    thing.rod((0.0, -0.2 * y, 0.45 * h), elbow, 0.05 * h, body)
    thing.rod(elbow, wrist, 0.04 * h, body)
    thing.box((0.12 * x, 0.25 * y, 0.1 * h), (0.85 * x, -0.2 * y, 0.22 * h), track)


def aircraft(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A model aeroplane or a piece of one: fuselage, wings and fin."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    skin, wing = any_known(world, rng), any_known(world, rng)
    radius = 0.3 * h
    thing.rod((-x + radius, 0, 0.35 * h), (x - radius, 0, 0.35 * h), radius, skin)
    thing.box((0.2 * x, y, 0.03), (0.1 * x, 0, 0.42 * h), wing)
    thing.box((0.12 * x, 0.4 * y, 0.025), (-0.82 * x, 0, 0.5 * h), wing)
    thing.box((0.12 * x, 0.03, 0.25 * h), (-0.82 * x, 0, 0.72 * h), wing)
    thing.ball((0.2 * x, 0.6 * radius, 0.6 * radius), (0.3 * x, 0, 0.35 * h + radius), any_known(world, rng))
