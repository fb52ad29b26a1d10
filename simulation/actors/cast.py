"""Puts vehicles, people and small things on a stage where there is room for them."""

from __future__ import annotations

import numpy as np

from simulation.actors.motion import Motion
from simulation.objects.cars import CAR, add_car, car_meshes, draw_car
from simulation.objects.heavy import BUS, add_bus, add_truck, draw_bus, draw_truck
from simulation.objects.people import PERSON, add_person
from simulation.objects.small import SMALL, add_small
from simulation.objects.two_wheelers import SIZE, add_two_wheeler
from simulation.world.claims import Footprint
from simulation.world.stage import Stage

LANE_MARGIN = (2.0, 0.1)
PARKED_LORRY = (6.0, 2.1, 2.9)  # largest length, width and height


class Cast:
    """Members of one group share a lane's speed; side_street: whether reserved ground is theirs."""

    def __init__(self, stage: Stage, rng: np.random.Generator, side_street: bool = False) -> None:
        self._stage, self._rng, self._reserved = stage, rng, side_street

    def _take(self, motion: Motion, size: tuple[float, float], margin: tuple[float, float], group: str = "") -> bool:
        foot = Footprint.of(size[0], size[1], motion.yaw)
        return self._stage.take(motion, foot, LANE_MARGIN if group else margin, group, reserved=self._reserved)

    def car(self, motion: Motion, group: str = "") -> None:
        """A car or van of any kind."""
        kind, variant = draw_car(self._rng)
        length, width, _ = car_meshes(kind, variant).size
        if self._take(motion, (length, width), (0.3, 0.05), group):
            add_car(self._stage.world, self._rng, self._stage.put(CAR, motion), kind, variant)

    def heavy(self, raw_id: int, motion: Motion, group: str = "", short: bool = False) -> None:
        """A bus or a lorry; short: one that fits a parking place."""
        size = draw_bus(self._rng) if raw_id == BUS else draw_truck(self._rng)
        if short:
            size = (min(size[0], PARKED_LORRY[0]), PARKED_LORRY[1], min(size[2], PARKED_LORRY[2]))
        if self._take(motion, size[:2], (0.3, 0.05), group):
            add = add_bus if raw_id == BUS else add_truck
            add(self._stage.world, self._rng, self._stage.put(raw_id, motion), size)

    def two_wheeler(self, raw_id: int, motion: Motion, group: str = "") -> None:
        """A bicycle or motorcycle, ridden or not."""
        length, width, _ = SIZE[raw_id]
        if self._take(motion, (length, width), (0.4, 0.15), group):
            add_two_wheeler(self._stage.world, self._rng, self._stage.put(raw_id, motion))

    def person(self, motion: Motion) -> None:
        """Someone standing or walking."""
        if self._take(motion, (0.84, 0.84), (0.3, 0.1)):
            stride = 0.25 if motion.speed == 0 and motion.sideways == 0 else 1.0
            add_person(self._stage.world, self._rng, self._stage.put(PERSON, motion), stride)

    def small(self, kind: str, motion: Motion) -> None:
        """A cone, a bin and the like."""
        raw_id, (length, width, _) = SMALL[kind]
        if self._take(motion, (length, width), (0.25, 0.1)):
            add_small(self._stage.world, self._rng, self._stage.put(raw_id, motion), kind)
