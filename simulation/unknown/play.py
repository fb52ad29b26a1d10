"""Sports and play objects."""

from __future__ import annotations

import numpy as np

from simulation.look.palette import any_known
from simulation.unknown.kind import Size
from simulation.unknown.slant import slant
from simulation.world.world import Thing, World


def snowman(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """Balls on each other, or one ball alone."""
    material, head = any_known(world, rng), any_known(world, rng)
    radius = min(size[0], size[1]) / 2
    if rng.random() < 0.35:
        thing.ball((radius,) * 3, (0, 0, radius), material)
        return
    parts = np.array([1.0, 0.72, 0.5]) * size[2] / 4.2
    z = 0.0
    for i, r in enumerate(parts):
        thing.ball((r,) * 3, (0, 0, z + r), head if i == 2 else material)
        z += 1.88 * r


def slide(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A playground slide with a ladder and a platform."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    chute, frame = any_known(world, rng), any_known(world, rng)
    top, start, end = 0.72 * h, np.array([-0.45 * x, 0, 0.72 * h]), np.array([0.92 * x, 0, 0.12 * h])
    angle = float(np.arctan2(start[2] - end[2], end[0] - start[0]))
    quat, half = (np.cos(angle / 2), 0, np.sin(angle / 2), 0), float(np.linalg.norm(end - start)) / 2
    thing.box((half, 0.7 * y, 0.025), (start + end) / 2, chute, quat)
    for s in (-1, 1):
        thing.box((half, 0.03, 0.07 * h), (start + end) / 2 + [0, s * 0.7 * y, 0.05 * h], chute, quat)
        for a in (-0.92, -0.45):
            thing.rod((a * x, s * 0.75 * y, 0.03), (a * x, s * 0.75 * y, 0.96 * h), 0.035, frame)
    thing.box((0.25 * x, 0.8 * y, 0.03), (-0.68 * x, 0, top), frame)
    for z in (0.2, 0.4, 0.58):
        thing.rod((-0.92 * x, -0.75 * y, z * h), (-0.92 * x, 0.75 * y, z * h), 0.025, frame)


def goal(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A small football goal with a ball."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    bar, net = any_known(world, rng), any_known(world, rng)
    for s in (-1, 1):
        post = (-0.92 * x, s * 0.95 * y, 0.05)
        thing.rod(post, (-0.92 * x, s * 0.95 * y, 0.95 * h), 0.05, bar)
        thing.rod((0.92 * x, s * 0.95 * y, 0.05), post, 0.04, bar)
        thing.rod((0.92 * x, s * 0.95 * y, 0.05), (-0.92 * x, s * 0.95 * y, 0.95 * h), 0.03, bar)
    thing.rod((-0.92 * x, -0.95 * y, 0.95 * h), (-0.92 * x, 0.95 * y, 0.95 * h), 0.05, bar)
    for share in np.linspace(0.05, 0.95, 7):
        at, z = (0.92 - 1.84 * share) * x, 0.05 + share * (0.95 * h - 0.05)
        thing.rod((at, -0.95 * y, z), (at, 0.95 * y, z), 0.012, net)
    for s in np.linspace(-0.8, 0.8, 9):
        thing.rod((0.92 * x, s * y, 0.05), (-0.92 * x, s * y, 0.95 * h), 0.012, net)
    thing.ball((0.13,) * 3, (-0.4 * x, rng.uniform(-0.6, 0.6) * y, 0.13), net)


def rocker(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A rocking horse on two runners."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    coat, runner = any_known(world, rng), any_known(world, rng)
    for s in (-1, 1):
        for a, b in ((-0.95, -0.5), (-0.5, 0.5), (0.5, 0.95)):
            low, high = (0.14 * h if abs(v) > 0.9 else 0.04 * h for v in (a, b))
            thing.rod((a * x, s * 0.75 * y, low), (b * x, s * 0.75 * y, high), 0.035 * h, runner)
        for a in (-0.4, 0.35):
            thing.rod((a * x, s * 0.3 * y, 0.5 * h), (1.3 * a * x, s * 0.75 * y, 0.06 * h), 0.04 * h, coat)
    thing.ball((0.55 * x, 0.5 * y, 0.15 * h), (0, 0, 0.55 * h), coat)
    thing.rod((0.35 * x, 0, 0.6 * h), (0.62 * x, 0, 0.86 * h), 0.08 * h, coat)
    thing.ball((0.22 * x, 0.3 * y, 0.07 * h), (0.74 * x, 0, 0.88 * h), coat)
    thing.box((0.2 * x, 0.5 * y, 0.03 * h), (-0.05 * x, 0, 0.69 * h), runner)


def surfboard(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A leaning board with rounded ends and a stripe."""
    lean, width = slant(size, 0.1), size[1] / 2
    tall = (0.05, width, lean.half)
    thing.ball(tall, lean.middle, any_known(world, rng), lean.quat)
    thing.box((0.052, 0.12 * width, 0.6 * lean.half), lean.middle, any_known(world, rng), lean.quat)
