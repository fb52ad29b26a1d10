"""Boats and parts of aircraft."""

from __future__ import annotations

import numpy as np

from simulation.look.palette import any_known
from simulation.unknown.kind import Size
from simulation.unknown.slant import slant
from simulation.world.geometry import loft
from simulation.world.world import Z_TO_X, Thing, World


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


def wing(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A torn-off wing or tail fin, leaning with its root on the ground."""
    lean, skin = slant(size, 0.16), any_known(world, rng)
    z = np.linspace(-lean.half, lean.half, 6)
    share = 1 - 0.55 * (z / lean.half + 1) / 2

    def section(v: float) -> tuple[float, float, float]:
        chord = float(np.interp(v, z, share)) * size[1] / 2
        return -0.08, 0.08, chord

    upright = loft(z, section, squareness=0.8).turned(np.array([[0, 0, -1.0], [0, 1, 0], [1, 0, 0]]))
    thing.mesh(world.mesh(upright.turned(lean.rotation)), skin, lean.middle)
    flap = any_known(world, rng)
    thing.box((0.09, 0.05 * size[1], 0.3 * lean.half), lean.at(-0.5, 0.36 * size[1]), flap, lean.quat)


def propeller(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """An aircraft's engine with three or four blades, standing on its cowling."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    cowl, blade = any_known(world, rng), any_known(world, rng)
    reach = min(y, h / 2)
    thing.cylinder(0.42 * reach, 0.7 * x, (0.25 * x, 0, h / 2), cowl, Z_TO_X)
    thing.ball((0.3 * x, 0.22 * reach, 0.22 * reach), (-0.6 * x, 0, h / 2), blade)
    for s in (-1, 1):
        thing.box(
            (0.5 * x, 0.05, 0.5 * (h / 2 - 0.3 * reach)), (0.3 * x, s * 0.3 * reach, 0.5 * (h / 2 - 0.3 * reach)), cowl
        )
    count, start = int(rng.integers(3, 5)), rng.uniform(0, 2)
    for angle in start + 2 * np.pi * np.arange(count) / count:
        c, s = np.cos(angle / 2), np.sin(angle / 2)
        at = (-0.6 * x, -0.5 * reach * np.sin(angle), h / 2 + 0.5 * reach * np.cos(angle))
        thing.box((0.03, 0.1 * reach, 0.48 * reach), at, blade, (c, s, 0, 0))


def canoe(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A long narrow hull, keel up or down, with thwarts."""
    length, width, height = size

    def section(x: float) -> tuple[float, float, float]:
        t = abs(2 * x / length)
        return 0.25 * height * t**3, height * (0.72 + 0.28 * t**3), max(0.02, width / 2 * (1 - t**2))

    hull = loft(np.linspace(-length / 2, length / 2, 15), section, squareness=0.7)
    if rng.random() < 0.4:
        hull = hull.turned(np.diag([1.0, -1, -1])).moved((0, 0, height))
    thing.mesh(world.mesh(hull, smooth=True), any_known(world, rng))
    rim = any_known(world, rng)
    for x in (-0.22, 0.0, 0.22):
        thing.box((0.02 * length, 0.4 * width, 0.03), (x * length, 0, 0.74 * height), rim)
