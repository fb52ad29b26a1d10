"""Surfaces laid on the street in road coordinates: bands, patches, kerb faces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulation.world.centreline import END, START, Centreline
from simulation.world.geometry import Mesh, facing, fan, strip
from simulation.world.world import Thing, World

SLICE = 4.0  # metres of s per pair of vertices
Floats = NDArray[np.float64]
Span = tuple[float, float]


class Layers:
    """Turns road coordinates and heights above the road into meshes of the world body."""

    def __init__(self, world: World, line: Centreline) -> None:
        self._world, self._line = world, line

    def points(self, s: Floats, d: Floats | float, z: Floats | float) -> Floats:
        """World coordinates [N,3]; z is counted from the road's own height at s."""
        x, y, _ = self._line.pose(s, d)
        return np.stack([x, y, self._line.height(s) + z], 1)

    def band(self, inner: Span, outer: Span, tile: float, span: Span = (START, END)) -> Mesh:
        """A strip between two (d, z) over a span of s; textures repeat every `tile` metres."""
        left, right = (inner, outer) if inner[0] > outer[0] else (outer, inner)
        s = np.linspace(*span, max(2, int(np.ceil((span[1] - span[0]) / SLICE)) + 1))
        across = np.hypot(left[0] - right[0], left[1] - right[1]) / tile
        uv = np.stack([np.tile([0.0, across], len(s)), np.repeat(s / tile, 2)], 1)
        return strip(self.points(s, *left), self.points(s, *right), uv)

    def dashes(self, inner: Span, outer: Span, starts: Floats, length: float) -> Mesh:
        """Short straight strips between two (d, z), from each of `starts` [N] on."""
        left, right = (inner, outer) if inner[0] > outer[0] else (outer, inner)
        s = np.stack([starts, starts + length], 1).ravel()
        mesh = strip(self.points(s, *left), self.points(s, *right))
        wanted = mesh.faces.min(1) // 2 % 2 == 0  # not those between one strip and the next
        return mesh._replace(faces=mesh.faces[wanted], uv=np.zeros((len(mesh.vertices), 2)))

    def patch(self, s: Span, d: Span, z: float, tile: float = 2.5) -> Mesh:
        """A rectangle at one height above the road."""
        return self.band((d[0], z), (d[1], z), tile, (min(s), max(s)))

    def face(self, s: Floats, d: Floats, top: float, towards: tuple[float, float]) -> Mesh:
        """An upright face from just below the road up to `top` along a polyline, seen from where (s, d) points."""
        low, high = self.points(s, d, -0.05), self.points(s, d, top)
        heading = float(self._line.heading(s[0]))
        c, n = np.cos(heading), np.sin(heading)
        return facing(strip(high, low), (c * towards[0] - n * towards[1], n * towards[0] + c * towards[1], 0))

    def sector(self, middle: Span, s: Floats, d: Floats, z: float) -> Mesh:
        """A flat piece between a point (s, d) and a polyline."""
        return fan(self.points(np.array([middle[0]]), middle[1], z)[0], self.points(s, d, z))

    def put(self, raw_id: int, mesh: Mesh, material: str) -> None:
        """Adds a surface of one class to the world."""
        Thing(self._world, self._world.spec.worldbody, raw_id, 0).mesh(self._world.mesh(_solid(mesh)), material)


def _solid(mesh: Mesh) -> Mesh:
    """The surface with one deep triangle: MuJoCo refuses meshes without extent in one direction."""
    x, y, z = mesh.vertices.mean(0) - [0, 0, 0.5]
    vertices = np.vstack([mesh.vertices, [(x, y, z), (x + 0.01, y, z), (x, y + 0.01, z)]])
    n = len(mesh.vertices)
    uv = None if mesh.uv is None else np.vstack([mesh.uv, np.zeros((3, 2))])
    return Mesh(vertices, np.vstack([mesh.faces, [[n, n + 1, n + 2]]]), uv)
