"""People: standing, walking, of different build; also as riders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.look import palette
from simulation.look.surfaces import Surface
from simulation.world.geometry import cone
from simulation.world.world import Thing, World

PERSON = 30


@dataclass(frozen=True)
class Clothes:
    """Materials of one person."""

    top: str
    legs: str
    shoes: str
    skin: str
    hair: str


def dress(world: World, rng: np.random.Generator) -> Clothes:
    """Clothes at random."""
    hair = world.paint(np.array([0.3, 0.22, 0.15]) * rng.uniform(0.1, 2.2), Surface(rng.uniform(0.15, 0.4)))
    top, legs, shoes = (palette.cloth(world, rng) for _ in range(3))
    return Clothes(top, legs, shoes, palette.skin(world, rng), hair)


def add_person(world: World, rng: np.random.Generator, thing: Thing, stride: float) -> None:
    """Someone upright on z = 0, facing +x; stride 0 stands, 1 walks."""
    child = rng.random() < 0.14
    h, w = rng.uniform(0.86, 1.1) * (rng.uniform(0.55, 0.8) if child else 1.0), rng.uniform(0.82, 1.3)
    w *= 0.75 if child else 1.0
    c = dress(world, rng)
    phase = rng.uniform(-1, 1)
    for s in (-1, 1):
        swing = s * phase * 0.26 * stride * h
        knee, foot = (0.35 * swing + 0.03, s * 0.1 * w, 0.48 * h), (swing, s * 0.1 * w, 0.08 * h)
        thing.rod((0, s * 0.09 * w, 0.9 * h), knee, 0.085 * w, c.legs)
        thing.rod(knee, foot, 0.065 * w, c.legs)
        thing.box((0.12 * h, 0.05, 0.05), (swing + 0.05, s * 0.1 * w, 0.05), c.shoes)
        hand = (-0.8 * swing + 0.06, s * 0.27 * w, 0.85 * h)
        thing.rod((0, s * 0.21 * w, 1.38 * h), hand, 0.05 * w, c.top)
        thing.ball((0.055,) * 3, (hand[0], hand[1], hand[2] - 0.05), c.skin)
    if rng.random() < 0.2:
        thing.mesh(world.shared_mesh("skirt", lambda: cone(0.3, 0.75)), c.legs, (0, 0, 0.5 * h))
    thing.ball((0.135 * w, 0.21 * w, 0.31 * h), (0, 0, 1.16 * h), c.top)
    _head(thing, c, (0, 0, 1.61 * h))
    _carry(world, rng, thing, h, w, stride)


def _carry(world: World, rng: np.random.Generator, thing: Thing, h: float, w: float, stride: float) -> None:
    """A backpack, a bag, an umbrella, a hat, a reflecting vest, a suitcase; or nothing."""
    draw = rng.random()
    if draw < 0.2:
        thing.box((0.08, 0.14, 0.2 * h), (-0.2 * w, 0, 1.2 * h), palette.cloth(world, rng))
    elif draw < 0.34:
        thing.box((0.16, 0.05, 0.13), (0.06, 0.33 * w, 0.62 * h), palette.cloth(world, rng))
    elif draw < 0.42:
        cover = world.shared_mesh("umbrella", lambda: cone(0.42, 0.22))
        thing.rod((0.12, 0.1, 1.0 * h), (0.06, 0.04, 1.98 * h), 0.012, palette.metal(world, rng))
        thing.mesh(cover, palette.cloth(world, rng), (0, 0, 1.8 * h))
    elif draw < 0.5:
        thing.cylinder(0.15, 0.015, (0, 0, 1.69 * h), palette.cloth(world, rng))
        thing.ball((0.1, 0.095, 0.1), (0, 0, 1.71 * h), palette.cloth(world, rng))
    elif draw < 0.58:
        vest = world.paint(((0.85, 0.8, 0.1), (0.9, 0.4, 0.06))[rng.integers(2)], Surface(0.6))
        thing.ball((0.145 * w, 0.215 * w, 0.26 * h), (0, 0, 1.2 * h), vest)
    elif draw < 0.63 and stride > 0.5:
        thing.box((0.11, 0.16, 0.27), (-0.26, 0.2, 0.33), palette.cloth(world, rng))
        thing.rod((-0.2, 0.2, 0.6), (-0.02, 0.24 * w, 0.82 * h), 0.012, palette.metal(world, rng))


def _head(thing: Thing, c: Clothes, at: tuple[float, float, float]) -> None:
    x, y, z = at
    thing.ball((0.1, 0.082, 0.125), at, c.skin)
    thing.ball((0.104, 0.09, 0.09), (x - 0.025, y, z + 0.05), c.hair)


def add_rider(
    world: World, rng: np.random.Generator, thing: Thing, seat: tuple[float, float], bars: tuple[float, float]
) -> None:
    """Someone sitting at (x, z) of the seat with hands at (x, z) of the bars."""
    c = dress(world, rng)
    (sx, sz), (bx, bz) = seat, bars
    shoulder = (sx + 0.55 * (bx - sx) * 0.75, sz + 0.52)
    thing.rod((sx, 0, sz + 0.1), (shoulder[0], 0, shoulder[1] - 0.06), 0.17, c.top)
    for s in (-1, 1):
        elbow = (0.5 * (shoulder[0] + bx), s * 0.27, 0.5 * (shoulder[1] + bz) - 0.05)
        thing.rod((shoulder[0], s * 0.2, shoulder[1]), elbow, 0.05, c.top)
        thing.rod(elbow, (bx, s * 0.24, bz), 0.042, c.top)
        knee = (sx + 0.4, s * 0.13, sz - 0.08 - 0.12 * (s + 1))
        thing.rod((sx, s * 0.1, sz + 0.05), knee, 0.08, c.legs)
        thing.rod(knee, (sx + 0.22, s * 0.13, max(0.16, sz - 0.62 - 0.1 * s)), 0.06, c.legs)
    _head(thing, c, (shoulder[0] + 0.08, 0, shoulder[1] + 0.26))
    if rng.random() < 0.6:
        thing.ball((0.14, 0.115, 0.1), (shoulder[0] + 0.07, 0, shoulder[1] + 0.32), palette.car_paint(world, rng))
