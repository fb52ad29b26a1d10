"""The place where a scene is set up: world, street, claims and the ego vehicle's way through it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simulation.centreline import Centreline
from simulation.claims import Claims, Footprint
from simulation.motion import Motion, Mover
from simulation.plan import Plan
from simulation.world import Thing, World

MOST_OF_VIEW = 0.3  # share of the image's width that no single thing beside or before the camera may fill
HALF_VIEW = 0.86  # tangent of half a camera's field of view


@dataclass
class Stage:
    """duration: seconds over which everything must stay apart; ego: motion of the vehicle with the sensors.

    half_view: tangent of half the main camera's field of view
    """

    world: World
    line: Centreline
    plan: Plan
    claims: Claims
    ego: Motion
    duration: float
    movers: list[Mover] = field(default_factory=list)
    half_view: float = HALF_VIEW

    @property
    def way(self) -> float:
        """Metres that the ego vehicle covers."""
        return self.ego.speed * self.duration

    @property
    def end(self) -> float:
        """s up to which things are placed."""
        return min(185.0, 110.0 + self.way)

    def fits_view(self, motion: Motion, foot: Footprint) -> bool:
        """Whether a thing never fills too much of the image's width (the street taken as straight)."""
        for t in np.linspace(0, self.duration, 7):
            ahead = motion.s + (motion.speed - self.ego.speed) * t - self.ego.s
            near, far = max(ahead - foot.half_s, 0.3), ahead + foot.half_s
            if far < 0.3:
                continue
            aside = motion.d + motion.sideways * t - self.ego.d
            y = np.array([aside - foot.half_d, aside + foot.half_d])
            u = np.clip(np.concatenate([y / near, y / far]) / self.half_view, -1, 1)
            if (u.max() - u.min()) / 2 > MOST_OF_VIEW:
                return False
        return True

    def take(
        self,
        motion: Motion,
        foot: Footprint,
        margin: tuple[float, float] = (0.3, 0.15),
        group: str = "",
        view: bool = True,
    ) -> bool:
        """Claims all that a thing sweeps, if it is free and does not fill the view."""
        if view and not self.fits_view(motion, foot):
            return False
        s0, s1, d0, d1 = self.claims.box(motion.s, motion.d, foot, motion.speed * self.duration)
        aside = motion.sideways * self.duration
        return self.claims.take((s0, s1, d0 + min(0.0, aside), d1 + max(0.0, aside)), margin, group)

    def put(self, raw_id: int, motion: Motion, instance: int = 0) -> Thing:
        """A new body where a motion begins; it becomes a mover if it has any speed."""
        position, yaw = motion.pose(self.line, 0.0)
        moving = motion.speed != 0 or motion.sideways != 0
        thing = self.world.thing(raw_id, position, yaw, instance, moving)
        if moving:
            self.movers.append(Mover(thing.name, motion))
        return thing
