"""How things move along the street."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.centreline import Centreline


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
        """Position [3] and heading at a time."""
        x, y, heading = line.pose(self.s + self.speed * t, self.d + self.sideways * t)
        return np.array([float(x), float(y), self.z]), float(heading) + self.yaw


@dataclass(frozen=True)
class Mover:
    """A body that moves, by name."""

    body: str
    motion: Motion
