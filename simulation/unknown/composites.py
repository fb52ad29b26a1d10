"""Parts that do not belong together."""

from __future__ import annotations

import numpy as np

from simulation.look.palette import any_known
from simulation.unknown.kind import Size
from simulation.world.geometry import cone
from simulation.world.world import Z_TO_Y, Thing, World


def composite(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """Three to six shapes stuck into each other."""
    half = np.array(size) / 2
    joint, reach = np.array([0, 0, 0.3 * size[2]]), half * [0.4, 0.4, 0.3]
    for i in range(int(rng.integers(3, 7))):
        r = half * rng.uniform(0.3, 0.6, 3)
        room = np.maximum(half - r, 0)
        at = joint + rng.uniform(-0.8, 0.8, 3) * reach
        at = np.clip(at, [-room[0], -room[1], r[2]], [room[0], room[1], size[2] - r[2]])
        at[2] = at[2] if i else r[2]
        joint, reach = at, r
        turn = rng.uniform(0, np.pi)
        material = any_known(world, rng)
        shape = rng.integers(4 if i else 3)
        if shape == 0:
            thing.box(r * [0.68, 0.68, 1], at, material, (np.cos(turn), 0, 0, np.sin(turn)))
        elif shape == 1:
            thing.ball(r, at, material)
        elif shape == 2:
            thing.cylinder(float(min(r[:2])), float(r[2]), at, material)
        else:
            end = np.array([0.7 * r[0] * np.cos(turn), 0.7 * r[1] * np.sin(turn), 0.5 * r[2]])
            thing.rod(at - end, at + end, float(0.3 * r.min()), material)


def totem(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """Different shapes on top of each other."""
    count = int(rng.integers(3, 6))
    share = rng.uniform(0.6, 1.4, count)
    z, radius = 0.0, min(size[:2]) / 2
    for level in size[2] * share / share.sum():
        r, half, material = radius * rng.uniform(0.45, 0.95), float(level) / 2, any_known(world, rng)
        at, shape = (0, 0, z + half), rng.integers(4)
        if shape == 0:
            thing.box((0.7 * r, 0.7 * r, half), at, material)
        elif shape == 1:
            thing.ball((r, r, 1.1 * half if z else half), at, material)
        elif shape == 2:
            thing.cylinder(r, half, at, material)
        else:
            thing.mesh(world.mesh(cone(r, 2 * half, int(rng.integers(4, 9))).flat()), material, (0, 0, z))
        z += float(level)


def misfit(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """Parts of known things wrongly put together: wheels, a box body, arms, a lamp for a head."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    body, limb = any_known(world, rng), any_known(world, rng)
    radius = 0.16 * h
    wheel = any_known(world, rng)
    for a in (-0.55, 0.55):
        for s in (-1, 1):
            thing.cylinder(radius, 0.06, (a * x, s * 0.72 * y, radius), wheel, Z_TO_Y)
    thing.box((0.8 * x, 0.6 * y, 0.12 * h), (0, 0, radius + 0.1 * h), body)
    neck = rng.uniform(-0.5, 0.5) * x
    thing.rod((neck, 0, 0.35 * h), (neck, 0, 0.85 * h), 0.05 * h, limb)
    thing.ball((0.3 * x, 0.4 * y, 0.11 * h), (neck, 0, 0.88 * h), any_known(world, rng))
    for s in (-1, 1):
        hand = (neck + rng.uniform(-0.4, 0.4) * x, s * 0.85 * y, rng.uniform(0.5, 0.8) * h)
        thing.rod((neck, 0, 0.6 * h), hand, 0.035 * h, limb)
        thing.ball((0.07 * h,) * 3, hand, wheel)
