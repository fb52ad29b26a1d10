"""Cars of several bodies, and vans."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from simulation.look import palette
from simulation.look.surfaces import Surface
from simulation.world.geometry import Mesh, box, cylinder, frustum, loft, merge, wheels
from simulation.world.world import Thing, World

CAR = 10
VARIANTS = 4


@dataclass(frozen=True)
class Body:
    """Metres, and shares of the length from the front; the rest follows.

    hull: (share, height) of the bonnet-belt-boot line; low: belt front and rear, high: roof front and rear
    """

    length: float
    width: float
    height: float
    belt: float
    hull: tuple[tuple[float, float], ...]
    low: tuple[float, float]
    high: tuple[float, float]


BODIES = {
    "saloon": Body(4.6, 1.8, 1.45, 0.92, ((0, 0.6), (0.03, 0.7), (0.27, 0.92), (0.84, 0.95), (0.98, 0.9), (1, 0.66)),
                   (0.25, 0.86), (0.41, 0.7)),
    "hatchback": Body(3.95, 1.74, 1.5, 0.95, ((0, 0.6), (0.03, 0.74), (0.25, 0.95), (0.97, 1.0), (1, 0.66)),
                      (0.23, 0.98), (0.38, 0.88)),
    "estate": Body(4.7, 1.82, 1.5, 0.95, ((0, 0.6), (0.03, 0.72), (0.26, 0.95), (0.97, 1.0), (1, 0.66)),
                   (0.24, 0.985), (0.39, 0.93)),
    "suv": Body(4.7, 1.92, 1.74, 1.12, ((0, 0.65), (0.03, 0.95), (0.25, 1.1), (0.97, 1.15), (1, 0.7)),
                (0.23, 0.98), (0.35, 0.9)),
    "pickup": Body(5.2, 1.9, 1.78, 1.08, ((0, 0.65), (0.03, 0.95), (0.26, 1.08), (0.97, 1.08), (1, 0.7)),
                   (0.24, 0.62), (0.34, 0.56)),
    "van": Body(5.1, 1.98, 2.1, 1.15, ((0, 0.6), (0.03, 0.95), (0.13, 1.15), (0.97, 1.2), (1, 0.7)),
                (0.12, 0.985), (0.26, 0.96)),
}  # fmt: skip
SHARES = (0.28, 0.24, 0.14, 0.18, 0.06, 0.1)


@dataclass(frozen=True)
class CarMeshes:
    """The parts of a car by material, and its size (length, width, height)."""

    shell: Mesh
    windows: Mesh
    tyres: Mesh
    rims: Mesh
    lamps: Mesh
    tails: Mesh
    plates: Mesh
    size: tuple[float, float, float]


@cache
def car_meshes(kind: str, variant: int) -> CarMeshes:
    """A car standing on z = 0, facing +x; a variant has its own proportions."""
    b = BODIES[kind]
    grow = np.random.default_rng([variant, len(kind)]).uniform(0.94, 1.06, 3)
    length, width, height = b.length * grow[0], b.width * grow[1], b.height * grow[2]
    share, line = np.array(b.hull).T
    line = line * grow[2]

    def section(x: float) -> tuple[float, float, float]:
        t = 0.5 - x / length
        taper = 1 - 0.16 * max(0.0, abs(t - 0.5) * 2 - 0.75) / 0.25
        return 0.2 + 0.08 * max(0.0, abs(t - 0.5) * 2 - 0.8) / 0.2, float(np.interp(t, share, line)), width / 2 * taper

    hull = loft((0.5 - np.unique(np.concatenate([np.linspace(0, 1, 11), share]))) * length, section)
    (f0, r0), (f1, r1) = b.low, b.high
    x = [(0.5 - t) * length for t in (r0, f0, r1, f1)]
    belt, roof, w0, w1 = b.belt * grow[2] - 0.08, height - 0.05, width / 2 * 0.93, width / 2 * 0.76
    windows = frustum((x[0], x[1], w0), (x[2], x[3], w1), (belt, roof))
    cap = frustum((x[2] - 0.03, x[3] + 0.03, w1 + 0.015), (x[2] + 0.12, x[3] - 0.14, w1 - 0.1), (roof - 0.03, height))
    parts = [hull, cap, *_pillars(kind, x, (w0, w1), (belt, roof))]
    parts += [box((0.08, 0.09, 0.06), (x[1] - 0.35, s * (width / 2 + 0.07), belt + 0.12)) for s in (-1, 1)]
    axle, track, r = (0.31 * length, -0.29 * length), width / 2 - 0.1, 0.31 * grow[2]
    front, rear = length / 2, -length / 2
    return CarMeshes(
        shell=merge(parts),
        windows=windows,
        tyres=wheels(r, 0.12, axle, track),
        rims=wheels(0.62 * r, 0.125, axle, track).moved((0, 0, 0.38 * r)),
        lamps=merge([box((0.05, 0.17, 0.06), (front - 0.09, s * width * 0.34, 0.66 * grow[2])) for s in (-1, 1)]),
        tails=merge([box((0.04, 0.15, 0.08), (rear + 0.04, s * width * 0.36, 0.82 * b.belt)) for s in (-1, 1)]),
        plates=merge([box((0.015, 0.26, 0.06), (x_, 0, 0.48)) for x_ in (front - 0.01, rear + 0.01)]),
        size=(length, width + 0.3, height),
    )


def _pillars(kind: str, x: list[float], w: tuple[float, float], z: tuple[float, float]) -> list[Mesh]:
    """A and C pillars at the corners of the windows, B pillars between; a van's load bay is closed."""
    parts = []
    for s in (-1, 1):
        for low, high in ((x[0], x[2]), (x[1], x[3])):
            parts.append(cylinder(0.045, (low, s * w[0], z[0]), (high, s * w[1], z[1] + 0.01), 6))
        middle = 0.5 * (x[0] + x[1])
        parts.append(cylinder(0.04, (middle, s * w[0], z[0]), (middle, s * w[1], z[1] + 0.01), 6))
    if kind == "van":
        end, front = x[0] - 0.03, x[0] + 0.62 * (x[1] - x[0])
        parts.append(frustum((end, front, w[0] + 0.02), (x[2] - 0.03, front, w[1] + 0.02), (z[0], z[1])))
    return parts


def add_car(world: World, rng: np.random.Generator, thing: Thing, kind: str, variant: int) -> None:
    """Puts a car together on a body."""
    meshes = car_meshes(kind, variant)
    paint = palette.signal_paint(world, rng) if kind == "van" and rng.random() < 0.5 else palette.car_paint(world, rng)
    lamp = world.lamp((0.9, 0.9, 0.84), Surface(0.5))
    tail = world.lamp((0.55, 0.03, 0.03), Surface(0.8))
    rim = world.paint(np.full(3, rng.uniform(0.2, 0.6)), Surface(0.35), shine=0.5)
    materials = {
        "shell": paint, "windows": palette.glass(world, rng), "tyres": palette.rubber(world, rng), "rims": rim,
        "lamps": lamp, "tails": tail, "plates": palette.retro(world, rng),
    }  # fmt: skip
    for part, material in materials.items():
        thing.mesh(world.shared_mesh((kind, variant, part), partial(getattr, meshes, part)), material)
    if rng.random() < 0.16:
        _on_roof(world, rng, thing, meshes.size, kind)


def _on_roof(world: World, rng: np.random.Generator, thing: Thing, size: tuple[float, float, float], kind: str) -> None:
    """A taxi's sign, a light bar, a roof box or rails with a ladder."""
    x, z = (-0.1 if kind != "pickup" else 0.05) * size[0], size[2]
    choice = rng.choice(4)
    if choice == 0:
        thing.box((0.09, 0.3, 0.08), (x + 0.3, 0, z + 0.07), world.lamp((0.85, 0.7, 0.15), Surface(0.4)))
    elif choice == 1:
        for s, color in ((-1, (0.1, 0.2, 0.85)), (1, ((0.1, 0.2, 0.85), (0.8, 0.1, 0.1))[rng.integers(2)])):
            thing.box((0.1, 0.24, 0.06), (x + 0.3, s * 0.26, z + 0.06), world.lamp(color, Surface(0.4)))
    elif choice == 2:
        thing.ball((0.75, 0.34, 0.19), (x, rng.uniform(-0.2, 0.2), z + 0.2), palette.car_paint(world, rng))
    else:
        rail = palette.metal(world, rng)
        for s in (-1, 1):
            thing.rod((x - 0.5, s * 0.28, z + 0.1), (x + 0.55, s * 0.28, z + 0.1), 0.025, rail)
        for a in (-0.45, 0.0, 0.45):
            thing.box((0.03, 0.5, 0.04), (x + a, 0, z + 0.04), rail)


def draw_car(rng: np.random.Generator) -> tuple[str, int]:
    """A kind and one of its variants."""
    return list(BODIES)[rng.choice(len(BODIES), p=SHARES)], int(rng.integers(VARIANTS))
