"""Bicycles, motorcycles and scooters, alone or ridden."""

from __future__ import annotations

from functools import cache

import numpy as np

from simulation.look import palette
from simulation.look.surfaces import Surface
from simulation.objects.people import add_rider
from simulation.world.geometry import Mesh, cylinder, merge, ring
from simulation.world.world import Thing, World

BICYCLE, MOTORCYCLE, BICYCLIST, MOTORCYCLIST = 11, 15, 31, 32
SIZE = {
    BICYCLE: (1.8, 0.62, 1.05),
    MOTORCYCLE: (2.15, 0.8, 1.25),
    BICYCLIST: (1.8, 0.7, 1.8),
    MOTORCYCLIST: (2.15, 0.85, 1.75),
}
UPRIGHT = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])


@cache
def _bicycle_wheels() -> Mesh:
    parts = []
    for x in (-0.52, 0.55):
        parts.append(ring(0.32, 0.022, (16, 4)).turned(UPRIGHT).moved((x, 0, 0.34)))
        for a in np.arange(3) * np.pi / 3:
            reach = 0.31 * np.array([np.cos(a), 0, np.sin(a)])
            parts.append(cylinder(0.006, np.array([x, 0, 0.34]) - reach, np.array([x, 0, 0.34]) + reach, 3))
    return merge(parts)


def _bicycle(world: World, rng: np.random.Generator, thing: Thing) -> None:
    paint, dark = palette.car_paint(world, rng), palette.rubber(world, rng)
    thing.mesh(world.shared_mesh("bicycle wheels", _bicycle_wheels), dark)
    crank, seat, head = (-0.08, 0, 0.32), (-0.2, 0, 0.86), (0.38, 0, 0.84)
    for a, b in ((crank, seat), (crank, head), ((-0.18, 0, 0.78), (0.36, 0, 0.8)), (crank, (-0.52, 0, 0.34)),
                 ((-0.52, 0, 0.34), (-0.17, 0, 0.74)), ((0.55, 0, 0.34), (0.37, 0, 0.95))):  # fmt: skip
        thing.rod(a, b, 0.022, paint)
    thing.rod((0.36, -0.28, 1.0), (0.36, 0.28, 1.0), 0.018, dark)
    thing.box((0.13, 0.07, 0.035), (-0.22, 0, 0.92), dark)
    if rng.random() < 0.4:
        thing.box((0.18, 0.14, 0.12), (-0.55, 0, 0.82), palette.cloth(world, rng))


def _motorcycle(world: World, rng: np.random.Generator, thing: Thing) -> None:
    paint, dark, steel = palette.car_paint(world, rng), palette.rubber(world, rng), palette.metal(world, rng)
    for x in (-0.68, 0.7):
        thing.cylinder(0.31, 0.065, (x, 0, 0.31), dark, (0.70710678, 0.70710678, 0, 0))
        thing.cylinder(0.18, 0.07, (x, 0, 0.31), steel, (0.70710678, 0.70710678, 0, 0))
    if rng.random() < 0.45:  # scooter
        thing.box((0.45, 0.16, 0.16), (-0.42, 0, 0.52), paint)
        thing.box((0.3, 0.18, 0.05), (0.15, 0, 0.28), paint)
        thing.box((0.05, 0.2, 0.36), (0.5, 0, 0.62), paint, (0.9848, 0, -0.1736, 0))
    else:
        thing.ball((0.36, 0.17, 0.17), (0.12, 0, 0.82), paint)
        thing.box((0.32, 0.17, 0.2), (0.02, 0, 0.48), steel)
        thing.rod((-0.68, 0, 0.34), (-0.1, 0, 0.5), 0.05, steel)
        thing.ball((0.2, 0.17, 0.2), (0.62, 0, 0.95), paint)
    thing.box((0.36, 0.13, 0.05), (-0.42, 0, 0.78), dark)
    thing.rod((0.7, 0, 0.33), (0.45, 0, 1.02), 0.04, steel)
    thing.rod((0.44, -0.34, 1.06), (0.44, 0.34, 1.06), 0.022, dark)
    thing.box((0.03, 0.06, 0.05), (-0.85, 0, 0.72), world.paint((0.55, 0.03, 0.03), Surface(0.8)))


def add_two_wheeler(world: World, rng: np.random.Generator, thing: Thing) -> None:
    """A machine on z = 0 facing +x, with its rider for the ridden classes."""
    if thing.raw_id in (BICYCLE, BICYCLIST):
        _bicycle(world, rng, thing)
    else:
        _motorcycle(world, rng, thing)
    if thing.raw_id == BICYCLIST:
        add_rider(world, rng, thing, (-0.2, 0.9), (0.36, 1.0))
    elif thing.raw_id == MOTORCYCLIST:
        add_rider(world, rng, thing, (-0.35, 0.8), (0.44, 1.06))
