"""The ground of a street: road, markings, kerbs, sidewalks, verges, terrain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulation import palette
from simulation.centreline import END, START, Centreline
from simulation.geometry import Mesh, merge, strip
from simulation.plan import SIDES, Plan
from simulation.surfaces import Surface
from simulation.world import Thing, World

ROAD, MARKING, SIDEWALK, TERRAIN = 40, 60, 48, 72
SLICE = 4.0  # metres of s per pair of vertices
REACH = 60.0  # metres of terrain beside the street


class Ground:
    """Lays the bands of a plan along a line, as static geoms of the world body."""

    def __init__(self, world: World, line: Centreline, plan: Plan, rng: np.random.Generator) -> None:
        self._world, self._line, self._plan, self._rng = world, line, plan, rng

    def lay(self) -> None:
        """All of the ground."""
        self._road()
        self._markings()
        for sign in SIDES:
            self._side(sign)

    def _points(self, s: NDArray[np.float64], d: float, z: float) -> NDArray[np.float64]:
        x, y, _ = self._line.pose(s, d)
        return np.stack([x, y, np.full(len(s), z)], 1)

    def _band(
        self, inner: tuple[float, float], outer: tuple[float, float], tile: float, s: NDArray[np.float64] | None = None
    ) -> Mesh:
        """A strip between two (d, z); textures repeat every `tile` metres."""
        left, right = (inner, outer) if inner[0] > outer[0] else (outer, inner)
        s = np.arange(START, END + 0.1, SLICE) if s is None else s
        across = np.hypot(left[0] - right[0], left[1] - right[1]) / tile
        uv = np.stack([np.tile([0.0, across], len(s)), np.repeat(s / tile, 2)], 1)
        return strip(self._points(s, *left), self._points(s, *right), uv)

    def _put(self, raw_id: int, mesh: Mesh, material: str) -> None:
        Thing(self._world, self._world.spec.worldbody, raw_id, 0).mesh(self._world.mesh(mesh), material)

    def _road(self) -> None:
        left, right = self._plan.road_edge(1), -self._plan.road_edge(-1)
        mesh = self._band((left, 0.0), (right, 0.0), 9.0)
        self._put(ROAD, _solid(mesh), palette.asphalt(self._world, self._rng))

    def _side(self, sign: int) -> None:
        plan, side, rng = self._plan, self._plan.side(sign), self._rng
        edge, start, end, top = plan.road_edge(sign), plan.walk_start(sign), plan.walk_end(sign), plan.kerb
        stone = palette.paving(self._world, rng)
        green = palette.grass(self._world, rng)
        kerb_class = SIDEWALK if side.sidewalk else TERRAIN
        kerb = merge([
            self._band((sign * edge, -0.05), (sign * edge * 1.0005, top), 1.0),
            self._band((sign * edge * 1.0005, top), (sign * (edge + 0.15), top), 1.0),
        ])  # fmt: skip
        grey = Surface(rng.uniform(0.2, 0.4))
        self._put(kerb_class, kerb, self._world.paint(np.full(3, rng.uniform(0.35, 0.6)), grey))
        if side.verge:
            self._put(TERRAIN, _solid(self._band((sign * (edge + 0.15), top), (sign * start, top), 6.0)), green)
        if side.sidewalk:
            inner = max(start, edge + 0.15)
            self._put(SIDEWALK, _solid(self._band((sign * inner, top), (sign * end, top), 2.5)), stone)
        inner = max(end, edge + 0.15)
        rise = side.slope * (REACH - 0.5)
        flat = self._band((sign * inner, top), (sign * (end + 0.5), top), 6.0)
        hill = self._band((sign * (end + 0.5), top), (sign * (end + REACH), top + rise), 6.0)
        self._put(TERRAIN, _solid(flat), green)
        self._put(TERRAIN, _solid(hill), green)

    def _markings(self) -> None:
        plan, rng = self._plan, self._rng
        reflect = Surface(rng.uniform(0.4, 0.85))
        white = self._world.paint(np.full(3, rng.uniform(0.6, 0.95)), reflect)
        middle = self._world.paint((0.8, 0.62, 0.12), reflect) if rng.random() < 0.35 else white
        double = plan.lanes == 2 or rng.random() < 0.3
        for d in (0.12, -0.12) if double else (0.0,):
            self._line_along(d, 0.12, None if double else (3.0, 6.0), middle)
        dash = (rng.uniform(2.5, 4), rng.uniform(4, 8))
        for sign in SIDES:
            for i in range(1, plan.lanes):
                self._line_along(sign * i * plan.lane, 0.13, dash, white)
            if rng.random() < 0.75:
                self._line_along(sign * plan.lanes * plan.lane, 0.13, None, white)
        if rng.random() < 0.35:
            self._zebra(float(rng.uniform(14, 60)), white)

    def _line_along(self, d: float, width: float, dash: tuple[float, float] | None, material: str) -> None:
        z, a, b = 0.012, d + width / 2, d - width / 2
        if dash is None:
            self._put(MARKING, _solid(self._band((a, z), (b, z), 1.0)), material)
            return
        starts = np.arange(START, END - dash[0], sum(dash))
        parts = [self._band((a, z), (b, z), 1.0, np.linspace(s, s + dash[0], 2)) for s in starts]
        self._put(MARKING, _solid(merge(parts)), material)

    def _zebra(self, s: float, material: str) -> None:
        left, right = self._plan.road_edge(1) - 0.4, -self._plan.road_edge(-1) + 0.4
        offsets = np.arange(right, left - 0.5, 1.0)
        bars = [self._band((d + 0.5, 0.013), (d, 0.013), 1.0, np.array([s, s + 3.2])) for d in offsets]
        self._put(MARKING, _solid(merge(bars)), material)


def _solid(mesh: Mesh) -> Mesh:
    """The band with one deep vertex: MuJoCo refuses meshes without extent in one direction."""
    x, y, z = mesh.vertices.mean(0) - [0, 0, 0.5]
    vertices = np.vstack([mesh.vertices, [(x, y, z), (x + 0.01, y, z), (x, y + 0.01, z)]])
    n = len(mesh.vertices)
    uv = None if mesh.uv is None else np.vstack([mesh.uv, np.zeros((3, 2))])
    return Mesh(vertices, np.vstack([mesh.faces, [[n, n + 1, n + 2]]]), uv)
