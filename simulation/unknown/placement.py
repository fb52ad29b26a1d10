"""Where unknown objects are: on the road, at its edge, on sidewalk and terrain, hanging, leaning, some near people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from simulation.actors.motion import Motion
from simulation.objects.people import PERSON, add_person
from simulation.unknown import KINDS, OTHER_OBJECT
from simulation.unknown.kind import Size
from simulation.unknown.supports import SUPPORTS, arm, rope
from simulation.world.claims import Footprint
from simulation.world.plan import SIDES
from simulation.world.stage import HALF_VIEW, Stage

COUNT = (2, 5)
WITHOUT = 0.08  # share of scenes of a split with unknown objects that have none
TRIES = 20
NEAREST = 5.0  # metres ahead at which a thing still counts as in view
MARGIN, GAP, POST = (0.5, 0.2), 0.02, Footprint(0.15, 0.15)
PLACES, PLACE_SHARES = ("road", "edge", "sidewalk", "terrain"), (0.46, 0.14, 0.22, 0.18)
HANGING, BESIDE_PERSON = 0.5, 0.15  # shares of the kinds that may hang and of all that stand
ARM, CLEARANCE, HEAVIEST = (3.8, 4.7), (0.4, 1.3), 2.0  # metres: height of the arm, below the object, longest side


@dataclass(frozen=True)
class Unknown:
    """One unknown object: instance id, what it is, how and where it is, length, width and height in metres."""

    instance: int
    kind: str
    family: str
    tier: str
    place: str
    posture: str
    size: Size

    def record(self) -> dict[str, Any]:
        """As it is written to files."""
        return {**asdict(self), "size": [round(v, 3) for v in self.size]}


def place_unknowns(stage: Stage, rng: np.random.Generator, kinds: Sequence[str]) -> list[Unknown]:
    """Puts unknown objects into a stage; returns those that found room."""
    placed: list[Unknown] = []
    count = int(rng.integers(*COUNT) + stage.way / 15) if rng.random() > WITHOUT else 0
    placement = Placement(stage, rng)
    for _ in range(count if kinds else 0):
        name = str(rng.choice(list(kinds)))
        for _ in range(TRIES):
            found = placement.put(name, len(placed) + 1)
            if found is not None:
                placed.append(found)
                break
    return placed


class Placement:
    """Finds room for one object after the other."""

    def __init__(self, stage: Stage, rng: np.random.Generator) -> None:
        self._stage, self._rng = stage, rng

    def put(self, name: str, instance: int) -> Unknown | None:
        """One try at a random place; None if there is no room."""
        rng, kind = self._rng, KINDS[name]
        size, place = kind.draw_size(rng), str(rng.choice(PLACES, p=PLACE_SHARES))
        if kind.posture == "leaning":
            return self._lean(name, instance, size, place)
        if kind.posture == "hanging" and max(size) < HEAVIEST and rng.random() < HANGING:
            return self._hang(name, instance, size)
        yaw = float(rng.normal(0, 0.35) if kind.posture == "facing" else rng.uniform(0, 2 * np.pi))
        motion = self._spot(place, Footprint.of(size[0], size[1], yaw), yaw)
        if motion is None or not self._in_view(motion):
            return None
        if not self._stage.take(motion, Footprint.of(size[0], size[1], yaw), MARGIN):
            return None
        if rng.random() < BESIDE_PERSON:
            self._person_beside(motion, max(size[:2]))
        return self._build(name, instance, motion, size, place, "standing")

    def _build(
        self, name: str, instance: int, motion: Motion, size: Size, place: str, posture: str, hook: float = 0.0
    ) -> Unknown:
        """Builds it at a motion; hook: height above its frame to which a rope leads, 0 for none."""
        kind, thing = KINDS[name], self._stage.put(OTHER_OBJECT, motion, instance=instance)
        kind.build(self._stage.world, self._rng, thing, size)
        if hook:
            rope(self._stage, self._rng, thing, size, hook)
        return Unknown(instance, name, kind.family, kind.tier, place, posture, (*size[:2], hook or size[2]))

    def _s(self) -> float:
        return float(self._stage.way * self._rng.uniform(0, 1) + self._rng.triangular(6.5, 9, 36))

    def _in_view(self, motion: Motion) -> bool:
        """Whether the camera has it before it at some time, well inside its view (the street taken as straight)."""
        ahead = motion.s - self._stage.ego.speed * np.linspace(0, self._stage.duration, 7)
        return bool(np.any((ahead > NEAREST) & (abs(motion.d - self._stage.ego.d) < 0.85 * HALF_VIEW * ahead)))

    def _spot(self, place: str, foot: Footprint, yaw: float) -> Motion | None:
        """Where a footprint lies wholly on a kind of ground; None where there is no such ground."""
        rng, plan, side = self._rng, self._stage.plan, int(self._rng.choice(SIDES))
        edge, end, half = plan.road_edge(side), plan.walk_end(side), foot.half_d
        if place == "road":
            low, high = -plan.road_edge(-1) + half + 0.1, plan.road_edge(1) - half - 0.1
            d = float(rng.uniform(low, high)) if low < high else 0.0
        elif place == "edge":
            d = side * (edge - half - float(rng.uniform(0.05, 0.5)))
        elif place == "sidewalk":
            if not plan.side(side).sidewalk:
                return None
            low, high = edge + half + 0.05, max(edge + half + 0.1, end - half)
            d = side * float(rng.uniform(low, high))
        else:
            d = side * (end + half + float(rng.uniform(0.2, 3.0)))
        return Motion(self._s(), d, yaw=yaw, z=plan.ground(d))

    def _lean(self, name: str, instance: int, size: Size, place: str) -> Unknown | None:
        """Against a pole, a piece of wall or a car, which is put there with it."""
        rng, stage = self._rng, self._stage
        support = SUPPORTS[rng.choice(len(SUPPORTS), p=[0.4, 0.35, 0.25])](stage, rng, size)
        depth = support.depth + GAP
        foot = Footprint.of(size[0] + depth, max(size[1], support.width), support.yaw)
        spot = self._spot(place, foot, support.yaw)
        if spot is None:
            return None
        away = float(np.copysign(abs(spot.yaw), spot.d - stage.ego.d))  # else the support would hide it
        spot = replace(spot, yaw=away)
        if not self._in_view(spot) or not stage.take(spot, foot, MARGIN):
            return None
        support.put(self._ahead(spot, (size[0] + GAP) / 2))
        return self._build(name, instance, self._ahead(spot, -depth / 2), size, place, "leaning")

    def _ahead(self, motion: Motion, metres: float) -> Motion:
        """The same so many metres on the ground further along its own heading."""
        along, across = metres * float(np.cos(motion.yaw)), metres * float(np.sin(motion.yaw))
        s = motion.s + along / self._stage.line.shrink(motion.s, motion.d)
        return replace(motion, s=s, d=motion.d + across)

    def _hang(self, name: str, instance: int, size: Size) -> Unknown | None:
        """From the arm of a pole at the kerb, over the road or away from it."""
        rng, stage, plan = self._rng, self._stage, self._stage.plan
        side, outwards, yaw = int(rng.choice(SIDES)), bool(rng.random() < 0.5), float(rng.uniform(0, 2 * np.pi))
        s, d, foot = self._s(), side * (plan.road_edge(side) + 0.7), Footprint.of(size[0], size[1], yaw)
        reach = side * (1 if outwards else -1) * (foot.half_d + float(rng.uniform(0.4, 1.0)))
        pole, top = Motion(s, d, z=plan.ground(d)), plan.ground(d) + float(rng.uniform(*ARM))
        motion = Motion(s, d + reach, yaw=yaw, z=plan.ground(d + reach) + float(rng.uniform(*CLEARANCE)))
        free = stage.claims.free(stage.claims.box(s, d, POST), MARGIN)
        if not free or motion.z + size[2] > top - 0.2 or not self._in_view(motion):
            return None
        if not stage.take(motion, foot, MARGIN):
            return None
        stage.take(pole, POST, (0.0, 0.0), view=False)
        arm(stage, rng, pole, reach, top - pole.z)
        place = ("sidewalk" if plan.side(side).sidewalk else "terrain") if outwards else "edge"
        return self._build(name, instance, motion, size, place, "hanging", top - motion.z)

    def _person_beside(self, motion: Motion, reach: float) -> None:
        rng, stage = self._rng, self._stage
        angle, away = rng.uniform(0, 2 * np.pi), reach / 2 + rng.uniform(0.7, 1.2)
        d = motion.d + away * float(np.sin(angle))
        beside = Motion(motion.s + away * float(np.cos(angle)), d, yaw=angle + np.pi, z=stage.plan.ground(d))
        if stage.take(beside, Footprint(0.42, 0.42), (0.1, 0.05)):
            add_person(stage.world, rng, stage.put(PERSON, beside), 0.25)
