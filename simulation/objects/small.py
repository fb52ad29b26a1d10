"""Small known things that stand on roads and sidewalks: cones, posts, barriers, bins, boxes."""

from __future__ import annotations

import numpy as np

from simulation.look import palette
from simulation.look.surfaces import Surface
from simulation.world.geometry import cone
from simulation.world.world import Thing, World

FENCE, STRUCTURE, POLE = 51, 52, 80
SMALL: dict[str, tuple[int, tuple[float, float, float]]] = {  # raw id; length, width, height in metres
    "cone": (POLE, (0.42, 0.42, 0.75)),
    "delineator": (POLE, (0.35, 0.35, 1.1)),
    "post": (POLE, (0.2, 0.2, 1.0)),
    "barrier": (FENCE, (0.5, 2.1, 1.1)),
    "block": (FENCE, (0.55, 1.6, 0.85)),
    "wheelie bin": (STRUCTURE, (0.75, 0.6, 1.1)),
    "litter bin": (STRUCTURE, (0.5, 0.5, 0.95)),
    "post box": (STRUCTURE, (0.4, 0.45, 1.25)),
    "switch box": (STRUCTURE, (0.4, 1.1, 1.3)),
}
ON_ROAD, ON_ROAD_SHARES = ("cone", "delineator", "post", "barrier", "block", "wheelie bin"), (
    0.34, 0.16, 0.08, 0.16, 0.1, 0.16,
)  # fmt: skip
ON_SIDEWALK = ("wheelie bin", "litter bin", "post box", "switch box", "post", "cone")
ORANGE = (0.85, 0.3, 0.06)


def add_small(world: World, rng: np.random.Generator, thing: Thing, kind: str) -> None:
    """A thing by its name, standing on z = 0."""
    if kind == "cone":
        _cone(world, rng, thing)
    elif kind in ("delineator", "post"):
        _post(world, rng, thing, kind)
    elif kind == "barrier":
        _barrier(world, rng, thing)
    elif kind == "block":
        paint = _either(world, rng)
        thing.box((0.25, 0.78, 0.12), (0, 0, 0.12), paint)
        thing.box((0.14, 0.76, 0.3), (0, 0, 0.54), paint)
    else:
        _bin(world, rng, thing, kind)


def _either(world: World, rng: np.random.Generator) -> str:
    return world.paint(
        np.array([(0.8, 0.1, 0.07), (0.85, 0.85, 0.83)][rng.integers(2)]), Surface(rng.uniform(0.3, 0.6))
    )


def _cone(world: World, rng: np.random.Generator, thing: Thing) -> None:
    height = rng.uniform(0.5, 0.72)
    color = np.array([ORANGE, ORANGE, (0.8, 0.7, 0.1)][rng.integers(3)]) * rng.uniform(0.7, 1.1)
    paint = world.paint(color, Surface(rng.uniform(0.25, 0.5)))
    thing.box((0.19, 0.19, 0.02), (0, 0, 0.02), palette.rubber(world, rng) if rng.random() < 0.5 else paint)
    thing.mesh(world.shared_mesh("traffic cone", lambda: cone(0.15, 0.7)), paint, (0, 0, height - 0.68))
    thing.cylinder(0.085, 0.045, (0, 0, 0.62 * height), palette.retro(world, rng))


def _post(world: World, rng: np.random.Generator, thing: Thing, kind: str) -> None:
    if kind == "delineator":
        thing.box((0.16, 0.16, 0.04), (0, 0, 0.04), palette.rubber(world, rng))
        thing.box((0.025, 0.11, 0.48), (0, 0, 0.56), world.paint(ORANGE, Surface(0.4)))
        for z in (0.45, 0.75):
            thing.box((0.03, 0.112, 0.07), (0, 0, z), palette.retro(world, rng))
        return
    height = rng.uniform(0.7, 1.0)
    thing.cylinder(rng.uniform(0.05, 0.09), height / 2, (0, 0, height / 2), palette.metal(world, rng))


def _barrier(world: World, rng: np.random.Generator, thing: Thing) -> None:
    red, white = world.paint((0.75, 0.08, 0.06), Surface(0.5)), palette.retro(world, rng)
    dark = palette.rubber(world, rng)
    for y in (-0.75, 0.75):
        thing.box((0.24, 0.08, 0.05), (0, y, 0.05), dark)
        thing.box((0.025, 0.025, 0.5), (0, y, 0.55), white)
    for z in (0.45, 0.92):
        for i in range(5):
            thing.box((0.018, 0.2, 0.1), (0, 0.4 * (i - 2), z), (red, white)[i % 2])


def _bin(world: World, rng: np.random.Generator, thing: Thing, kind: str) -> None:
    paint = palette.signal_paint(world, rng) if rng.random() < 0.5 else palette.car_paint(world, rng)
    if kind == "wheelie bin":
        thing.box((0.27, 0.26, 0.45), (0, 0, 0.55), paint)
        thing.box((0.32, 0.28, 0.04), (0.03, 0, 1.03), palette.car_paint(world, rng))
        for y in (-0.2, 0.2):
            thing.cylinder(0.1, 0.03, (-0.24, y, 0.1), palette.rubber(world, rng), (0.70710678, 0.70710678, 0, 0))
    elif kind == "litter bin":
        thing.cylinder(0.22, 0.36, (0, 0, 0.5), paint)
        thing.cylinder(0.24, 0.04, (0, 0, 0.88), palette.metal(world, rng))
        thing.cylinder(0.05, 0.08, (0, 0, 0.08), palette.metal(world, rng))
    elif kind == "post box":
        thing.cylinder(0.06, 0.35, (0, 0, 0.35), palette.metal(world, rng))
        thing.box((0.17, 0.21, 0.28), (0, 0, 0.95), paint)
    else:
        height, cover = rng.uniform(0.9, 1.3), world.paint(np.full(3, rng.uniform(0.3, 0.65)), Surface(0.35))
        thing.box((0.17, rng.uniform(0.35, 0.53), height / 2), (0, 0, height / 2), cover)
