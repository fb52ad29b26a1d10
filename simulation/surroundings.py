"""What stands beside a road: houses, trees, fences, poles and signs."""

from __future__ import annotations

import numpy as np
import trimesh

from simulation import textures as tx
from simulation.palette import Palette
from simulation.shapes import gable, lump, textured_box
from simulation.world import Z_TO_X, Thing

BUILDING, FENCE, VEGETATION, TRUNK, POLE, SIGN = 50, 51, 70, 71, 80, 81
SIGN_COLORS = ((0.8, 0.05, 0.05), (0.05, 0.2, 0.7), (0.9, 0.8, 0.1), (0.9, 0.9, 0.9), (0.05, 0.5, 0.2))


def building(thing: Thing, palette: Palette, length: float, side: int) -> float:
    """A house along x, its front towards -y * side; returns its depth."""
    rng, world = palette.rng, palette.world
    depth = rng.uniform(8, 13)
    height = rng.choice([3, 6, 9, 12, 18, 24], p=[0.12, 0.3, 0.25, 0.15, 0.1, 0.08]) + rng.uniform(0, 1)
    vertices, faces, uv = textured_box(length, depth, height, float(rng.choice([6, 9])))
    wall = str(rng.choice(palette.facades))
    thing.mesh(world.mesh(vertices, np.array(faces), uv), wall)
    if height < 9 and rng.random() < 0.7:
        roof, sides = gable(length, depth, height, rng.uniform(2, 3.5))
        thing.mesh(world.mesh(roof, np.array(sides)), world.paint(np.array([0.45, 0.22, 0.16]) * rng.uniform(0.5, 1.3)))
    front = -side * depth / 2
    thing.box((0.5, 0.05, 1.05), (rng.uniform(-0.3, 0.3) * length, front, 1.1), palette.plain())
    for _ in range(rng.integers(0, 3)):
        at = (rng.uniform(-0.3, 0.3) * length, front - side * 0.3, rng.choice([2.7, 3.5]))
        thing.box((rng.uniform(0.5, 1.5), 0.35, 0.08), at, palette.plain())
    return float(depth)


def make_crowns(palette: Palette) -> list[str]:
    """Leafy lumps that trees and bushes are built from."""
    rng = palette.rng
    return [palette.world.mesh(*lump(rng, rng.uniform(0.7, 1.4, 3), 0.16), smooth=True) for _ in range(6)]


def tree(thing: Thing, palette: Palette, crowns: list[str]) -> None:
    """A broad-leaved tree or a conifer."""
    rng = palette.rng
    trunk, crown = thing.labelled(TRUNK), thing.labelled(VEGETATION)
    leaf = str(rng.choice(palette.leaves))
    if rng.random() < 0.2:
        trunk.cylinder(0.14, 0.6, (0, 0, 0.6), palette.bark)
        height = rng.uniform(5, 9)
        for k in range(4):
            cone = trimesh.creation.cone((1.9 - 0.35 * k) * rng.uniform(0.8, 1.1), height * 0.38, sections=14).subdivide()
            v = cone.vertices + rng.normal(0, 0.09, cone.vertices.shape)
            uv = np.stack([np.arctan2(v[:, 1], v[:, 0]) * 2, v[:, 2]], 1)
            crown.mesh(palette.world.mesh(v, cone.faces, uv), leaf, (0, 0, 1 + height * 0.19 * k))
        return
    height, spread = rng.uniform(2.4, 4.5), rng.uniform(1.1, 2.1)
    lean = rng.normal(0, 0.15, 2)
    trunk.rod((0, 0, 0), (*lean, height), rng.uniform(0.1, 0.22), palette.bark)
    for _ in range(rng.integers(4, 8)):
        at = rng.normal(0, 0.5, 3) * spread * [0.9, 0.9, 0.5] + [*lean, height + spread * 0.35]
        crown.mesh(str(rng.choice(crowns)), leaf, at, rng.normal(0, 1, 4))
    trunk.rod((0, 0, height * 0.75), (*rng.normal(0, 0.6, 2), height + 0.6), 0.05, palette.bark)


def bush(thing: Thing, palette: Palette, crowns: list[str]) -> None:
    """A bush."""
    thing.mesh(str(palette.rng.choice(crowns)), str(palette.rng.choice(palette.leaves)), (0, 0, 0.3))


def hedge(thing: Thing, palette: Palette, length: float) -> None:
    """A clipped hedge along x."""
    height = palette.rng.uniform(0.5, 0.9)
    thing.box((length / 2, 0.35, height), (0, 0, height), str(palette.rng.choice(palette.leaves)))


def fence(thing: Thing, palette: Palette, length: float) -> None:
    """A wall or a fence of posts and rails along x."""
    rng = palette.rng
    height = rng.uniform(0.4, 0.8)
    if rng.random() < 0.5:
        thing.box((length / 2, 0.06, height), (0, 0, height), str(rng.choice([*palette.planks, palette.plain()])))
        return
    material = str(rng.choice([*palette.planks, palette.metal]))
    for x in np.arange(-length / 2, length / 2 + 0.1, 2.0):
        thing.box((0.05, 0.05, height), (x, 0, height), material)
    for z in (0.5, 1.1, 1.7):
        thing.box((length / 2, 0.03, 0.08), (0, 0, z * height), material)


def lamp_post(thing: Thing, palette: Palette, side: int) -> None:
    """A street lamp; its arm reaches towards the road."""
    height = palette.rng.uniform(5.5, 8)
    thing.rod((0, 0, 0), (0, 0, height), 0.08, palette.metal)
    thing.rod((0, 0, height), (0, -side * 1.6, height + 0.3), 0.05, palette.metal)
    thing.box((0.12, 0.35, 0.06), (0, -side * 1.8, height + 0.27), palette.lamp)


def traffic_sign(thing: Thing, palette: Palette) -> None:
    """A sign on its pole, seen from -x."""
    rng, world = palette.rng, palette.world
    height = rng.uniform(2.2, 2.9)
    thing.rod((0, 0, 0), (0, 0, height), 0.035, palette.metal)
    plate, color = thing.labelled(SIGN), np.array(SIGN_COLORS[rng.integers(len(SIGN_COLORS))])
    if rng.random() < 0.5:
        plate.cylinder(0.33, 0.012, (-0.04, 0, height), world.paint(color), Z_TO_X)
        plate.cylinder(0.22, 0.016, (-0.04, 0, height), world.paint((0.95, 0.95, 0.95)), Z_TO_X)
    else:
        pattern = world.textured((tx.pick(tx.facade, rng) * 0.4 + color * 120).astype(np.uint8))
        plate.box((0.012, rng.uniform(0.25, 0.6), rng.uniform(0.2, 0.35)), (-0.04, 0, height), pattern)


def traffic_light(thing: Thing, palette: Palette) -> None:
    """Three lights on a pole, seen from -x."""
    rng = palette.rng
    height = rng.uniform(3, 3.6)
    thing.rod((0, 0, 0), (0, 0, height), 0.06, palette.metal)
    head, on = thing.labelled(SIGN), rng.integers(3)
    head.box((0.14, 0.16, 0.45), (-0.1, 0, height - 0.3), palette.rubber)
    for i, color in enumerate(((0.9, 0.1, 0.05), (0.9, 0.6, 0.05), (0.1, 0.8, 0.2))):
        glow = palette.world.paint(np.array(color) * (1 if i == on else 0.35))
        head.ball((0.1, 0.1, 0.1), (-0.2, 0, height - 0.05 - 0.27 * i), glow)


def bollard(thing: Thing, palette: Palette) -> None:
    """A bollard or delineator post."""
    height = palette.rng.uniform(0.4, 0.55)
    thing.cylinder(palette.rng.uniform(0.06, 0.1), height, (0, 0, height), palette.plain())
