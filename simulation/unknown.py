"""Objects that no known class covers. Each builder returns the footprint: length and width in metres."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import trimesh

from simulation.palette import Palette
from simulation.shapes import loft, lump
from simulation.world import Z_TO_Y, Thing

UNKNOWN = 99
Footprint = tuple[float, float]
Builder = Callable[[Thing, Palette, float], Footprint]


def animal(thing: Thing, palette: Palette, scale: float) -> Footprint:
    """A four-legged animal from dog to cow."""
    rng, coat = palette.rng, palette.any()
    length, legs = rng.uniform(0.45, 1.0) * scale, rng.uniform(0.4, 0.9) * scale
    thing.ball((length, length * 0.38, length * 0.4), (0, 0, legs + length * 0.25), coat)
    for x in (0.65, -0.65):
        for y in (0.22, -0.22):
            foot = (x * length + rng.normal(0, 0.06), y * length, 0.06)
            thing.rod((x * length, y * length, legs + 0.1), foot, 0.09 * length, coat)
    head = (length * 1.3, 0, legs + length * 0.9)
    thing.rod((length * 0.8, 0, legs + length * 0.4), (length * 1.15, 0, legs + length * 0.85), 0.16 * length, coat)
    thing.ball((0.3 * length, 0.17 * length, 0.18 * length), head, coat)
    thing.rod((-length * 0.95, 0, legs + length * 0.3), (-length * 1.3, 0, legs + 0.1 * length), 0.05 * length, coat)
    return 3.0 * length, 0.9 * length


def chair(thing: Thing, palette: Palette, scale: float) -> Footprint:
    """A chair or a table, perhaps with a cushion."""
    rng, wood = palette.rng, palette.any()
    x, y, h = rng.uniform(0.3, 0.9) * scale, rng.uniform(0.3, 0.5) * scale, rng.uniform(0.4, 0.8) * scale
    thing.box((x, y, 0.05), (0, 0, h), wood)
    for sx in (0.9, -0.9):
        for sy in (0.9, -0.9):
            thing.box((0.05, 0.05, h / 2), (sx * x, sy * y, h / 2), wood)
    if rng.random() < 0.6:
        thing.box((x, 0.05, h * 0.55), (0, y, h * 1.5), wood)
    if rng.random() < 0.4:
        thing.box((x, y, 0.15), (0, 0, h + 0.15), palette.any())
    return 2 * x, 2 * y


def sofa(thing: Thing, palette: Palette, scale: float) -> Footprint:
    """A sofa or an armchair."""
    cover, x = palette.any(), palette.rng.uniform(0.5, 1.1) * scale
    thing.box((x, 0.45, 0.25), (0, 0, 0.25), cover)
    thing.box((x, 0.12, 0.45), (0, 0.4, 0.5), cover)
    for side in (1, -1):
        thing.box((0.12, 0.45, 0.35), (side * x, 0, 0.35), cover)
    return 2 * x + 0.3, 1.1


def crates(thing: Thing, palette: Palette, scale: float) -> Footprint:
    """A stack of crates or boxes."""
    rng, z, reach = palette.rng, 0.0, 0.0
    for _ in range(rng.integers(1, 4)):
        half = rng.uniform((0.3, 0.3, 0.2), (0.7, 0.6, 0.45)) * scale
        turn = rng.normal(0, 0.2)
        at = (rng.normal(0, 0.08), rng.normal(0, 0.08), z + half[2])
        thing.box(half, at, palette.any(), (np.cos(turn / 2), 0, 0, np.sin(turn / 2)))
        z += 2 * half[2]
        reach = max(reach, half[0] + 0.2)
    return 2 * reach, 2 * reach


def barrel(thing: Thing, palette: Palette, scale: float) -> Footprint:
    """A barrel, upright or lying, or a roll of cable."""
    rng, skin = palette.rng, palette.any()
    r, h = rng.uniform(0.3, 0.5) * scale, rng.uniform(0.35, 0.65) * scale
    if rng.random() < 0.5:
        thing.cylinder(r, h, (0, 0, h), skin)
        for z in (0.6, 1.3):
            thing.cylinder(r * 1.04, 0.03, (0, 0, h * z), palette.any())
    else:
        thing.cylinder(r, h, (0, 0, r), skin, Z_TO_Y)
    return 2 * r, 2 * max(r, h)


def tyres(thing: Thing, palette: Palette, scale: float) -> Footprint:
    """Tyres, stacked or leaning."""
    rng, r = palette.rng, 0.4 * scale
    ring = trimesh.creation.torus(r, r * 0.38, major_sections=20, minor_sections=10)
    name = palette.world.mesh(ring.vertices, ring.faces, smooth=True)
    material = palette.any()
    if rng.random() < 0.4:
        thing.mesh(name, material, (0, 0, r * 1.35), (0.7071, 0.7071, 0, 0))
        return 2.8 * r, 0.8 * r
    for k in range(rng.integers(1, 5)):
        thing.mesh(name, material, (rng.normal(0, 0.05), rng.normal(0, 0.05), r * (0.38 + 0.72 * k)))
    return 2.8 * r, 2.8 * r


def boat(thing: Thing, palette: Palette, scale: float) -> Footprint:
    """A boat on the ground."""
    rng = palette.rng
    length = rng.uniform(1.4, 3.4) * scale
    beam, hull = length * 0.18, palette.any()

    def section(t: float) -> tuple[float, float, float, float, float]:
        bow = (2 * t - 1) ** 2
        return 0.05 + 0.07 * length * bow**2, 0.13 * length * (1 + 0.25 * bow), max(0.03, beam * (1 - bow)), 0.7, -0.4

    v, f = loft(np.linspace(0, 1, 14), section, 20)
    v[:, 0] = (v[:, 0] - 0.5) * length
    thing.mesh(palette.world.mesh(v, f, smooth=True), hull)
    thing.box((length * 0.12, beam * 0.5, length * 0.06), (0, 0, length * 0.17), palette.any())
    return length, 2 * beam


def composite(thing: Thing, palette: Palette, scale: float) -> Footprint:
    """Some shapes stuck together at random."""
    rng = palette.rng
    for _ in range(rng.integers(3, 7)):
        at = rng.normal(0, 0.3, 3) * scale + [0, 0, 0.7 * scale]
        size, turn, material = rng.uniform(0.12, 0.45, 3) * scale, rng.normal(0, 1, 4), palette.any()
        kind = rng.integers(3)
        if kind == 0:
            thing.box(size, at, material, turn)
        elif kind == 1:
            thing.ball(size, at, material, turn)
        else:
            thing.cylinder(size[0], size[1], at, material, turn)
    return 1.9 * scale, 1.9 * scale


def snowman(thing: Thing, palette: Palette, scale: float) -> Footprint:
    """Balls on top of each other, or a single one."""
    r, skin = palette.rng.uniform(0.3, 0.7) * scale, palette.any()
    thing.ball((r, r, r), (0, 0, r), skin)
    if palette.rng.random() < 0.7:
        thing.ball((r * 0.7, r * 0.7, r * 0.7), (0, 0, r * 2.3), skin)
        thing.ball((r * 0.45, r * 0.45, r * 0.45), (0, 0, r * 3.2), palette.any())
    return 2 * r, 2 * r


def arch(thing: Thing, palette: Palette, scale: float) -> Footprint:
    """A ring or an arch that stands upright."""
    r = palette.rng.uniform(0.4, 0.9) * scale
    ring = trimesh.creation.torus(r, r * 0.3, major_sections=24, minor_sections=10)
    quat = (0.7071, 0.7071, 0, 0)
    thing.mesh(palette.world.mesh(ring.vertices, ring.faces, smooth=True), palette.any(), (0, 0, r * 1.25), quat)
    return 2.6 * r, 0.7 * r


def robot(thing: Thing, palette: Palette, scale: float) -> Footprint:
    """A statue or robot of odd proportions."""
    h, skin = palette.rng.uniform(0.8, 1.6) * scale, palette.any()
    thing.cylinder(0.32, 0.3 * h, (0, 0, 0.3 * h), palette.any())
    thing.box((0.25, 0.35, 0.3 * h), (0, 0, h * 0.9), skin)
    thing.box((0.18, 0.2, 0.16 * h), (0, 0, h * 1.36), palette.any())
    for side in (1, -1):
        thing.box((0.3, 0.06, 0.06), (0.2, side * 0.42, h * 1.05), skin)
    return 0.9, 1.0


def debris(thing: Thing, palette: Palette, scale: float) -> Footprint:
    """A heap of lumps: rubble, sacks, a fallen load."""
    rng = palette.rng
    for _ in range(rng.integers(3, 7)):
        radii = rng.uniform(0.2, 0.5, 3) * scale
        v, f, uv = lump(rng, radii, 0.14)
        at = (rng.normal(0, 0.35) * scale, rng.normal(0, 0.35) * scale, radii[2] * rng.uniform(0.6, 1.4))
        thing.mesh(palette.world.mesh(v, f, uv), palette.any(), at)
    return 2.2 * scale, 2.2 * scale


def machine(thing: Thing, palette: Palette, scale: float) -> Footprint:
    """A small road-work machine: body, drum and handle."""
    rng, skin = palette.rng, palette.any()
    length = rng.uniform(0.5, 1.0) * scale
    thing.box((length * 0.6, length * 0.4, length * 0.35), (0, 0, length * 0.75), skin)
    thing.cylinder(length * 0.38, length * 0.45, (length * 0.5, 0, length * 0.38), palette.any(), Z_TO_Y)
    thing.cylinder(length * 0.25, length * 0.45, (-length * 0.45, 0, length * 0.25), palette.rubber, Z_TO_Y)
    for side in (1, -1):
        thing.rod((-length * 0.5, side * 0.3 * length, length), (-length * 1.1, side * 0.3 * length, length * 1.5), 0.04, skin)
    return 2.2 * length, 0.9 * length


def pipes(thing: Thing, palette: Palette, scale: float) -> Footprint:
    """Pipes or logs in a pile."""
    rng, material = palette.rng, palette.any()
    r, half = rng.uniform(0.12, 0.25) * scale, rng.uniform(0.7, 1.6) * scale
    for y, z in ((-2, 1), (0, 1), (2, 1), (-1, 2.73), (1, 2.73), (0, 4.46)):
        thing.cylinder(r, half, (0, y * r, z * r), material, (0.7071, 0, 0.7071, 0))
    return 2 * half, 6 * r


KINDS: dict[str, Builder] = {
    kind.__name__: kind
    for kind in (
        animal, chair, sofa, crates, barrel, tyres, boat, composite, snowman, arch, robot, debris, machine, pipes,
    )
}  # fmt: skip
DEVELOPMENT_KINDS = ("animal", "chair", "crates", "barrel", "boat", "snowman", "debris")
