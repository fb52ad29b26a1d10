"""Lorries and buses."""

from __future__ import annotations

import numpy as np

from simulation.look import palette
from simulation.look.surfaces import Surface
from simulation.world.geometry import frustum, wheels
from simulation.world.world import Z_TO_X, Thing, World

BUS, TRUCK = 13, 18


def draw_bus(rng: np.random.Generator) -> tuple[float, float, float]:
    """Length, width and height of a bus: a small one, a city bus, a coach or a double-decker."""
    kind = rng.choice(4, p=[0.25, 0.45, 0.18, 0.12])
    if kind == 0:
        return float(rng.uniform(6.0, 7.2)), float(rng.uniform(2.05, 2.25)), float(rng.uniform(2.5, 2.8))
    if kind == 1:
        return float(rng.uniform(8.5, 12.0)), 2.5, float(rng.uniform(2.9, 3.2))
    return float(rng.uniform(10, 12)), 2.5, float(rng.uniform(3.5, 3.8) if kind == 2 else rng.uniform(4.1, 4.35))


def add_bus(world: World, rng: np.random.Generator, thing: Thing, size: tuple[float, float, float]) -> None:
    """A bus facing +x; one over 4 m high has two decks, each with a row of windows."""
    length, width, height = size
    paint, window = palette.signal_paint(world, rng), palette.glass(world, rng)
    x, y, z0, z1 = length / 2, width / 2, 0.32, height
    hull = frustum((-x, x, y), (-x + 0.05, x - 0.12, y - 0.06), (z0, z1 - 0.12))
    thing.mesh(world.mesh(hull), paint)
    thing.box((x * 0.93, y * 0.8, 0.08), (-0.1, 0, z1 - 0.06), world.paint((0.7, 0.7, 0.7), Surface(0.4)))
    second = palette.signal_paint(world, rng) if rng.random() < 0.5 else paint
    decks = (0.42, 0.78) if height > 4 else (0.62,)
    for s in (-1, 1):
        thing.box((x * 0.97, 0.012, 0.16), (-0.05, s * (y - 0.005), 0.72), second)
        for z in decks:
            thing.box((x * 0.92, 0.015, 0.42), (0, s * (y - 0.02), z * height), window)
            for pillar in np.linspace(-0.75, 0.75, 5):
                thing.box((0.05, 0.02, 0.43), (pillar * x, s * (y - 0.015), z * height), paint)
        thing.box((0.09, 0.06, 0.16), (x - 0.02, s * (y + 0.08), 0.6 * min(height, 3.2)), palette.rubber(world, rng))
    for z in decks:
        thing.box((0.02, y * 0.86, 0.55), (x - 0.06, 0, z * height - 0.1), window)
        thing.box((0.02, y * 0.75, 0.35), (-x - 0.005, 0, z * height + 0.1), window)
    sign = world.lamp((0.75, 0.5, 0.1), Surface(0.3), by_day=0.4)
    thing.box((0.02, y * 0.6, 0.12), (x - 0.09, 0, min(height, 3.4) - 0.3), sign)
    axles = (0.3 * length, -0.27 * length)
    thing.mesh(world.mesh(wheels(0.48, 0.14, axles, y - 0.13)), palette.rubber(world, rng))
    _lights(world, thing, x, y, 0.75)


def draw_truck(rng: np.random.Generator) -> tuple[float, float, float]:
    """Length, width and height of a lorry."""
    return float(rng.uniform(5.8, 9.0)), float(rng.uniform(2.1, 2.5)), float(rng.uniform(2.6, 3.6))


def add_truck(world: World, rng: np.random.Generator, thing: Thing, size: tuple[float, float, float]) -> None:
    """A lorry with a box, a flat bed or a tank, facing +x."""
    length, width, height = size
    x, y = length / 2, width / 2
    cab, paint = 1.9, palette.signal_paint(world, rng)
    cab_top = min(2.6, height)
    low, high = (x - cab, x, y * 0.96), (x - cab + 0.08, x - 0.22, y * 0.92)
    thing.mesh(world.mesh(frustum(low, high, (0.5, cab_top))), paint)
    window = palette.glass(world, rng)
    thing.box((0.03, y * 0.82, 0.36), (x - 0.12, 0, 0.72 * cab_top), window, (0.9962, 0, -0.0872, 0))
    for s in (-1, 1):
        thing.box((0.42, 0.02, 0.3), (x - 0.95, s * (y * 0.945), 0.72 * cab_top), window)
    thing.box((x * 0.96, 0.42, 0.14), (-0.1, 0, 0.72), palette.rubber(world, rng))
    half = (length - cab - 0.25) / 2
    _load(world, rng, thing, (-x + half, half, y, height))
    axles = (x - 1.1, -x + 1.0, -x + 2.1) if length > 7 else (x - 1.1, -x + 1.2)
    thing.mesh(world.mesh(wheels(0.47, 0.15, axles, y - 0.17)), palette.rubber(world, rng))
    _lights(world, thing, x, y, 0.85)


def _load(world: World, rng: np.random.Generator, thing: Thing, space: tuple[float, float, float, float]) -> None:
    at, half, y, height = space
    kind = rng.choice(5, p=[0.42, 0.18, 0.12, 0.16, 0.12])
    if kind == 0:
        paint = palette.signal_paint(world, rng) if rng.random() < 0.6 else palette.car_paint(world, rng)
        thing.box((half, y, (height - 0.9) / 2), (at, 0, 0.9 + (height - 0.9) / 2), paint)
    elif kind == 1:
        bed = palette.metal(world, rng)
        thing.box((half, y, 0.06), (at, 0, 0.95), bed)
        for s in (-1, 1):
            thing.box((half, 0.03, 0.3), (at, s * (y - 0.03), 1.25), bed)
        thing.box((half * 0.85, y * 0.85, 0.4), (at, 0, 1.4), palette.wood(world, rng))
    elif kind == 3:  # a tipper, full or empty
        bed = palette.signal_paint(world, rng)
        hopper = frustum((at - half, at + half, y * 0.8), (at - half, at + half, y), (0.9, 1.9))
        thing.mesh(world.mesh(hopper), bed)
        if rng.random() < 0.6:
            thing.ball((half * 0.85, y * 0.8, 0.5), (at, 0, 1.85), palette.grass(world, rng))
    elif kind == 4:  # a refuse lorry or one with a curtain
        top, rest = 0.9 + (height - 0.9) / 2, palette.car_paint(world, rng)
        thing.box((half * 0.72, y, (height - 0.9) / 2), (at + half * 0.28, 0, top), palette.signal_paint(world, rng))
        back = frustum(
            (at - half, at - 0.3 * half, y * 0.98), (at - half + 0.6, at - 0.3 * half, y * 0.98), (0.7, height)
        )
        thing.mesh(world.mesh(back), rest)
        for s in (-1, 1):
            thing.box((half * 0.5, 0.01, 0.22), (at + half * 0.25, s * (y + 0.005), top + 0.2), rest)
    else:
        radius = 0.48 * (height - 0.8)
        thing.cylinder(min(y, radius), half, (at, 0, 0.9 + radius), palette.metal(world, rng), Z_TO_X)


def _lights(world: World, thing: Thing, x: float, y: float, z: float) -> None:
    tail, lamp = world.lamp((0.55, 0.03, 0.03), Surface(0.8)), world.lamp((0.9, 0.9, 0.84), Surface(0.5))
    for s in (-1, 1):
        thing.box((0.03, 0.16, 0.1), (-x - 0.005, s * y * 0.8, z), tail)
        thing.box((0.03, 0.16, 0.08), (x - 0.01, s * y * 0.75, z - 0.1), lamp)
    thing.box((0.015, 0.26, 0.06), (-x - 0.01, 0, z - 0.2), world.paint((0.85, 0.85, 0.8), Surface(0.95)))
