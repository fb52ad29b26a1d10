"""Animals, from dog to horse, and a large bird."""

from __future__ import annotations

import numpy as np

from simulation.palette import any_known
from simulation.unknown.kind import Size
from simulation.world import Thing, World


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
