"""What stands and drives on a side street and at its corners."""

from __future__ import annotations

import numpy as np

from simulation.actors.cast import Cast
from simulation.actors.motion import Motion
from simulation.objects.heavy import TRUCK
from simulation.objects.two_wheelers import BICYCLIST, MOTORCYCLIST
from simulation.world.junction import Junction
from simulation.world.markings import STOP
from simulation.world.stage import Stage

FAR = 62.0  # |d| up to which a side street is kept free of buildings and trees


def reserve_side_street(stage: Stage) -> None:
    """Keeps the ground of the side street for what `fill_side_street` puts there."""
    j = stage.plan.junction
    for sign in j.sides if j else ():
        assert j is not None
        d = sorted((sign * stage.plan.road_edge(sign), sign * FAR))
        stage.claims.reserve((j.at - j.reach, j.at + j.reach, d[0], d[1]))


def fill_side_street(stage: Stage, rng: np.random.Generator) -> None:
    """Vehicles that wait, drive off or park, people at the corners and on the crossing."""
    j = stage.plan.junction
    if j is None:
        return
    cast = Cast(stage, rng, side_street=True)
    for sign in j.sides:
        start = stage.plan.road_edge(sign) + j.radius
        _waiting(cast, rng, j, sign, start)
        _leaving(cast, rng, j, sign, start)
        if j.parking:
            _parked(cast, rng, j, sign, start)
        if j.sidewalk:
            _people(cast, rng, stage, j, sign)
    if j.zebra:
        _crossing(cast, rng, stage, j)


def _any(cast: Cast, rng: np.random.Generator, motion: Motion) -> None:
    kind = rng.choice(4, p=[0.72, 0.1, 0.1, 0.08])
    if kind == 0:
        cast.car(motion)
    elif kind == 1:
        cast.heavy(TRUCK, motion, short=True)
    else:
        cast.two_wheeler(BICYCLIST if kind == 2 else MOTORCYCLIST, motion)


def _waiting(cast: Cast, rng: np.random.Generator, j: Junction, sign: int, start: float) -> None:
    """A queue behind the stop line, or one that rolls up to it from afar."""
    d, speed = start + STOP[1] + 3.2, 0.0
    if rng.random() < 0.3:
        d, speed = d + rng.uniform(20, 30), rng.uniform(2, 6)
    for _ in range(rng.integers(0, 4)):
        _any(cast, rng, Motion(j.lane_centre(-sign), sign * d, sideways=-sign * speed, yaw=-sign * np.pi / 2))
        d += rng.uniform(6.8, 9)


def _leaving(cast: Cast, rng: np.random.Generator, j: Junction, sign: int, start: float) -> None:
    d, speed = start + rng.uniform(3, 12), rng.uniform(0, 8)
    for _ in range(rng.integers(0, 3)):
        _any(cast, rng, Motion(j.lane_centre(sign), sign * d, sideways=sign * speed, yaw=sign * np.pi / 2))
        d += rng.uniform(8, 20) + speed


def _parked(cast: Cast, rng: np.random.Generator, j: Junction, sign: int, start: float) -> None:
    for way in (1, -1):
        for d in np.arange(start + 9, FAR - 4, 6.3):
            if rng.random() < 0.55:
                cast.car(Motion(j.at + way * (j.edge - 1.35), sign * d, yaw=way * np.pi / 2 + rng.normal(0, 0.02)))


def _people(cast: Cast, rng: np.random.Generator, stage: Stage, j: Junction, sign: int) -> None:
    start, top = stage.plan.road_edge(sign) + j.radius, stage.plan.kerb
    for _ in range(rng.integers(0, 6)):
        s = j.at + rng.choice([-1, 1]) * rng.uniform(j.edge + 0.5, j.walk - 0.4)
        speed = 0.0 if rng.random() < 0.4 else float(rng.choice([-1, 1]) * rng.uniform(0.8, 1.5))
        nearest = start + 0.5 + max(0.0, -sign * speed) * stage.duration
        yaw = np.sign(speed) * np.pi / 2 if speed else rng.uniform(0, 6.28)
        cast.person(Motion(s, sign * rng.uniform(nearest, nearest + 22), sideways=speed, yaw=yaw, z=top))


def _crossing(cast: Cast, rng: np.random.Generator, stage: Stage, j: Junction) -> None:
    """People on the zebra crossings of the main street."""
    plan = stage.plan
    for way in (1, -1):
        for _ in range(rng.integers(0, 4)):
            s = j.at + way * (j.reach + rng.uniform(1.0, 3.4))
            d = rng.uniform(-plan.road_edge(-1) + 0.5, plan.road_edge(1) - 0.5)
            room = plan.road_edge(1) - 0.5 - d, d + plan.road_edge(-1) - 0.5
            speed = float(rng.choice([-1, 1]) * rng.uniform(0.7, 1.5))
            if abs(speed) * stage.duration < room[0 if speed > 0 else 1]:
                cast.person(Motion(s, d, sideways=speed, yaw=np.sign(speed) * np.pi / 2))
