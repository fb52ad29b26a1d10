"""Objects about which camera and LiDAR disagree: the one sees what the other does not."""

from __future__ import annotations

import mujoco as mj
import numpy as np

from simulation.look import palette
from simulation.look.surfaces import Surface
from simulation.unknown import prints
from simulation.unknown.kind import Size
from simulation.unknown.slant import slant
from simulation.world.geometry import Mesh
from simulation.world.world import Thing, World

GROUND = ("40|", "48|", "72|")  # how the names of road, sidewalk and terrain begin
MIRROR, PANE = Surface(0.2, lost=0.75), Surface(0.08, lost=0.6)  # most pulses are thrown aside or go through


def printed_scene(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A board on two feet that bears a picture of a street, a wall or a hedge."""
    picture = (prints.street, prints.wall, prints.hedge)[rng.choice(3, p=[0.5, 0.25, 0.25])](rng)
    _board(world, rng, thing, size, world.textured(picture, Surface(rng.uniform(0.22, 0.45)), shine=0.0))


def printed_car(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A board on two feet that bears a picture of a car."""
    _board(world, rng, thing, size, world.textured(prints.car(rng), Surface(rng.uniform(0.22, 0.45)), shine=0.0))


def mirror(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A leaning mirror in a frame: the camera sees sky or road in it, the LiDAR little."""
    lean, y, frame = slant(size, 0.15), size[1] / 2, palette.any_known(world, rng)
    silver = world.paint((0.16, 0.17, 0.19), MIRROR, shine=0.6)
    world.spec.material(silver).reflectance = 0.85
    face = lean.rotation @ np.array([[0, 0, -1.0], [0, 1, 0], [1, 0, 0]])  # the renderer mirrors in a box's +z side
    quat = np.empty(4)
    mj.mju_mat2Quat(quat, face.ravel())
    thing.box((lean.half - 0.05, y - 0.05, 0.01), lean.at(0, 0, 0.035), silver, quat)
    thing.box((0.02, y, lean.half), lean.middle, frame, lean.quat)
    for s in (-1, 1):
        thing.box((0.05, 0.04, lean.half), lean.at(0, s * (y - 0.04)), frame, lean.quat)
        thing.box((0.05, y, 0.04), lean.at(s * (1 - 0.04 / lean.half)), frame, lean.quat)


def camouflaged(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A block or a step in the very material of the ground around."""
    ground = [g.material for g in world.spec.geoms if g.name.startswith(GROUND)]
    material = ground[rng.integers(len(ground))] if ground else palette.asphalt(world, rng)
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    rise = rng.uniform(0.4, 1.0)
    thing.mesh(world.mesh(_textured_box((x, y, 0.5 * rise * h))), material, (0, 0, 0.5 * rise * h))
    if rise < 0.85:
        half = (0.5 * x, 0.8 * y, 0.5 * (1 - rise) * h)
        thing.mesh(world.mesh(_textured_box(half)), material, (0.3 * x, 0, (rise + 0.5 * (1 - rise)) * h))


def glass_box(world: World, rng: np.random.Generator, thing: Thing, size: Size) -> None:
    """A glass case in a thin frame, with something small inside: the camera sees through, few pulses return."""
    x, y, h = size[0] / 2, size[1] / 2, size[2]
    pane, frame = world.paint((0.5, 0.58, 0.6), PANE, shine=0.8), palette.metal(world, rng)
    world.spec.material(pane).rgba = [0.5, 0.58, 0.6, 0.28]
    thing.box((0.96 * x, 0.96 * y, 0.47 * h), (0, 0, 0.5 * h), pane)
    for z in (0.03, 0.97):
        for s in (-1, 1):
            thing.box((x, 0.03, 0.03), (0, s * (y - 0.03), z * h), frame)
            thing.box((0.03, y, 0.03), (s * (x - 0.03), 0, z * h), frame)
    for a in (-1, 1):
        for b in (-1, 1):
            thing.box((0.03, 0.03, 0.48 * h), (a * (x - 0.03), b * (y - 0.03), 0.5 * h), frame)
    thing.ball((0.3 * x, 0.3 * y, 0.2 * h), (0, 0, 0.23 * h), palette.any_known(world, rng))


def _board(world: World, rng: np.random.Generator, thing: Thing, size: Size, picture: str) -> None:
    y, h, foot = size[1] / 2, size[2], palette.any_known(world, rng)
    corners = [(0.0, y, 0.04), (0.0, -y, 0.04), (0.0, -y, h), (0.0, y, h)]
    uv = [(0, 1), (1, 1), (1, 0), (0, 0)]
    thick = np.array([0.02, 0, 0])
    vertices = np.vstack([np.array(corners) - thick, np.array(corners)[[1, 0, 3, 2]] + thick])
    faces = np.array([(0, 1, 2), (0, 2, 3), (4, 5, 6), (4, 6, 7)])
    thing.mesh(world.mesh(Mesh(vertices, faces, np.array(uv * 2, float))), picture)
    thing.box((0.018, y, (h - 0.04) / 2), (0, 0, (h + 0.04) / 2), foot)
    for s in (-1, 1):
        thing.box((size[0] / 2, 0.03, 0.03), (0, 0.7 * s * y, 0.03), foot)
        thing.rod((size[0] / 2 - 0.03, 0.7 * s * y, 0.03), (0.03, 0.7 * s * y, 0.6 * h), 0.02, foot)


def _textured_box(half: tuple[float, float, float]) -> Mesh:
    """A box about the origin whose texture repeats every four metres on all sides."""
    parts, uv = [], []
    for axis in range(3):
        a, b = (axis + 1) % 3, (axis + 2) % 3
        for sign in (-1.0, 1.0):
            corners = np.zeros((4, 3))
            corners[:, axis] = sign * half[axis]
            corners[:, a] = np.array([-1, 1, 1, -1]) * half[a]
            corners[:, b] = np.array([-1, -1, 1, 1]) * half[b]
            parts.append(corners if sign > 0 else corners[::-1])
            uv.append(parts[-1][:, [a, b]] / 4.0)
    faces = np.concatenate([[(4 * i, 4 * i + 1, 4 * i + 2), (4 * i, 4 * i + 2, 4 * i + 3)] for i in range(6)])
    return Mesh(np.concatenate(parts), faces, np.concatenate(uv))
