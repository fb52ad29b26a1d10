"""Cars, trucks, buses and two-wheelers; origin on the ground in the middle, x forward."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulation.palette import Palette
from simulation.people import rider
from simulation.shapes import loft
from simulation.world import Z_TO_Y, Thing

CAR, TRUCK, BUS, BICYCLE, MOTORCYCLE, BICYCLIST, MOTORCYCLIST = 10, 18, 13, 11, 15, 31, 32
# length, width, height and the roof line from front to back: (share of length, height in metres)
BODIES = {
    "sedan": (4.6, 1.8, 1.45, ((0, 0.55), (0.04, 0.72), (0.26, 0.95), (0.4, 1.42), (0.68, 1.45), (0.84, 1.0), (0.97, 0.95), (1, 0.6))),
    "hatchback": (3.9, 1.72, 1.5, ((0, 0.55), (0.04, 0.75), (0.24, 0.95), (0.4, 1.46), (0.8, 1.5), (0.95, 1.05), (1, 0.55))),
    "suv": (4.7, 1.95, 1.75, ((0, 0.6), (0.03, 0.95), (0.24, 1.1), (0.36, 1.68), (0.86, 1.75), (0.97, 1.2), (1, 0.7))),
    "van": (5.2, 2.0, 2.2, ((0, 0.6), (0.03, 1.0), (0.12, 1.2), (0.26, 2.1), (0.97, 2.2), (1, 0.8))),
}  # fmt: skip
SHARES = (0.4, 0.25, 0.25, 0.1)
Size = tuple[float, float]  # length, width


def _car_mesh(kind: str, scale: NDArray[np.floating]):  # noqa: ANN202
    """Vertices, faces, which faces are glass, and the size."""
    length, width, height, line = BODIES[kind]
    length, width = length * scale[0], width * scale[1]
    at = np.array([a for a, _ in line])
    roof = np.array([b for _, b in line]) * scale[2]
    belt = np.interp(0.22, at, roof)

    def section(t: float) -> tuple[float, float, float, float, float]:
        top = float(np.interp(t, at, roof))
        taper = 1 - 0.1 * max(0.0, abs(t - 0.5) * 2 - 0.8) / 0.2
        return 0.22, max(top, 0.4), width / 2 * taper, 0.45, 0.32 if top > belt * 1.08 else 0.05

    vertices, faces = loft(np.unique(np.concatenate([np.linspace(0, 1, 30), at])), section, 28)
    vertices[:, 0] = (0.5 - vertices[:, 0]) * length
    faces = faces[:, ::-1]
    corner = vertices[faces]
    middle = corner.mean(1)
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
    above = np.interp(0.5 - middle[:, 0] / length, at, roof)
    glass = (middle[:, 2] > belt * 1.03) & (middle[:, 2] < roof.max() * 0.95) & (above > belt * 1.05)
    glass &= np.abs(normal[:, 2]) < 0.92
    if kind == "van":
        glass &= middle[:, 0] > length * 0.18
    return vertices, faces, glass, (length, width)


def car(thing: Thing, palette: Palette) -> Size:
    """A passenger car or van."""
    rng, world = palette.rng, palette.world
    kind = str(rng.choice(list(BODIES), p=SHARES))
    vertices, faces, glass, (length, width) = _car_mesh(kind, rng.uniform(0.93, 1.07, 3))
    paint = palette.car_paint()
    thing.mesh(world.mesh(vertices, faces[~glass], smooth=True), paint)
    thing.mesh(world.mesh(vertices, faces[glass], smooth=True), palette.glass)
    _wheels(thing, palette, (0.31 * length, -0.31 * length), width, 0.32)
    for side in (1, -1):
        thing.box((0.04, 0.18, 0.07), (-length * 0.49, side * width * 0.34, 0.72), palette.tail)
        thing.box((0.04, 0.18, 0.07), (length * 0.485, side * width * 0.34, 0.62), palette.lamp)
        thing.box((0.07, 0.1, 0.06), (length * 0.2, side * (width / 2 + 0.08), 0.98), paint)
    thing.box((0.02, 0.26, 0.06), (-length * 0.5, 0, 0.5), palette.plate)
    return length, width + 0.3


def _wheels(thing: Thing, palette: Palette, axles: tuple[float, ...], width: float, radius: float) -> None:
    for x in axles:
        for side in (1, -1):
            at = (x, side * (width / 2 - 0.1), radius)
            thing.cylinder(radius, 0.11, at, palette.rubber, Z_TO_Y)
            thing.cylinder(0.6 * radius, 0.115, at, palette.chrome, Z_TO_Y)


def truck(thing: Thing, palette: Palette) -> Size:
    """A lorry with a box body."""
    rng = palette.rng
    length, width, height = rng.uniform(6, 9), 2.4, rng.uniform(2.8, 3.6)
    cab, box = palette.car_paint(), palette.plain()
    thing.box((length * 0.36, width / 2, (height - 0.9) / 2), (-length * 0.14, 0, 0.9 + (height - 0.9) / 2), box)
    thing.box((length * 0.12, width / 2 * 0.96, 1.0), (length * 0.37, 0, 1.5), cab)
    thing.box((0.02, width / 2 * 0.85, 0.4), (length * 0.491, 0, 1.95), palette.glass)
    thing.box((length * 0.48, 0.9, 0.15), (0, 0, 0.7), palette.rubber)
    thing.box((0.02, width / 2, 0.12), (-length * 0.501, 0, 1.0), palette.tail)
    _wheels(thing, palette, (0.37 * length, -0.2 * length, -0.36 * length), width, 0.46)
    return length, width


def bus(thing: Thing, palette: Palette) -> Size:
    """A city bus."""
    rng = palette.rng
    length, width, height = rng.uniform(9, 12), 2.5, 3.0
    paint = palette.car_paint()
    thing.box((length / 2, width / 2, (height - 0.4) / 2), (0, 0, 0.4 + (height - 0.4) / 2), paint)
    for side in (1, -1):
        thing.box((length / 2 * 0.94, 0.02, 0.45), (0, side * width / 2, 2.0), palette.glass)
    thing.box((0.02, width / 2 * 0.9, 0.6), (length / 2, 0, 1.9), palette.glass)
    thing.box((0.02, width / 2 * 0.8, 0.4), (-length / 2, 0, 2.1), palette.glass)
    _wheels(thing, palette, (0.33 * length, -0.3 * length), width, 0.48)
    return length, width


def bicycle(thing: Thing, palette: Palette, ridden: bool = False) -> Size:
    """A bicycle, alone or with its rider."""
    frame = palette.car_paint()
    for x in (0.52, -0.52):
        thing.cylinder(0.34, 0.02, (x, 0, 0.34), palette.rubber, Z_TO_Y)
    for start, end in (
        ((-0.52, 0, 0.34), (-0.15, 0, 0.85)), ((-0.15, 0, 0.8), (0.4, 0, 0.8)), ((-0.1, 0, 0.3), (0.4, 0, 0.8)),
        ((0.52, 0, 0.34), (0.4, 0, 1.0)), ((-0.52, 0, 0.34), (-0.1, 0, 0.3)),
    ):  # fmt: skip
        thing.rod(start, end, 0.025, frame)
    thing.rod((0.4, -0.28, 1.0), (0.4, 0.28, 1.0), 0.02, palette.metal)
    thing.box((0.12, 0.06, 0.03), (-0.18, 0, 0.92), palette.rubber)
    if ridden:
        rider(thing, palette, seat=0.95, reach=0.4)
    return 1.8, 0.6


def motorcycle(thing: Thing, palette: Palette, ridden: bool = False) -> Size:
    """A motorcycle, alone or with its rider."""
    paint = palette.car_paint()
    for x in (0.7, -0.65):
        thing.cylinder(0.32, 0.07, (x, 0, 0.32), palette.rubber, Z_TO_Y)
    thing.ball((0.45, 0.17, 0.22), (0.1, 0, 0.75), paint)
    thing.box((0.4, 0.15, 0.2), (0.0, 0, 0.48), palette.metal)
    thing.box((0.38, 0.14, 0.06), (-0.4, 0, 0.82), palette.rubber)
    thing.rod((0.7, 0, 0.32), (0.45, 0, 1.05), 0.04, palette.chrome)
    thing.rod((0.42, -0.35, 1.05), (0.42, 0.35, 1.05), 0.02, palette.metal)
    if ridden:
        rider(thing, palette, seat=0.9, reach=0.42)
    return 2.1, 0.7
