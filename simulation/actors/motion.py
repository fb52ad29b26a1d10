"""How things move along the street."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.world.centreline import Centreline


@dataclass(frozen=True)
class Motion:
    """Road coordinates at t = 0 and their speeds (m/s); yaw against the street; z of the ground."""

    s: float
    d: float
    speed: float = 0.0
    sideways: float = 0.0
    yaw: float = 0.0
    z: float = 0.0

    def pose(self, line: Centreline, t: float) -> tuple[NDArray[np.float64], float]:
        """Position [3] and heading at a time; the ground's rise along the street is added to z."""
        s = self.s + self.speed * t
        x, y, heading = line.pose(s, self.d + self.sideways * t)
        return np.array([float(x), float(y), self.z + float(line.height(s))]), float(heading) + self.yaw

    def rotation(self, line: Centreline, t: float) -> NDArray[np.float64]:
        """Turn [3,3] from the thing's frame to the world's: it stands square on the street, however that climbs."""
        s = self.s + self.speed * t
        heading, pitch = float(line.heading(s)), line.pitch(s)
        along, up = np.cos(pitch), np.sin(pitch)
        level = np.array([[along, 0, -up], [0, 1, 0], [up, 0, along]])
        return _about_z(heading) @ level @ _about_z(self.yaw)


def _about_z(angle: float) -> NDArray[np.float64]:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])


@dataclass(frozen=True)
class Mover:
    """A body that moves, by name."""

    body: str
    motion: Motion
