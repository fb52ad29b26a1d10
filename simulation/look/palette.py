"""The in-distribution materials: families of colour, texture and LiDAR reflectivity.

Known and unknown objects draw from the same families, so that colour, texture and intensity give nothing away.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulation.look import textures
from simulation.look.surfaces import Surface
from simulation.world.world import World

Material = Callable[[World, np.random.Generator], str]
CAR_COLORS = (
    (0.78, 0.78, 0.78), (0.06, 0.06, 0.07), (0.28, 0.29, 0.31), (0.52, 0.53, 0.55), (0.5, 0.06, 0.06),
    (0.06, 0.13, 0.4), (0.1, 0.24, 0.13), (0.58, 0.5, 0.36), (0.62, 0.32, 0.1), (0.68, 0.6, 0.14), (0.2, 0.42, 0.5),
    (0.36, 0.22, 0.16),
)  # fmt: skip
CAR_SHARES = (0.21, 0.15, 0.14, 0.14, 0.1, 0.1, 0.03, 0.03, 0.02, 0.02, 0.03, 0.03)


def car_paint(world: World, rng: np.random.Generator) -> str:
    """Lacquer of vehicles."""
    color = np.array(CAR_COLORS[rng.choice(len(CAR_COLORS), p=CAR_SHARES)]) * rng.uniform(0.8, 1.2)
    return world.paint(
        color, Surface(rng.uniform(0.04, 0.1) + 0.28 * float(color.mean()) * rng.uniform(0.3, 1.3)), shine=0.55
    )


def signal_paint(world: World, rng: np.random.Generator) -> str:
    """Bright paint of signs, vans and lorries."""
    color = np.array([(0.75, 0.08, 0.06), (0.06, 0.2, 0.6), (0.8, 0.7, 0.12), (0.85, 0.85, 0.85), (0.06, 0.4, 0.2)])
    chosen = color[rng.integers(len(color))] * rng.uniform(0.7, 1.1)
    return world.paint(chosen, Surface(rng.uniform(0.15, 0.45)), shine=0.3)


def cloth(world: World, rng: np.random.Generator) -> str:
    """Clothes: mostly dull, some bright."""
    gray = rng.uniform(0.04, 0.7)
    color = gray + (rng.uniform(0.03, 0.85, 3) - gray) * rng.uniform(0.05, 0.9)
    return world.paint(color, Surface(rng.uniform(0.15, 0.45)), shine=0.02)


def skin(world: World, rng: np.random.Generator) -> str:
    """Skin from dark to fair."""
    return world.paint(np.array([0.85, 0.64, 0.52]) * rng.uniform(0.35, 1.05), Surface(rng.uniform(0.25, 0.4)))


def metal(world: World, rng: np.random.Generator) -> str:
    """Bare or painted poles and frames."""
    color = rng.uniform(0.18, 0.6) * np.array([1, rng.uniform(0.95, 1.03), rng.uniform(0.92, 1.06)])
    return world.paint(color, Surface(rng.uniform(0.15, 0.4)), shine=0.4)


def rubber(world: World, rng: np.random.Generator) -> str:
    """Tyres."""
    return world.paint(np.full(3, rng.uniform(0.02, 0.06)), Surface(rng.uniform(0.03, 0.1)), shine=0.0)


def glass(world: World, rng: np.random.Generator) -> str:
    """Dark windows; most pulses go through."""
    color = np.array([0.06, 0.07, 0.09]) * rng.uniform(0.7, 2.4)
    return world.paint(color, Surface(0.06, lost=0.7), shine=0.9)


def retro(world: World, rng: np.random.Generator) -> str:
    """Plates and reflectors, which send the pulse straight back."""
    return world.paint(np.full(3, rng.uniform(0.7, 0.95)), Surface(0.95))


def wood(world: World, rng: np.random.Generator) -> str:
    """Boards."""
    return world.textured(textures.pick(textures.planks, rng), Surface(rng.uniform(0.25, 0.5)), (2, 2))


def bark(world: World, rng: np.random.Generator) -> str:
    """Trunks."""
    return world.textured(textures.pick(textures.bark, rng), Surface(rng.uniform(0.2, 0.4)), (2, 3))


def foliage(world: World, rng: np.random.Generator) -> str:
    """Leaves."""
    return world.textured(textures.pick(textures.leaves, rng), Surface(rng.uniform(0.22, 0.45)), shine=0.0)


def facade(world: World, rng: np.random.Generator) -> str:
    """Walls with windows."""
    return world.textured(textures.pick(textures.facade, rng), Surface(rng.uniform(0.22, 0.48)))


def plaster(world: World, rng: np.random.Generator) -> str:
    """Walls without windows."""
    return world.textured(textures.pick(textures.plaster, rng), Surface(rng.uniform(0.22, 0.48)), (2, 2))


def paving(world: World, rng: np.random.Generator) -> str:
    """Slabs and stones."""
    return world.textured(textures.pick(textures.paving, rng), Surface(rng.uniform(0.22, 0.36)))


def asphalt(world: World, rng: np.random.Generator) -> str:
    """Road surface."""
    return world.textured(textures.pick(textures.asphalt, rng), Surface(rng.uniform(0.16, 0.3)))


def grass(world: World, rng: np.random.Generator) -> str:
    """Meadow and soil."""
    return world.textured(textures.pick(textures.grass, rng), Surface(rng.uniform(0.25, 0.42)))


def roof(world: World, rng: np.random.Generator) -> str:
    """Tiles and slate."""
    color = np.array([(0.42, 0.2, 0.15), (0.25, 0.25, 0.27), (0.35, 0.28, 0.22)][rng.integers(3)])
    return world.paint(color * rng.uniform(0.7, 1.3), Surface(rng.uniform(0.15, 0.4)))


FAMILIES: tuple[Material, ...] = (
    car_paint, signal_paint, cloth, metal, rubber, wood, bark, foliage, plaster, paving, asphalt, grass, facade,
)  # fmt: skip
SHARES = (0.17, 0.06, 0.13, 0.09, 0.05, 0.09, 0.06, 0.06, 0.12, 0.06, 0.04, 0.03, 0.04)


def any_known(world: World, rng: np.random.Generator) -> str:
    """A material of any family: what unknown objects are made of."""
    return FAMILIES[rng.choice(len(FAMILIES), p=SHARES)](world, rng)
