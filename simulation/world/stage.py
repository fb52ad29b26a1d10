"""The place where a scene is set up: world, street, claims and the ego vehicle's way through it."""

from __future__ import annotations

from dataclasses import dataclass, field

import mujoco as mj
import numpy as np

from simulation.actors.motion import Motion, Mover
from simulation.world.centreline import Centreline
from simulation.world.claims import Claims, Footprint
from simulation.world.plan import Plan
from simulation.world.world import Thing, World

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
        t = np.linspace(0, self.duration, 7)
        ahead = motion.s + (motion.speed - self.ego.speed) * t - self.ego.s
        aside = motion.d + motion.sideways * t - self.ego.d
        near, far = np.maximum(ahead - foot.half_s, 0.3), ahead + foot.half_s
        y = np.stack([aside - foot.half_d, aside + foot.half_d])
        u = np.clip(np.concatenate([y / near, y / np.maximum(far, 0.3)]) / self.half_view, -1, 1)
        return not bool(((np.ptp(u, axis=0) / 2 > MOST_OF_VIEW) & (far >= 0.3)).any())

    def take(
        self,
        motion: Motion,
        foot: Footprint,
        margin: tuple[float, float] = (0.3, 0.15),
        group: str = "",
        view: bool = True,
        reserved: bool = False,
    ) -> bool:
        """Claims all that a thing sweeps, if it is free and does not fill the view; reserved: also of side streets."""
        if view and not self.fits_view(motion, foot):
            return False
        s0, s1, d0, d1 = self.claims.box(motion.s, motion.d, foot, motion.speed * self.duration)
        aside = motion.sideways * self.duration
        return self.claims.take((s0, s1, d0 + min(0.0, aside), d1 + max(0.0, aside)), margin, group, reserved)

    def put(self, raw_id: int, motion: Motion, instance: int = 0) -> Thing:
        """A new body where a motion begins; it becomes a mover if it has any speed."""
        position, _ = motion.pose(self.line, 0.0)
        moving = motion.speed != 0 or motion.sideways != 0
        quaternion = np.empty(4)
        mj.mju_mat2Quat(quaternion, motion.rotation(self.line, 0.0).ravel())
        thing = self.world.turned_thing(raw_id, position, quaternion, instance, moving)
        if moving:
            self.movers.append(Mover(thing.name, motion))
        return thing
