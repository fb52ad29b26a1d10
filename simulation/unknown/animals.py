"""Animals, from dog to horse, and a large bird."""

from __future__ import annotations

import numpy as np

from simulation.look.palette import any_known
from simulation.unknown.kind import Size
from simulation.world.world import Thing, World


def quadruped(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """Four legs, a trunk, a neck with a head, a tail, sometimes horns."""
    length, width, height = size
    coat = any_known(world, rng)
    mark = any_known(world, rng) if rng.random() < 0.3 else coat
    back, girth = 0.62 * height, 0.45 * width
    thing.ball((0.36 * length, girth, 0.2 * height), (-0.06 * length, 0, back), coat)
    for x in (0.18, -0.32):
        for y in (-0.28, 0.28):
            foot = (x * length + rng.normal(0, 0.04) * length, y * width, 0.045 * height)
            thing.rod((x * length, y * width, back - 0.05 * height), foot, 0.042 * height, coat)
    neck = rng.uniform(0.72, 0.9) * height
    thing.rod((0.2 * length, 0, back + 0.08 * height), (0.34 * length, 0, neck), 0.08 * height, coat)
    thing.ball((0.13 * length, 0.3 * girth + 0.04, 0.09 * height), (0.39 * length, 0, neck + 0.02 * height), mark)
    tail = (-0.5 * length, rng.normal(0, 0.1) * width, back - rng.uniform(-0.1, 0.25) * height)
    thing.rod((-0.38 * length, 0, back + 0.08 * height), tail, 0.025 * height, mark)
    horned = rng.random() < 0.4
    for s in (-1, 1):
        root = (0.34 * length, s * 0.1 * width, neck + 0.06 * height)
        tip = (
            0.3 * length,
            s * (0.35 if horned else 0.18) * width,
            min(height, neck + (0.24 if horned else 0.12) * height),
        )
        thing.rod(root, tip, 0.018 * height, mark)


def bird(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A walking bird on two long legs with a long neck."""
    length, width, height = size
    feathers, bare = any_known(world, rng), any_known(world, rng)
    z = 0.5 * height
    thing.ball((0.36 * length, 0.4 * width, 0.16 * height), (-0.05 * length, 0, z), feathers)
    thing.ball((0.2 * length, 0.25 * width, 0.1 * height), (-0.36 * length, 0, z + 0.03 * height), feathers)
    for s in (-1, 1):
        knee = (rng.normal(0, 0.06) * length, s * 0.18 * width, 0.22 * height)
        thing.rod((0, s * 0.14 * width, 0.42 * height), knee, 0.03 * height, bare)
        thing.rod(knee, (rng.normal(0, 0.08) * length, s * 0.18 * width, 0.03), 0.022 * height, bare)
    head = (0.4 * length, 0, 0.95 * height)
    thing.rod((0.24 * length, 0, z + 0.08 * height), head, 0.035 * height, bare)
    thing.ball((0.1 * length, 0.07 * length, 0.05 * height), head, feathers)
    thing.rod(head, (0.5 * length, 0, 0.92 * height), 0.015 * height, bare)


def elephant(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A heavy body on four columns, with large ears and a trunk."""
    length, width, height = size
    hide = any_known(world, rng)
    back = 0.66 * height
    thing.ball((0.34 * length, 0.42 * width, 0.3 * height), (-0.1 * length, 0, back), hide)
    for x in (0.12, -0.32):
        for s in (-1, 1):
            foot = (x * length + rng.normal(0, 0.02) * length, s * 0.24 * width, 0.09 * height)
            thing.rod((x * length, s * 0.24 * width, 0.6 * height), foot, 0.09 * height, hide)
    head = 0.28 * length
    thing.ball((0.14 * length, 0.26 * width, 0.19 * height), (head, 0, 0.78 * height), hide)
    for s in (-1, 1):
        thing.ball(
            (0.03 * length, 0.2 * width, 0.17 * height), (head - 0.05 * length, s * 0.3 * width, 0.8 * height), hide
        )
        thing.rod(
            (0.36 * length, s * 0.14 * width, 0.66 * height),
            (0.46 * length, s * 0.16 * width, 0.56 * height),
            0.02 * height,
            hide,
        )
    bend = (0.43 * length, 0, 0.5 * height)
    thing.rod((0.38 * length, 0, 0.74 * height), bend, 0.065 * height, hide)
    thing.rod(bend, (rng.uniform(0.41, 0.47) * length, 0, rng.uniform(0.1, 0.3) * height), 0.045 * height, hide)


def crocodile(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A long low body between a tapering tail and a flat snout."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    skin, belly = any_known(world, rng), any_known(world, rng)
    thing.ball((0.42 * x, 0.5 * y, 0.3 * h), (0.05 * x, 0, 0.6 * h), skin)
    thing.ball((0.36 * x, 0.4 * y, 0.22 * h), (0.05 * x, 0, 0.45 * h), belly)
    bend = rng.uniform(-0.5, 0.5) * y
    tail = [(-0.25 * x, 0.0, 0.55 * h), (-0.65 * x, bend, 0.35 * h), (-0.93 * x, -0.6 * bend, 0.15 * h)]
    thing.rod(tail[0], tail[1], 0.2 * h, skin)
    thing.rod(tail[1], tail[2], 0.12 * h, skin)
    thing.ball((0.18 * x, 0.3 * y, 0.2 * h), (0.52 * x, 0, 0.62 * h), skin)
    thing.box((0.22 * x, 0.17 * y, 0.07 * h), (0.76 * x, 0, 0.6 * h), skin)
    thing.box((0.22 * x, 0.15 * y, 0.05 * h), (0.74 * x, 0, 0.4 * h), belly, (0.998, 0, 0.06, 0))
    for a in (-0.22, 0.32):
        for s in (-1, 1):
            knee = (a * x, s * 0.75 * y, 0.42 * h)
            thing.rod((a * x, s * 0.4 * y, 0.55 * h), knee, 0.1 * h, skin)
            thing.rod(knee, (a * x + 0.05 * x, s * 0.8 * y, 0.1 * h), 0.08 * h, skin)
