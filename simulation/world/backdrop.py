"""What closes the view: buildings along a side street, woods behind open country, land to the horizon."""

from __future__ import annotations

import numpy as np

from simulation.actors.motion import Motion
from simulation.look.surfaces import Surface
from simulation.objects.buildings import Builder, draw_building
from simulation.objects.greenery import VEGETATION, Garden
from simulation.world.centreline import END, START
from simulation.world.claims import Footprint
from simulation.world.geometry import Mesh, blob, merge
from simulation.world.ground import REACH, TERRAIN
from simulation.world.junction import Junction
from simulation.world.plan import SIDES
from simulation.world.side_street import FAR as SIDE_END
from simulation.world.stage import Stage
from simulation.world.world import Thing

FAR = 205.0  # s at which the view ends
WOODS = 52.0  # metres behind the sidewalk


class Backdrop:
    """Stands behind all that the surroundings put beside a street."""

    def __init__(self, stage: Stage, rng: np.random.Generator, builder: Builder, garden: Garden) -> None:
        self._stage, self._rng, self._builder, self._garden = stage, rng, builder, garden

    def place(self, s: float, d: float) -> tuple[tuple[float, float, float], float]:
        """World position on the ground, and the street's heading there."""
        x, y, yaw = self._stage.line.pose(s, d)
        return (float(x), float(y), self._stage.plan.ground(d) + float(self._stage.line.height(s))), float(yaw)

    def side_street(self) -> None:
        """Plots along both kerbs of a side street, and what stands where it ends."""
        j = self._stage.plan.junction
        for sign in j.sides if j else ():
            assert j is not None
            for way in (1, -1):
                self._row(j, sign, way)
            at, yaw = self.place(j.at, sign * (SIDE_END + 14))
            if self._rng.random() < self._stage.plan.side(sign).urban + 0.2:
                drawn = draw_building(self._rng, 0.8)
                self._builder.build(drawn, at, yaw, -sign)

    def _row(self, j: Junction, sign: int, way: int) -> None:
        rng, plan = self._rng, self._stage.plan
        d = plan.walk_end(sign) + rng.uniform(14, 24)
        setback = rng.uniform(0.8, 6)
        while d < SIDE_END - 10:
            kind, length, depth, height = draw_building(rng, plan.side(sign).urban)
            s, middle = j.at + way * (j.reach + setback + depth / 2), sign * (d + length / 2)
            built = rng.random() < plan.side(sign).urban + 0.15
            at, yaw = self.place(s, middle)
            if built and self._stage.take(Motion(s, middle), Footprint(depth / 2, length / 2), view=False):
                self._builder.build((kind, length, depth, height), at, yaw + np.pi / 2, way)
            elif not built and self._stage.take(Motion(s, middle), Footprint(0.6, 0.6), view=False):
                self._garden.tree(at)
            d += length + rng.uniform(0.4, 6)

    def woods(self) -> None:
        """The edge of a wood behind what is open, as one rough surface of crowns."""
        rng, plan = self._rng, self._stage.plan
        for sign in SIDES:
            if rng.random() < 0.25:
                continue
            crowns, s = list[Mesh](), START + rng.uniform(0, 10)
            d0 = plan.walk_end(sign) + WOODS
            shape = blob(rng, (1, 1, 1), 0.16, 1)
            while s < END - 5:
                open_here = not (plan.junction and sign in plan.junction.sides and plan.junction.near(s, 9))
                if open_here:
                    at, _ = self.place(s, sign * (d0 + rng.uniform(0, 6)))
                    radius = rng.uniform(3, 6) * np.array([1.2, 1.2, rng.uniform(0.8, 1.5)])
                    crown = shape._replace(vertices=shape.vertices * radius)
                    crowns.append(crown.moved((at[0], at[1], at[2] + 0.5 * radius[2])))
                s += rng.uniform(5, 9)
            wood = Thing(self._stage.world, self._stage.world.spec.worldbody, VEGETATION, 0)
            wood.mesh(self._stage.world.mesh(merge(crowns), smooth=True), self._garden.leaf())

    def horizon(self) -> None:
        """Land to the horizon below the lowest ground, and a row of buildings or trees where the street ends."""
        world, rng, line = self._stage.world, self._rng, self._stage.line
        land = world.thing(TERRAIN, (0, 0, 0))
        low = float(line.height(np.arange(START, END + 1)).min())
        land.box((400, 400, 0.5), (60, 0, low - 1.8), world.paint((0.3, 0.33, 0.24), Surface(0.35)))
        for d in np.arange(-70, 71, 17.0):
            at, yaw = self.place(FAR + rng.uniform(0, 10), d)
            if rng.random() < 0.7:
                kind, length, depth, height = draw_building(rng, 0.8)
                foot = (at[0], at[1], float(line.height(FAR)) - 1.0)
                self._builder.build((kind, length, depth, height + 3), foot, yaw + np.pi / 2, 1)
            elif abs(d) < REACH:
                self._garden.tree(at)
