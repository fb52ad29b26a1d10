"""Play objects, statues and shapes without a name."""

from __future__ import annotations

import numpy as np

from simulation.geometry import Mesh, cone, ring
from simulation.palette import any_known
from simulation.unknown.kind import Size
from simulation.world import Thing, World

STANDING = (0.70710678, 0.70710678, 0.0, 0.0)


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


def torus(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A ring standing upright."""
    major = 0.36 * min(size[0], size[2])
    name = world.mesh(ring(major, rng.uniform(0.22, 0.38) * major), smooth=True)
    thing.mesh(name, any_known(world, rng), (0, 0, 1.36 * major), STANDING)


def statue(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A robot of boxes with odd proportions, on a plinth or on feet."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    body, limbs = any_known(world, rng), any_known(world, rng)
    if rng.random() < 0.5:
        thing.cylinder(0.8 * min(x, y), 0.14 * h, (0, 0, 0.14 * h), limbs)
        thing.box((0.3 * x, 0.3 * y, 0.08 * h), (0, 0, 0.36 * h), limbs)
    else:
        for s in (-1, 1):
            thing.box((0.35 * x, 0.22 * y, 0.22 * h), (0, s * 0.4 * y, 0.22 * h), limbs)
    thing.box((0.5 * x, 0.62 * y, 0.17 * h), (0, 0, 0.59 * h), body)
    thing.box((0.36 * x, 0.36 * y, 0.1 * h), (0, 0, 0.88 * h), any_known(world, rng))
    for s in (-1, 1):
        thing.box((0.5 * x, 0.14 * y, 0.05 * h), (0.4 * x, s * 0.78 * y, 0.66 * h), limbs)


def composite(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """Three to six shapes stuck into each other."""
    half = np.array(size) / 2
    for i in range(int(rng.integers(3, 7))):
        r = half * rng.uniform(0.25, 0.6, 3)
        at = rng.uniform(-1, 1, 3) * (half - r)
        at[2] = r[2] if i == 0 else half[2] + at[2]
        turn = rng.uniform(0, np.pi)
        material = any_known(world, rng)
        shape = rng.integers(4)
        if shape == 0:
            thing.box(r * 0.68, at, material, (np.cos(turn), 0, 0, np.sin(turn)))
        elif shape == 1:
            thing.ball(r, at, material)
        elif shape == 2:
            thing.cylinder(float(min(r[:2])), float(r[2]), at, material)
        else:
            reach = np.array([0.7 * r[0] * np.cos(turn), 0.7 * r[1] * np.sin(turn), 0.5 * r[2]])
            thing.rod(at - reach, at + reach, float(0.3 * r.min()), material)


def pyramid(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A tent-like pyramid of three to six sides."""
    plain = cone(min(size[0], size[1]) / 2, size[2], int(rng.integers(3, 7)))
    thing.mesh(world.mesh(Mesh(plain.vertices, plain.faces).flat()), any_known(world, rng))


def arch(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """Two posts and a lintel, an open door frame of a thing."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    post, beam = any_known(world, rng), any_known(world, rng)
    for s in (-1, 1):
        thing.box((0.5 * x, 0.16 * y, 0.42 * h), (0, s * 0.8 * y, 0.42 * h), post)
    thing.box((0.55 * x, y, 0.08 * h), (0, 0, 0.92 * h), beam)
