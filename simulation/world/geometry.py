"""Triangle meshes from a few numbers: vertices [V,3] float64 in metres and faces [F,3] int64, outward."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import trimesh
from numpy.typing import NDArray

Vector = Sequence[float] | NDArray[np.floating]


class Mesh(NamedTuple):
    """vertices [V,3], faces [F,3]; uv [V,2] or None."""

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    uv: NDArray[np.float64] | None = None

    def moved(self, offset: Vector) -> Mesh:
        """The same mesh elsewhere."""
        return self._replace(vertices=self.vertices + np.asarray(offset, float))

    def turned(self, rotation: NDArray[np.float64]) -> Mesh:
        """The same mesh turned by a [3,3] rotation."""
        return self._replace(vertices=self.vertices @ rotation.T)

    def flat(self) -> Mesh:
        """The same surface with its own vertices for every face, so that edges shade sharply."""
        corners = self.faces.reshape(-1)
        uv = None if self.uv is None else self.uv[corners]
        return Mesh(self.vertices[corners], np.arange(len(corners)).reshape(-1, 3), uv)


def _mesh(made: trimesh.Trimesh) -> Mesh:
    return Mesh(np.asarray(made.vertices, float), np.asarray(made.faces, np.int64))


def merge(parts: Sequence[Mesh]) -> Mesh:
    """Several meshes as one, with texture coordinates if all have them."""
    starts = np.cumsum([0] + [len(p.vertices) for p in parts[:-1]])
    faces = np.concatenate([p.faces + start for p, start in zip(parts, starts, strict=True)])
    uv = [p.uv for p in parts if p.uv is not None]
    return Mesh(
        np.concatenate([p.vertices for p in parts]), faces, np.concatenate(uv) if len(uv) == len(parts) else None
    )


def box(half: Vector, at: Vector = (0, 0, 0)) -> Mesh:
    """A box of half sizes, sharp edged."""
    unit = _unit_box()
    return unit._replace(vertices=unit.vertices * np.asarray(half, float) + np.asarray(at, float))


@cache
def _unit_box() -> Mesh:
    return _mesh(trimesh.creation.box((2, 2, 2))).flat()


@cache
def _unit_cylinder(sections: int) -> Mesh:
    return _mesh(trimesh.creation.cylinder(1.0, 1.0, sections=sections))


def frustum(low: Vector, high: Vector, z: tuple[float, float]) -> Mesh:
    """A solid between two rectangles (x0, x1, half width) at two heights, sharp edged."""
    corners = []
    for (x0, x1, w), height in ((low, z[0]), (high, z[1])):
        corners += [(x0, -w, height), (x1, -w, height), (x1, w, height), (x0, w, height)]
    quads = [(0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7), (4, 5, 6, 7), (3, 2, 1, 0)]
    faces = [f for a, b, c, d in quads for f in ((a, b, c), (a, c, d))]
    return Mesh(np.array(corners, float), np.array(faces)).flat()


def cylinder(radius: float, start: Vector, end: Vector, sections: int = 12) -> Mesh:
    """A closed cylinder from one point to another."""
    unit, along = _unit_cylinder(sections), np.asarray(end, float) - np.asarray(start, float)
    length = np.linalg.norm(along)
    z = along / length
    x = np.cross((0, 1, 0) if abs(z[1]) < 0.9 else (0, 0, 1), z)
    x /= np.linalg.norm(x)
    vertices = unit.vertices * [radius, radius, length] @ np.stack([x, np.cross(z, x), z])
    return unit._replace(vertices=vertices + (np.asarray(start, float) + np.asarray(end, float)) / 2)


def wheels(radius: float, half_width: float, axles: Sequence[float], track: float) -> Mesh:
    """Wheels on both sides of some axles (x of each), standing on z = 0."""
    parts = [
        cylinder(radius, (x, y - half_width, radius), (x, y + half_width, radius), 12).flat()
        for x in axles
        for y in (-track, track)
    ]
    return merge(parts)


def ring(major: float, minor: float, sections: tuple[int, int] = (20, 10)) -> Mesh:
    """A torus about z, in sections around and across."""
    return _mesh(trimesh.creation.torus(major, minor, major_sections=sections[0], minor_sections=sections[1]))


def cone(radius: float, height: float, sections: int = 12) -> Mesh:
    """A cone standing on z = 0."""
    return _mesh(trimesh.creation.cone(radius, height, sections=sections))


def blob(rng: np.random.Generator, radii: Vector, roughness: float, detail: int = 2) -> Mesh:
    """A lumpy ball, textured round and round."""
    ball = trimesh.creation.icosphere(subdivisions=detail)
    v = np.asarray(ball.vertices, float)
    swell = np.zeros(len(v))
    for frequency in (2, 4, 7):
        swell += np.sin(v @ rng.normal(0, frequency, 3) + rng.uniform(0, 6)) / frequency**0.6
    uv = np.stack([np.arctan2(v[:, 1], v[:, 0]) / np.pi * 2, v[:, 2] * 2], 1)
    return Mesh(v * (1 + roughness * swell[:, None]) * np.asarray(radii, float), np.asarray(ball.faces, np.int64), uv)


def loft(
    x: NDArray[np.float64],
    section: Callable[[float], tuple[float, float, float]],
    squareness: float = 0.45,
    k: int = 16,
) -> Mesh:
    """A closed hull of rounded sections along x; section(x) gives its low z, high z and half width."""
    angle = np.linspace(0, 2 * np.pi, k, endpoint=False) + np.pi / k
    cy, cz = (np.sign(f) * np.abs(f) ** squareness for f in (np.cos(angle), np.sin(angle)))
    low, high, width = np.array([section(float(v)) for v in x]).T
    y = cy[None] * width[:, None]
    z = low[:, None] + (cz[None] + 1) / 2 * (high - low)[:, None]
    rings = np.stack([np.broadcast_to(x[:, None], y.shape), y, z], -1).reshape(-1, 3)
    ends = np.stack([rings[:k].mean(0), rings[-k:].mean(0)])
    i, j = np.meshgrid(np.arange(len(x) - 1), np.arange(k), indexing="ij")
    a, b = (i * k + j).ravel(), (i * k + (j + 1) % k).ravel()
    sides = np.concatenate([np.stack([a, a + k, b + k], 1), np.stack([a, b + k, b], 1)])
    near = np.arange(k)
    n, last = len(rings), (len(x) - 1) * k
    caps = [
        np.stack([np.full(k, n), near, (near + 1) % k], 1),
        np.stack([np.full(k, n + 1), last + (near + 1) % k, last + near], 1),
    ]
    mesh = Mesh(np.concatenate([rings, ends]), np.concatenate([sides, *caps]))
    return _outward(mesh)


def _outward(mesh: Mesh) -> Mesh:
    a, b, c = (mesh.vertices[mesh.faces[:, i]] for i in range(3))
    volume = np.einsum("ni,ni->", a - a.mean(0), np.cross(b - a.mean(0), c - a.mean(0)))
    return mesh if volume > 0 else mesh._replace(faces=mesh.faces[:, ::-1])


def facing(mesh: Mesh, direction: Vector) -> Mesh:
    """The same surface seen from the side to which `direction` points."""
    a, b, c = (mesh.vertices[mesh.faces[:, i]] for i in range(3))
    same = float(np.cross(b - a, c - a).sum(0) @ np.asarray(direction, float)) >= 0
    return mesh if same else mesh._replace(faces=mesh.faces[:, ::-1])


def fan(middle: Vector, rim: NDArray[np.float64]) -> Mesh:
    """Triangles between a point [3] and a polyline [N,3], facing up; textures repeat every 2.5 m."""
    vertices = np.vstack([middle, rim])
    i = np.arange(1, len(rim))
    mesh = Mesh(vertices, np.stack([np.zeros_like(i), i, i + 1], 1), vertices[:, :2] / 2.5)
    return facing(mesh, (0, 0, 1))


def strip(left: NDArray[np.float64], right: NDArray[np.float64], uv: NDArray[np.float64] | None = None) -> Mesh:
    """A band between two polylines [S,3] (left of travel first), facing up; uv [2*S,2], left and right by turns."""
    vertices = np.stack([left, right], 1).reshape(-1, 3)
    a = 2 * np.arange(len(left) - 1)
    faces = np.concatenate([np.stack([a, a + 1, a + 3], 1), np.stack([a, a + 3, a + 2], 1)])
    return Mesh(vertices, faces, uv)


def house_box(length: float, width: float, height: float, tile: float) -> Mesh:
    """Walls and flat top of a building standing on z = 0; a wall texture repeats every `tile` metres."""
    x, y = length / 2, width / 2
    corners = [(-x, -y), (x, -y), (x, y), (-x, y)]
    vertices: list[tuple[float, float, float]] = []
    uv: list[tuple[float, float]] = []
    faces: list[tuple[int, int, int]] = []
    for i in range(4):
        (ax, ay), (bx, by) = corners[i], corners[(i + 1) % 4]
        du, dv = max(1, round(np.hypot(bx - ax, by - ay) / tile)), max(1, round(height / tile))
        n = len(vertices)
        vertices += [(ax, ay, 0), (bx, by, 0), (bx, by, height), (ax, ay, height)]
        uv += [(0, 0), (du, 0), (du, dv), (0, dv)]
        faces += [(n, n + 1, n + 2), (n, n + 2, n + 3)]
    n = len(vertices)
    vertices += [(a, b, height) for a, b in corners]
    uv += [(0.01, 0.01)] * 4
    faces += [(n, n + 1, n + 2), (n, n + 2, n + 3)]
    return Mesh(np.array(vertices, float), np.array(faces), np.array(uv, float))


def hip(length: float, width: float, rise: float, overhang: float = 0.35) -> Mesh:
    """A roof sloping to all four sides, standing on z = 0, its ridge along x."""
    x, y = length / 2 + overhang, width / 2 + overhang
    ridge = max(0.01, x - y)
    v = [(-x, -y, 0), (x, -y, 0), (x, y, 0), (-x, y, 0), (-ridge, 0, rise), (ridge, 0, rise)]
    f = [(0, 1, 5), (0, 5, 4), (2, 3, 4), (2, 4, 5), (1, 2, 5), (3, 0, 4), (0, 2, 1), (0, 3, 2)]
    return Mesh(np.array(v, float), np.array(f)).flat()


def gable(length: float, width: float, rise: float, overhang: float = 0.35) -> Mesh:
    """A ridged roof along x standing on z = 0."""
    x, y = length / 2 + overhang, width / 2 + overhang
    v = [(-x, -y, 0), (x, -y, 0), (x, y, 0), (-x, y, 0), (-x, 0, rise), (x, 0, rise)]
    f = [(0, 1, 5), (0, 5, 4), (2, 3, 4), (2, 4, 5), (1, 2, 5), (3, 0, 4), (0, 2, 1), (0, 3, 2)]
    return Mesh(np.array(v, float), np.array(f)).flat()
