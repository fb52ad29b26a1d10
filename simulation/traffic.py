"""What moves: its body and where it is at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.street import Street


@dataclass(frozen=True)
class Mover:
    """A body that keeps its offset to the street's line; speed in m/s along x, negative towards the start."""

    body: str
    x: float
    offset: float
    speed: float

    def pose(self, street: Street, t: float) -> tuple[list[float], list[float]]:
        """Position and quaternion at t seconds."""
        x = self.x + self.speed * t
        yaw = street.yaw(x) + (np.pi if self.speed < 0 else 0.0)
        position = [*street.at(x, self.offset), street.height(self.offset)]
        return position, [float(np.cos(yaw / 2)), 0.0, 0.0, float(np.sin(yaw / 2))]
