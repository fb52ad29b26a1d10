"""The line a street follows, and road coordinates: s along it, d to its left (metres)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
START, END, STEP = -60.0, 220.0, 1.0


@dataclass(frozen=True)
class Centreline:
    """Curvature [K] per metre of arc length, positive to the left; s = 0 lies at the origin, heading +x there."""

    curvature: NDArray[np.float64]

    def __post_init__(self) -> None:
        s = np.arange(START, END + STEP, STEP)
        yaw = np.concatenate([[0.0], np.cumsum(self.curvature[:-1]) * STEP])
        middle = (yaw[1:] + yaw[:-1]) / 2
        x = np.concatenate([[0.0], np.cumsum(np.cos(middle)) * STEP])
        y = np.concatenate([[0.0], np.cumsum(np.sin(middle)) * STEP])
        zero = int(np.searchsorted(s, 0.0))
        turn, yaw = yaw[zero], yaw - yaw[zero]
        x, y = x - x[zero], y - y[zero]
        rotated = np.cos(turn) * x + np.sin(turn) * y, -np.sin(turn) * x + np.cos(turn) * y
        object.__setattr__(self, "_table", (s, rotated[0], rotated[1], yaw))

    def pose(
        self, s: ArrayLike, d: ArrayLike = 0.0
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """x, y and heading of road coordinates; shapes broadcast."""
        table_s, x, y, yaw = self._table  # type: ignore[attr-defined]
        s, d = np.broadcast_arrays(np.asarray(s, float), np.asarray(d, float))
        heading = np.interp(s, table_s, yaw)
        return np.interp(s, table_s, x) - d * np.sin(heading), np.interp(s, table_s, y) + d * np.cos(heading), heading

    def shrink(self, s: float, d: float) -> float:
        """Metres on the ground per metre of s at an offset: below 1 inside a bend."""
        index = int(np.clip(round((s - START) / STEP), 0, len(self.curvature) - 1))
        return float(max(0.4, 1 - self.curvature[index] * d))


def draw_centreline(rng: np.random.Generator) -> Centreline:
    """Straight (4 of 10), one bend, or two bends against each other."""
    s = np.arange(START, END + STEP, STEP)
    curvature = np.zeros(len(s))
    bends = int(rng.choice([0, 1, 2], p=[0.4, 0.35, 0.25]))
    sign, at = rng.choice([-1.0, 1.0]), rng.uniform(-30, 40)
    for _ in range(bends):
        length, radius = rng.uniform(30, 90), rng.uniform(75, 260)
        ramp = np.clip(np.minimum(s - at, at + length - s) / 10, 0, 1)
        curvature += sign * ramp / radius
        sign, at = -sign, at + length + rng.uniform(0, 25)
    return Centreline(curvature)
