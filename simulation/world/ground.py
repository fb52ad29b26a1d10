"""The ground of a street: road, kerbs, sidewalks, verges, terrain, and those of the street that crosses it."""

from __future__ import annotations

import numpy as np

from simulation.look import palette
from simulation.look.surfaces import Surface
from simulation.world.centreline import END, START, Centreline
from simulation.world.geometry import Mesh, merge
from simulation.world.junction import Junction
from simulation.world.layers import Layers, Span
from simulation.world.markings import Markings
from simulation.world.plan import SIDES, Plan
from simulation.world.world import World

ROAD, SIDEWALK, TERRAIN = 40, 48, 72
REACH = 60.0  # metres of terrain beside the street


class Ground:
    """Lays the bands of a plan along a line, as static geoms of the world body."""

    def __init__(self, world: World, line: Centreline, plan: Plan, rng: np.random.Generator) -> None:
        self._layers, self._plan = Layers(world, line), plan
        self._asphalt = palette.asphalt(world, rng)
        stone, green = palette.paving(world, rng), palette.grass(world, rng)
        alike = rng.random() < 0.6
        self._stone = (stone, stone if alike else palette.paving(world, rng))
        self._green = (green, green if alike else palette.grass(world, rng))
        self._kerb = world.paint(np.full(3, rng.uniform(0.35, 0.6)), Surface(rng.uniform(0.2, 0.4)))
        self._markings = Markings(world, self._layers, plan, rng)

    def lay(self) -> None:
        """All of the ground."""
        left, right = self._plan.road_edge(1), -self._plan.road_edge(-1)
        self._layers.put(ROAD, self._layers.band((left, 0.0), (right, 0.0), 9.0), self._asphalt)
        self._markings.main()
        for i, sign in enumerate(SIDES):
            self._side(sign, self._stone[i], self._green[i])
        if self._plan.junction:
            self._markings.junction()

    def _side(self, sign: int, stone: str, green: str) -> None:
        junction = self._plan.junction
        if junction is None or sign not in junction.sides:
            self._bands(sign, (START, END), stone, green)
            return
        self._bands(sign, (START, junction.at - junction.reach), stone, green)
        self._bands(sign, (junction.at + junction.reach, END), stone, green)
        self._mouth(sign, junction)
        for way in (1, -1):
            self._corner(junction, sign, way, stone, green)

    def _bands(self, sign: int, span: Span, stone: str, green: str) -> None:
        """What follows from the kerb outwards over a span of s."""
        plan, side, layers = self._plan, self._plan.side(sign), self._layers
        edge, start, end, top = plan.road_edge(sign), plan.walk_start(sign), plan.walk_end(sign), plan.kerb

        def flat(a: float, b: float, tile: float, rise: float = 0.0) -> Mesh:
            return layers.band((sign * a, top), (sign * b, top + rise), tile, span)

        wall = layers.band((sign * edge, -0.05), (sign * edge * 1.0005, top), 1.0, span)
        layers.put(SIDEWALK if side.sidewalk else TERRAIN, merge([wall, flat(edge, edge + 0.15, 1.0)]), self._kerb)
        if side.verge:
            layers.put(TERRAIN, flat(edge + 0.15, start, 6.0), green)
        if side.sidewalk:
            layers.put(SIDEWALK, flat(max(start, edge + 0.15), end, 2.5), stone)
        layers.put(TERRAIN, flat(max(end, edge + 0.15), end + 0.5, 6.0), green)
        layers.put(TERRAIN, flat(end + 0.5, end + REACH, 6.0, side.slope * (REACH - 0.5)), green)

    def _mouth(self, sign: int, j: Junction) -> None:
        """The side street's road, wider between its corners."""
        edge, layers = self._plan.road_edge(sign), self._layers
        corner, far = edge + j.radius, self._plan.walk_end(sign) + REACH
        wide = layers.patch((j.at - j.reach, j.at + j.reach), (sign * edge, sign * corner), 0.0, 9.0)
        long = layers.patch((j.at - j.edge, j.at + j.edge), (sign * corner, sign * far), 0.0, 9.0)
        layers.put(ROAD, merge([wide, long]), self._asphalt)

    def _corner(self, j: Junction, sign: int, way: int, stone: str, green: str) -> None:
        """A rounded corner and the side street's own kerb, sidewalk and terrain on one side of it."""
        plan, layers, top = self._plan, self._layers, self._plan.kerb
        corner, far = plan.road_edge(sign) + j.radius, plan.walk_end(sign) + REACH
        start = max(corner, plan.walk_end(sign))
        angle = np.linspace(0, np.pi / 2, 9)
        s = j.at + way * (j.reach - j.radius * np.sin(angle))
        d = sign * (corner - j.radius * np.cos(angle))

        def flat(a: float, b: float, d0: float, d1: float, tile: float = 2.5) -> Mesh:
            return layers.patch((j.at + way * a, j.at + way * b), (sign * d0, sign * d1), top, tile)

        raw_id, cover = (SIDEWALK, stone) if j.sidewalk or plan.side(sign).sidewalk else (TERRAIN, green)
        pieces = [layers.sector((j.at + way * j.reach, sign * corner), s, d, top)]
        if start > corner:
            pieces.append(flat(j.edge, j.reach, corner, start))
        layers.put(raw_id, merge(pieces), cover)
        straight = np.linspace(corner, far, 4)[1:] * sign
        s, d = np.concatenate([s, np.full(3, j.at + way * j.edge)]), np.concatenate([d, straight])
        layers.put(raw_id, layers.face(s, d, top, (-way, -sign * 0.5)), self._kerb)
        if j.sidewalk:
            layers.put(SIDEWALK, flat(j.edge, j.walk, start, far), stone)
        layers.put(TERRAIN, flat(j.walk, j.reach, start, far, 6.0), green)
