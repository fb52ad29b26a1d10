"""What drives, stands and walks on and beside the road."""

from __future__ import annotations

import numpy as np

from simulation.actors.cast import Cast
from simulation.actors.motion import Motion
from simulation.objects.cars import CAR
from simulation.objects.heavy import BUS, TRUCK
from simulation.objects.small import ON_ROAD, ON_ROAD_SHARES, ON_SIDEWALK
from simulation.objects.two_wheelers import BICYCLE, BICYCLIST, MOTORCYCLE, MOTORCYCLIST
from simulation.world.plan import SIDES
from simulation.world.stage import Stage


def lane_group(index: int) -> str:
    """Name of the things that share a lane's speed."""
    return f"lane {index}"


class Traffic:
    """Fills a stage with vehicles and people."""

    def __init__(self, stage: Stage, rng: np.random.Generator, ego_lane: int) -> None:
        self._stage, self._rng, self._ego_lane = stage, rng, ego_lane
        self._cast = Cast(stage, rng)

    def people_on_road(self) -> None:
        """A few people crossing or standing, some beside a bicycle."""
        rng, plan = self._rng, self._stage.plan
        for _ in range(rng.integers(0, 5)):
            s = rng.uniform(8, 60 + self._stage.way)
            d = rng.uniform(-plan.road_edge(-1) + 0.5, plan.road_edge(1) - 0.5)
            speed = 0.0 if rng.random() < 0.4 else float(rng.uniform(-1.2, 1.2))
            after = d + speed * self._stage.duration
            if not -plan.road_edge(-1) + 0.4 < after < plan.road_edge(1) - 0.4:  # would walk into the kerb
                speed = 0.0
            self._cast.person(Motion(s, d, sideways=speed, yaw=np.sign(speed) * np.pi / 2 or rng.uniform(0, 6.28)))
        for _ in range(rng.integers(0, 3)):
            s, side = rng.uniform(8, 45 + self._stage.way), rng.choice(SIDES)
            d = side * rng.uniform(0.5, plan.road_edge(side) - 0.5)
            self._cast.two_wheeler(int(rng.choice([BICYCLE, MOTORCYCLE])), Motion(s, d, yaw=rng.uniform(0, 6.28)))

    def small_things(self) -> None:
        """Cones and barriers round road works, bins and boxes, single ones anywhere."""
        rng, plan = self._rng, self._stage.plan
        if rng.random() < 0.3:
            self._road_works()
        for _ in range(rng.integers(0, 4)):
            side = int(rng.choice(SIDES))
            d = side * rng.uniform(0.2, plan.road_edge(side) - 0.4)
            motion = Motion(rng.uniform(7, 45 + self._stage.way), d, yaw=rng.uniform(0, 6.28))
            self._cast.small(str(rng.choice(ON_ROAD, p=ON_ROAD_SHARES)), motion)
        for side in SIDES:
            width = plan.side(side).sidewalk + plan.side(side).verge
            for _ in range(rng.integers(0, 5) if width else 0):
                d = side * (plan.road_edge(side) + rng.uniform(0.4, width))
                motion = Motion(rng.uniform(4, 60 + self._stage.way), d, yaw=rng.choice([0, np.pi]), z=plan.kerb)
                self._cast.small(str(rng.choice(ON_SIDEWALK)), motion)

    def _road_works(self) -> None:
        """A row of cones or delineators that narrows the road, barriers across its ends."""
        rng, plan, side = self._rng, self._stage.plan, int(self._rng.choice(SIDES))
        kind, start, count = str(rng.choice(["cone", "delineator", "barrier"])), rng.uniform(9, 40), rng.integers(3, 8)
        inner, step = plan.road_edge(side) - rng.uniform(1.2, 2.6), rng.uniform(1.8, 4)
        for i in range(count):
            d = side * min(inner + max(0.0, 1.5 - 0.7 * i), plan.road_edge(side) - 0.6)  # tapers from the kerb
            turn = np.pi / 2 if kind == "barrier" else rng.normal(0, 0.2)
            self._cast.small(kind, Motion(start + i * step * (1.3 if kind == "barrier" else 1), d, yaw=turn))

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
            self._cast.two_wheeler(BICYCLIST, motion)

    def parked(self) -> None:
        """Cars, vans and motorcycles in the parking strips, bicycles on the sidewalks."""
        rng, plan = self._rng, self._stage.plan
        for side in SIDES:
            if plan.side(side).parking:
                filled, s = rng.uniform(0.3, 0.9), rng.uniform(-15, -8)
                while s < self._stage.end:
                    if rng.random() < filled and not (plan.junction and plan.junction.near(s)):
                        self._park(s, side)
                    s += plan.side(side).bay + (0.0 if plan.side(side).across else rng.uniform(-0.5, 0.8))
            width = plan.side(side).sidewalk + plan.side(side).verge
            for _ in range(rng.integers(0, 5) if width > 1 else 0):
                d = side * (plan.road_edge(side) + rng.uniform(0.5, width))
                kind = int(rng.choice([BICYCLE, MOTORCYCLE], p=[0.7, 0.3]))
                yaw = rng.choice([0, np.pi / 2, np.pi]) + rng.normal(0, 0.15)
                self._cast.two_wheeler(kind, Motion(rng.uniform(3, 55 + self._stage.way), d, yaw=yaw, z=plan.kerb))

    def _park(self, s: float, side: int) -> None:
        rng, plan = self._rng, self._stage.plan
        d = side * (plan.road_edge(side) - 0.3 - plan.side(side).parking / 2)
        yaw = (np.pi if side > 0 else 0.0) + rng.normal(0, 0.02)
        if plan.side(side).across:
            yaw = rng.choice([-1, 1]) * np.pi / 2 + rng.normal(0, 0.02)
        if rng.random() < 0.1:
            self._cast.two_wheeler(MOTORCYCLE, Motion(s, d, yaw=yaw + rng.uniform(-1.2, 1.2)))
        elif rng.random() < 0.06 and not plan.side(side).across:
            self._cast.heavy(TRUCK, Motion(s, d, yaw=yaw), short=True)
        else:
            self._cast.car(Motion(s, d, yaw=yaw))

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
            self._cast.two_wheeler(MOTORCYCLIST, Motion(s + 1.2, d, speed, yaw=yaw), group)
            return 2.4
        if kind == CAR:
            self._cast.car(Motion(s + 2.8, d, speed, yaw=yaw), group)
            return 5.6
        self._cast.heavy(int(kind), Motion(s + 6.2, d, speed, yaw=yaw), group)
        return 12.4

    def people_on_sidewalks(self) -> None:
        """Walkers along the sidewalks, alone and in loose groups."""
        rng, plan = self._rng, self._stage.plan
        for side in SIDES:
            width = plan.side(side).sidewalk
            for _ in range(rng.integers(0, 9) if width else rng.integers(0, 2)):
                d = side * (plan.walk_start(side) + rng.uniform(0.4, max(0.8, width - 0.3)))
                speed = 0.0 if rng.random() < 0.3 else float(rng.choice([-1, 1]) * rng.uniform(0.8, 1.6))
                yaw = rng.uniform(0, 6.28) if speed == 0 else (0.0 if speed > 0 else np.pi)
                self._cast.person(Motion(rng.uniform(2, 75 + self._stage.way), d, speed, yaw=yaw, z=plan.ground(d)))
