"""Shapes without a use."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from simulation.look.palette import any_known
from simulation.unknown.kind import Size
from simulation.world.geometry import Mesh, cone, ring
from simulation.world.world import Z_TO_Y, Thing, World


def torus(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A ring standing upright."""
    major = 0.36 * min(size[0], size[2])
    name = world.mesh(ring(major, rng.uniform(0.22, 0.38) * major), smooth=True)
    thing.mesh(name, any_known(world, rng), (0, 0, 1.36 * major), Z_TO_Y)


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


def spiral(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A thick coil that winds upwards, like a spring."""
    radius = 0.4 * min(size[:2])
    turns, thick = rng.uniform(2, 3.5), 0.09 * min(size)
    share = np.linspace(0, 1, int(9 * turns))
    angle = 2 * np.pi * turns * share
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle), thick + share * (size[2] - 2 * thick)], 1)
    material = any_known(world, rng)
    for a, b in pairwise(points):
        thing.rod(a, b, thick, material)


def lattice(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """The edges of a cuboid as beams, with a body hung in the middle."""
    half, thick = np.array(size) / 2, 0.05 * min(size)
    beam = any_known(world, rng)
    inner = half - thick
    for axis in range(3):
        for a in (-1, 1):
            for b in (-1, 1):
                at, extent = np.array([0, 0, half[2]]), np.full(3, thick)
                at[(axis + 1) % 3] += a * inner[(axis + 1) % 3]
                at[(axis + 2) % 3] += b * inner[(axis + 2) % 3]
                extent[axis] = half[axis]
                thing.box(extent, at, beam)
    thing.ball(0.45 * half, (0, 0, half[2]), any_known(world, rng))
    thing.rod((0, 0, half[2]), (0, 0, 2 * inner[2]), 0.4 * thick, beam)
