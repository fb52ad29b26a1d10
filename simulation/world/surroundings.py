"""What stands beside the road: trees, poles and signs at the kerb, and plots behind the sidewalk."""

from __future__ import annotations

import numpy as np

from simulation.actors.motion import Motion
from simulation.objects.buildings import Builder, draw_building
from simulation.objects.greenery import Garden
from simulation.objects.roadside import FENCES, Roadside
from simulation.objects.signs import Signs
from simulation.world.backdrop import FAR, Backdrop
from simulation.world.centreline import START
from simulation.world.claims import Footprint
from simulation.world.plan import SIDES
from simulation.world.stage import Stage


class Surroundings:
    """Fills both sides of a stage."""

    def __init__(self, stage: Stage, rng: np.random.Generator) -> None:
        self._stage, self._rng = stage, rng
        self._garden = Garden(stage.world, rng)
        self._roadside, self._signs = Roadside(stage.world, rng), Signs(stage.world, rng)
        self._builder = Builder(stage.world, rng)
        self.backdrop = Backdrop(stage, rng, self._builder, self._garden)

    def _free(self, s: float, d: float, foot: Footprint) -> bool:
        return self._stage.take(Motion(s, d), foot, view=False)

    def kerbside(self) -> None:
        """A row of trees, lamps, signs, lights and bollards along each kerb."""
        rng, plan = self._rng, self._stage.plan
        for side in SIDES:
            trees, step = rng.random() < 0.5, rng.uniform(9, 22)
            d = side * (plan.road_edge(side) + 0.7)
            s = rng.uniform(-12, 0)
            while s < self._stage.end + 20:
                if trees and self._free(s, d, Footprint(0.45, 0.45)):
                    self._garden.tree(self.backdrop.place(s, d)[0], conifers=0.0)
                if rng.random() < 0.75 and self._free(s + step / 2, d, Footprint(0.3, 0.3)):
                    self._pole(s + step / 2, d, side)
                s += step * rng.uniform(0.8, 1.2)
            if rng.random() < 0.25:
                for s in np.arange(rng.uniform(4, 20), 50, rng.uniform(1.8, 3.5)):
                    if self._free(s, side * (abs(d) - 0.2), Footprint(0.15, 0.15)):
                        self._roadside.bollard(self.backdrop.place(s, side * (abs(d) - 0.2))[0])

    def corners(self) -> None:
        """Signals, or signs that tell who gives way, at the corners of a junction."""
        j, plan, rng = self._stage.plan.junction, self._stage.plan, self._rng
        if j is None:
            return
        for side, way in ((-1, -1), (1, 1), (-1, 1), (1, -1)):
            s, d = j.at + way * (j.reach + 0.5), side * (plan.road_edge(side) + 0.7)
            if not self._free(s, d, Footprint(0.25, 0.25)):
                continue
            at, yaw = self.backdrop.place(s, d)
            if j.lights and side == way:
                self._signs.traffic_light(at, yaw if side < 0 else yaw + np.pi, -1)
            elif j.lights:  # faces the side street
                self._signs.traffic_light(at, yaw + side * np.pi / 2, -1)
            elif rng.random() < 0.5:
                self._signs.sign(at, yaw + (0 if side < 0 else np.pi))

    def shelters(self) -> None:
        """Bus stops on wide sidewalks."""
        rng, plan = self._rng, self._stage.plan
        for side in SIDES:
            s, d = rng.uniform(6, 60 + self._stage.way), side * (plan.walk_end(side) - 0.9)
            if plan.side(side).sidewalk > 2.4 and rng.random() < 0.3 and self._free(s, d, Footprint(2.1, 0.85)):
                self._roadside.shelter(*self.backdrop.place(s, d), side)

    def islands(self) -> None:
        """Posts and signs on the middle line of some roads."""
        rng = self._rng
        if rng.random() > 0.25:
            return
        for s in rng.uniform(10, 70 + self._stage.way, rng.integers(1, 5)):
            junction = self._stage.plan.junction
            if (junction and junction.near(s)) or not self._free(s, 0.0, Footprint(0.5, 0.2)):
                continue
            at, yaw = self.backdrop.place(s, 0.0)
            if rng.random() < 0.6:
                self._roadside.bollard(at)
            else:
                self._signs.sign(at, yaw)

    def _pole(self, s: float, d: float, side: int) -> None:
        at, yaw = self.backdrop.place(s, d)
        facing = yaw if side < 0 else yaw + np.pi
        kind = self._rng.choice(4, p=[0.38, 0.42, 0.1, 0.1])
        if kind == 0:
            self._roadside.lamp(at, yaw, side)
        elif kind == 1:
            self._signs.sign(at, facing)
        elif kind == 2:
            self._signs.traffic_light(at, facing, -1)
        else:
            self._roadside.wooden_pole(at, yaw)

    def plots(self) -> None:
        """Buildings or gardens, one after the other."""
        rng, plan = self._rng, self._stage.plan
        for side in SIDES:
            s = START + 20
            while s < FAR - 10:
                drawn = draw_building(rng, plan.side(side).urban)
                built = rng.random() < plan.side(side).urban + 0.1
                length = drawn[1] if built else rng.uniform(8, 20)
                if not (built and self._build(drawn, s + length / 2, side)):
                    self._grow(s, length, side)
                self._border(s, length, side, built)
                s += length + rng.choice([0.3, 0.3, rng.uniform(1, 8)])

    def _build(self, drawn: tuple[str, float, float, float], s: float, side: int) -> bool:
        plan, depth = self._stage.plan, drawn[2]
        d = side * (plan.walk_end(side) + 0.5 + plan.side(side).setback + depth / 2 + self._rng.uniform(0, 1.5))
        if not self._free(s, d, Footprint(drawn[1] / 2 - 0.3, depth / 2)):
            return False
        at, yaw = self.backdrop.place(s, d)
        self._builder.build(drawn, at, yaw, -side)
        return True

    def _grow(self, s: float, length: float, side: int) -> None:
        rng, edge = self._rng, self._stage.plan.walk_end(side)
        for _ in range(rng.integers(2, 6)):
            a, away = s + rng.uniform(0, length), rng.uniform(1.8, 18)
            if self._free(a, side * (edge + away), Footprint(0.5, 0.5)):
                self._garden.tree(self.backdrop.place(a, side * (edge + away))[0], conifers=0.3 if away > 4 else 0.0)
        for _ in range(rng.integers(0, 5)):
            a, d = s + rng.uniform(0, length), side * (edge + rng.uniform(1.8, 6))
            if self._free(a, d, Footprint(1.5, 1.5)):
                self._garden.bush(self.backdrop.place(a, d)[0])

    def _border(self, s: float, length: float, side: int, built: bool) -> None:
        """A fence or a hedge at the front of a plot."""
        rng, plan = self._rng, self._stage.plan
        if plan.side(side).setback < 1.6 or rng.random() > (0.45 if built else 0.6):
            return
        kind = str(rng.choice(["hedge", *FENCES], p=[0.25, 0.16, 0.14, 0.16, 0.13, 0.1, 0.06]))
        height, d = rng.uniform(0.8, 1.8), side * (plan.walk_end(side) + 0.8)
        pieces = int(np.ceil(length / 5.0))
        for i in range(pieces):
            half = length / pieces / 2
            a = s + (2 * i + 1) * half
            if rng.random() < 0.12 or not self._free(a, d, Footprint(half - 0.35, 0.42)):
                continue
            at, yaw = self.backdrop.place(a, d)
            if kind == "hedge":
                self._garden.hedge(at, yaw, 2 * half, height)
            else:
                self._roadside.fence(at, yaw, 2 * half, kind, height)
