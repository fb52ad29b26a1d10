"""Paint on the road: lines, stop lines, zebra crossings, parking bays."""

from __future__ import annotations

import numpy as np

from simulation.look.surfaces import Surface
from simulation.world.centreline import END, START
from simulation.world.geometry import Mesh, merge
from simulation.world.layers import Layers, Span
from simulation.world.plan import SIDES, Plan
from simulation.world.world import World

MARKING = 60
ZEBRA, STOP = (0.7, 3.7), (4.2, 4.6)  # from the corners outwards, metres
HIGH = 0.012  # metres above the road
SIDE_STREET = 45.0  # metres of a side street that are marked


class Markings:
    """Paints one street."""

    def __init__(self, world: World, layers: Layers, plan: Plan, rng: np.random.Generator) -> None:
        self._layers, self._plan, self._rng = layers, plan, rng
        reflect = Surface(rng.uniform(0.4, 0.85))
        self._white = world.paint(np.full(3, rng.uniform(0.6, 0.95)), reflect)
        self._middle = world.paint((0.8, 0.62, 0.12), reflect) if rng.random() < 0.35 else self._white

    def _spans(self) -> list[Span]:
        """Where lines run: all along the street but for a junction."""
        j = self._plan.junction
        if j is None:
            return [(START, END)]
        gap = j.reach + (STOP[1] if j.zebra or j.lights else 0.0)
        return [(START, j.at - gap), (j.at + gap, END)]

    def main(self) -> None:
        """Lines along the street, and now and then a zebra crossing or parking bays."""
        plan, rng = self._plan, self._rng
        double = plan.lanes > 1 or rng.random() < 0.3
        for d in (0.12, -0.12) if double else (0.0,):
            self._line(d, 0.12, None if double else (3.0, 6.0), self._middle)
        dash = (rng.uniform(2.5, 4), rng.uniform(4, 8))
        for sign in SIDES:
            for i in range(1, plan.lanes):
                self._line(sign * i * plan.lane, 0.13, dash, self._white)
            if rng.random() < 0.75:
                self._line(sign * plan.lanes * plan.lane, 0.13, None, self._white)
            if plan.side(sign).parking and (plan.side(sign).across or rng.random() < 0.5):
                self._bays(sign)
        if plan.junction is None and rng.random() < 0.35:
            s = float(rng.uniform(14, 60))
            self._zebra((s, s + 3.2))

    def _line(self, d: float, width: float, dash: tuple[float, float] | None, material: str) -> None:
        parts: list[Mesh] = []
        inner, outer = (d + width / 2, HIGH), (d - width / 2, HIGH)
        for span in self._spans():
            if dash is None:
                parts.append(self._layers.band(inner, outer, 1.0, span))
            else:
                starts = np.arange(span[0], span[1] - dash[0], sum(dash))
                parts.append(self._layers.dashes(inner, outer, starts, dash[0]))
        self._layers.put(MARKING, merge(parts), material)

    def _bays(self, sign: int) -> None:
        """Lines between parking bays."""
        plan = self._plan
        inner, outer = plan.lanes * plan.lane + 0.1, plan.road_edge(sign) - 0.1
        step = plan.side(sign).bay
        places = [s for s in np.arange(-20, 120, step) if not (plan.junction and plan.junction.near(s))]
        parts = [self._layers.patch((s, s + 0.1), (sign * inner, sign * outer), HIGH) for s in places]
        self._layers.put(MARKING, merge(parts), self._white)

    def _zebra(self, span: Span) -> None:
        left, right = self._plan.road_edge(1) - 0.4, -self._plan.road_edge(-1) + 0.4
        offsets = np.arange(right, left - 0.5, 1.0)
        bars = [self._layers.patch(span, (d + 0.5, d), HIGH) for d in offsets]
        self._layers.put(MARKING, merge(bars), self._white)

    def junction(self) -> None:
        """Stop lines and zebra crossings before a junction, and the side street's own markings."""
        j, plan, parts = self._plan.junction, self._plan, list[Mesh]()
        assert j is not None
        half = plan.lanes * plan.lane
        if j.zebra:
            for way in (1, -1):
                self._zebra((j.at + way * (j.reach + ZEBRA[0]), j.at + way * (j.reach + ZEBRA[1])))
        if j.zebra or j.lights:
            for way in (1, -1):  # traffic comes from way * s on the side way * d
                stop = (j.at + way * (j.reach + STOP[0]), j.at + way * (j.reach + STOP[1]))
                parts.append(self._layers.patch(stop, (way * 0.2, way * half), HIGH))
        for sign in j.sides:
            parts += self._side_street(sign)
        self._layers.put(MARKING, merge(parts), self._white)

    def _side_street(self, sign: int) -> list[Mesh]:
        j, layers = self._plan.junction, self._layers
        assert j is not None
        corner, parts = self._plan.road_edge(sign) + j.radius, list[Mesh]()
        if j.zebra:
            span = (sign * (corner + ZEBRA[0]), sign * (corner + ZEBRA[1]))
            bars = np.arange(j.at - j.edge + 0.4, j.at + j.edge - 0.8, 1.0)
            parts += [layers.patch((s, s + 0.5), span, HIGH) for s in bars]
        stop = (sign * (corner + STOP[0]), sign * (corner + STOP[1]))
        parts.append(layers.patch((j.at - sign * 0.2, j.at - sign * j.lane), stop, HIGH))
        for d in np.arange(corner + 6, corner + SIDE_STREET, 6.0):
            parts.append(layers.patch((j.at - 0.06, j.at + 0.06), (sign * d, sign * (d + 3)), HIGH))
        return parts
