"""Machines of a road-work site that no class of the street has."""

from __future__ import annotations

import numpy as np

from simulation.look.palette import any_known
from simulation.unknown.kind import Size
from simulation.world.world import Z_TO_Y, Thing, World


def barrow(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A wheelbarrow or hand cart."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    tray, frame = any_known(world, rng), any_known(world, rng)
    thing.cylinder(0.3 * h, 0.06, (0.72 * x, 0, 0.3 * h), frame, Z_TO_Y)
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
    thing.cylinder(0.26 * h, 0.7 * y, (0.5 * x, 0, 0.38 * h), any_known(world, rng), Z_TO_Y)
    thing.rod((-0.6 * x, 0.3 * y, 0.6 * h), (-0.6 * x, 0.3 * y, 0.93 * h), 0.06 * h, pipe)
    thing.rod((-0.2 * x, -0.5 * y, 0.7 * h), (0.6 * x, -0.5 * y, 0.55 * h), 0.05 * h, pipe)


def digger(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A small excavator: tracks, cab and a bent arm."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    body, track = any_known(world, rng), any_known(world, rng)
    for s in (-1, 1):
        thing.box((0.55 * x, 0.2 * y, 0.12 * h), (-0.3 * x, s * 0.75 * y, 0.12 * h), track)
        for a in (-0.85, 0.25):
            thing.cylinder(0.12 * h, 0.2 * y, (a * x, s * 0.75 * y, 0.12 * h), track, Z_TO_Y)
    thing.box((0.5 * x, 0.7 * y, 0.13 * h), (-0.35 * x, 0, 0.4 * h), body)
    thing.box((0.24 * x, 0.36 * y, 0.22 * h), (-0.35 * x, 0.25 * y, 0.75 * h), any_known(world, rng))
    elbow, wrist = (0.45 * x, -0.2 * y, 0.9 * h), (0.85 * x, -0.2 * y, 0.35 * h)
    thing.rod((0.0, -0.2 * y, 0.45 * h), elbow, 0.05 * h, body)
    thing.rod(elbow, wrist, 0.04 * h, body)
    thing.box((0.12 * x, 0.25 * y, 0.1 * h), (0.85 * x, -0.2 * y, 0.22 * h), track)


def roller(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A small road roller with two drums, an engine and a roof or a seat."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    body, drum = any_known(world, rng), any_known(world, rng)
    radius = min(0.3 * h, 0.4 * x)
    for s in (-1, 1):
        thing.cylinder(radius, 0.82 * y, (s * (x - radius), 0, radius), drum, Z_TO_Y)
        thing.box((0.9 * radius, 0.06 * y, 0.1 * radius), (s * (x - radius), 0.92 * y, radius), body)
        thing.box((0.9 * radius, 0.06 * y, 0.1 * radius), (s * (x - radius), -0.92 * y, radius), body)
    low = 2 * radius
    thing.box((0.75 * x, 0.8 * y, 0.1 * h), (0, 0, low), body)
    thing.box((0.3 * x, 0.7 * y, 0.1 * h), (0.35 * x, 0, low + 0.16 * h), body)
    thing.box((0.16 * x, 0.3 * y, 0.05 * h), (-0.3 * x, 0, low + 0.14 * h), drum)
    if rng.random() < 0.6:
        for a in (-0.6, 0.1):
            for s in (-1, 1):
                thing.rod((a * x, s * 0.7 * y, low), (a * x, s * 0.7 * y, 0.94 * h), 0.03, drum)
        thing.box((0.5 * x, 0.8 * y, 0.03), (-0.25 * x, 0, 0.96 * h), body)


def mixer(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A concrete mixer: a tilted drum in a frame on two wheels."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    frame, drum = any_known(world, rng), any_known(world, rng)
    thing.ball((0.55 * x, 0.66 * y, 0.24 * h), (0, 0, 0.66 * h), drum, (0.924, 0, -0.383, 0))
    thing.cylinder(0.3 * y, 0.12 * h, (0.42 * x, 0, 0.84 * h), drum, (0.924, 0, 0.383, 0))
    for s in (-1, 1):
        thing.rod((-0.7 * x, s * 0.75 * y, 0.12 * h), (0, s * 0.75 * y, 0.66 * h), 0.035, frame)
        thing.rod((0.7 * x, s * 0.75 * y, 0.05), (0, s * 0.75 * y, 0.66 * h), 0.035, frame)
        thing.cylinder(0.13 * h, 0.05, (-0.7 * x, s * 0.88 * y, 0.13 * h), frame, Z_TO_Y)
    thing.rod((-0.7 * x, -0.8 * y, 0.13 * h), (-0.7 * x, 0.8 * y, 0.13 * h), 0.03, frame)
    thing.box((0.24 * x, 0.3 * y, 0.09 * h), (-0.62 * x, 0, 0.42 * h), any_known(world, rng))
