"""What drives, stands and walks on and beside the road."""

from __future__ import annotations

import numpy as np

from simulation.claims import Footprint
from simulation.motion import Motion
from simulation.objects.cars import CAR, add_car, car_meshes, draw_car
from simulation.objects.heavy import BUS, TRUCK, add_bus, add_truck, draw_bus, draw_truck
from simulation.objects.people import PERSON, add_person
from simulation.objects.two_wheelers import BICYCLE, BICYCLIST, MOTORCYCLE, MOTORCYCLIST, SIZE, add_two_wheeler
from simulation.plan import SIDES
from simulation.stage import Stage

LANE_MARGIN = (2.0, 0.1)


def lane_group(index: int) -> str:
    """Name of the things that share a lane's speed."""
    return f"lane {index}"


class Traffic:
    """Fills a stage with vehicles and people."""

    def __init__(self, stage: Stage, rng: np.random.Generator, ego_lane: int) -> None:
        self._stage, self._rng, self._ego_lane = stage, rng, ego_lane

    def people_on_road(self) -> None:
        """A few people crossing or standing, some beside a bicycle."""
        rng, plan = self._rng, self._stage.plan
        for _ in range(rng.integers(0, 5)):
            s = rng.uniform(8, 60 + self._stage.way)
            d = rng.uniform(-plan.road_edge(-1) + 0.5, plan.road_edge(1) - 0.5)
            speed = 0.0 if rng.random() < 0.4 else float(rng.uniform(-1.2, 1.2))
            self._person(Motion(s, d, sideways=speed, yaw=np.sign(speed) * np.pi / 2 or rng.uniform(0, 6.28)))
        for _ in range(rng.integers(0, 3)):
            s, side = rng.uniform(8, 45 + self._stage.way), rng.choice(SIDES)
            d = side * rng.uniform(0.5, plan.road_edge(side) - 0.5)
            self._two_wheeler(int(rng.choice([BICYCLE, MOTORCYCLE])), Motion(s, d, yaw=rng.uniform(0, 6.28)))

    def riders(self) -> None:
        """Bicyclists near the kerb, with the traffic."""
        rng, plan = self._rng, self._stage.plan
        for _ in range(rng.integers(0, 4)):
            side = int(rng.choice(SIDES))
            d = side * (plan.lanes * plan.lane - rng.uniform(0.4, 0.9))
            way = -side
            motion = Motion(
                rng.uniform(5, 60 + self._stage.way), d, way * rng.uniform(3, 6.5), yaw=0.0 if way > 0 else np.pi
            )
            self._two_wheeler(BICYCLIST, motion)

    def parked(self) -> None:
        """Cars, vans and motorcycles in the parking strips, bicycles on the sidewalks."""
        rng, plan = self._rng, self._stage.plan
        for side in SIDES:
            if plan.side(side).parking:
                filled, s = rng.uniform(0.3, 0.9), rng.uniform(-15, -8)
                while s < self._stage.end:
                    if rng.random() < filled:
                        self._park(s, side)
                    s += rng.uniform(5.6, 7.0)
            width = plan.side(side).sidewalk + plan.side(side).verge
            for _ in range(rng.integers(0, 5) if width > 1 else 0):
                d = side * (plan.road_edge(side) + rng.uniform(0.5, width))
                kind = int(rng.choice([BICYCLE, MOTORCYCLE], p=[0.7, 0.3]))
                yaw = rng.choice([0, np.pi / 2, np.pi]) + rng.normal(0, 0.15)
                self._two_wheeler(kind, Motion(rng.uniform(3, 55 + self._stage.way), d, yaw=yaw, z=plan.kerb))

    def _park(self, s: float, side: int) -> None:
        rng, plan = self._rng, self._stage.plan
        d = side * (plan.road_edge(side) - 0.3 - plan.side(side).parking / 2)
        yaw = (np.pi if side > 0 else 0.0) + rng.normal(0, 0.02)
        if rng.random() < 0.1:
            self._two_wheeler(MOTORCYCLE, Motion(s, d, yaw=yaw + rng.uniform(-1.2, 1.2)))
        elif rng.random() < 0.06:
            self._heavy(TRUCK, Motion(s, d, yaw=yaw), "", short=True)
        else:
            self._car(Motion(s, d, yaw=yaw), "")

    def driving(self) -> None:
        """Convoys: everything in one lane has one speed, so that nobody runs into anybody."""
        rng, plan = self._rng, self._stage.plan
        for lane in range(-plan.lanes, plan.lanes):
            way = 1 if lane >= 0 else -1
            speed = way * (0.0 if rng.random() < 0.15 else rng.uniform(4, 12))
            s, stop = rng.uniform(-6, 20), self._stage.end + 20
            if lane == self._ego_lane:
                speed, s = self._stage.ego.speed, rng.uniform(13, 40)
            s += max(0.0, -speed) * self._stage.duration * rng.random()
            gap = (3, 12) if rng.random() < 0.3 else (8, 45)
            stop = min(stop, 188 - max(0.0, speed) * self._stage.duration)
            while s < stop:
                s += self._drive(lane, s, speed, way) + rng.uniform(*gap)

    def _drive(self, lane: int, s: float, speed: float, way: int) -> float:
        """Puts one vehicle with its rear at s if it fits; returns the length it needs."""
        rng, plan, group = self._rng, self._stage.plan, lane_group(lane)
        d = plan.lane_centre(lane) + rng.normal(0, 0.08)
        yaw = 0.0 if way > 0 else np.pi
        kind = rng.choice([CAR, TRUCK, BUS, MOTORCYCLIST], p=[0.7, 0.13, 0.09, 0.08])
        if kind == MOTORCYCLIST:
            self._two_wheeler(MOTORCYCLIST, Motion(s + 1.2, d, speed, yaw=yaw), group)
            return 2.4
        if kind == CAR:
            self._car(Motion(s + 2.8, d, speed, yaw=yaw), group)
            return 5.6
        self._heavy(int(kind), Motion(s + 6.2, d, speed, yaw=yaw), group)
        return 12.4

    def _car(self, motion: Motion, group: str) -> None:
        kind, variant = draw_car(self._rng)
        length, width, _ = car_meshes(kind, variant).size
        margin = LANE_MARGIN if group else (0.3, 0.05)
        if self._stage.take(motion, Footprint.of(length, width, motion.yaw), margin, group):
            add_car(self._stage.world, self._rng, self._stage.put(CAR, motion), kind, variant)

    def _heavy(self, raw_id: int, motion: Motion, group: str, short: bool = False) -> None:
        size = draw_bus(self._rng) if raw_id == BUS else draw_truck(self._rng)
        if short:
            size = (min(size[0], 6.0), 2.1, min(size[2], 2.9))
        margin = LANE_MARGIN if group else (0.3, 0.05)
        if self._stage.take(motion, Footprint.of(size[0], size[1], motion.yaw), margin, group):
            add = add_bus if raw_id == BUS else add_truck
            add(self._stage.world, self._rng, self._stage.put(raw_id, motion), size)

    def _two_wheeler(self, raw_id: int, motion: Motion, group: str = "") -> None:
        length, width, _ = SIZE[raw_id]
        margin = LANE_MARGIN if group else (0.4, 0.15)
        if self._stage.take(motion, Footprint.of(length, width, motion.yaw), margin, group):
            add_two_wheeler(self._stage.world, self._rng, self._stage.put(raw_id, motion))

    def people_on_sidewalks(self) -> None:
        """Walkers along the sidewalks, alone and in loose groups."""
        rng, plan = self._rng, self._stage.plan
        for side in SIDES:
            width = plan.side(side).sidewalk
            for _ in range(rng.integers(0, 9) if width else rng.integers(0, 2)):
                d = side * (plan.walk_start(side) + rng.uniform(0.4, max(0.8, width - 0.3)))
                speed = 0.0 if rng.random() < 0.3 else float(rng.choice([-1, 1]) * rng.uniform(0.8, 1.6))
                yaw = rng.uniform(0, 6.28) if speed == 0 else (0.0 if speed > 0 else np.pi)
                self._person(Motion(rng.uniform(2, 75 + self._stage.way), d, speed, yaw=yaw, z=plan.ground(d)))

    def _person(self, motion: Motion) -> None:
        if self._stage.take(motion, Footprint(0.42, 0.42), (0.3, 0.1)):
            stride = 0.25 if motion.speed == 0 and motion.sideways == 0 else 1.0
            add_person(self._stage.world, self._rng, self._stage.put(PERSON, motion), stride)
