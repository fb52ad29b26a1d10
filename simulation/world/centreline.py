"""The line a street follows, and road coordinates: s along it, d to its left (metres)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
START, END, STEP = -60.0, 220.0, 1.0


@dataclass(frozen=True)
class Centreline:
    """Curvature [K] per metre of arc length, positive to the left, and grade [K], rise per metre.

    s = 0 lies at the origin, heading +x there.
    """

    curvature: NDArray[np.float64]
    grade: NDArray[np.float64]

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
        rise = np.concatenate([[0.0], np.cumsum((self.grade[1:] + self.grade[:-1]) / 2) * STEP])
        object.__setattr__(self, "_table", (s, rotated[0], rotated[1], yaw, rise - rise[zero]))

    def pose(
        self, s: ArrayLike, d: ArrayLike = 0.0
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """x, y and heading of road coordinates; shapes broadcast."""
        table_s, x, y, _, _ = self._table  # type: ignore[attr-defined]
        s, d = np.asarray(s, float), np.asarray(d, float)
        if s.shape != d.shape:
            s, d = np.broadcast_arrays(s, d)
        heading = self.heading(s)
        return np.interp(s, table_s, x) - d * np.sin(heading), np.interp(s, table_s, y) + d * np.cos(heading), heading

    def heading(self, s: ArrayLike) -> NDArray[np.float64]:
        """Of the street, radians."""
        return np.asarray(np.interp(np.asarray(s, float), self._table[0], self._table[3]))  # type: ignore[attr-defined]

    def height(self, s: ArrayLike) -> NDArray[np.float64]:
        """z of the road, metres."""
        table_s, *_, rise = self._table  # type: ignore[attr-defined]
        return np.asarray(np.interp(np.asarray(s, float), table_s, rise))

    def pitch(self, s: float) -> float:
        """Angle by which the road climbs towards larger s, radians."""
        return float(np.arctan(np.interp(s, self._table[0], self.grade)))  # type: ignore[attr-defined]

    def shrink(self, s: float, d: float) -> float:
        """Metres on the ground per metre of s at an offset: below 1 inside a bend."""
        index = min(max(round((s - START) / STEP), 0), len(self.curvature) - 1)
        return float(max(0.4, 1 - self.curvature[index] * d))


def draw_centreline(rng: np.random.Generator, straight: tuple[float, float] | None = None) -> Centreline:
    """Straight (1 of 4), one bend, or two bends against each other; level (3 of 10) or over hill and dale.

    straight: range of s that must not bend
    """
    s = np.arange(START, END + STEP, STEP)
    curvature = np.zeros(len(s))
    bends = int(rng.choice([0, 1, 2], p=[0.25, 0.45, 0.3]))
    sign, at = rng.choice([-1.0, 1.0]), rng.uniform(-30, 40)
    for _ in range(bends):
        length, radius = rng.uniform(30, 90), rng.uniform(70, 220)
        ramp = np.clip(np.minimum(s - at, at + length - s) / 10, 0, 1)
        curvature += sign * ramp / radius
        sign, at = -sign, at + length + rng.uniform(0, 25)
    if straight is not None:
        curvature *= np.clip(np.maximum(straight[0] - s, s - straight[1]) / 10, 0, 1)
    return Centreline(curvature, _grade(rng, s))


def _grade(rng: np.random.Generator, s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rise per metre, changing slowly enough for vehicles not to ground."""
    if rng.random() < 0.3:
        return np.zeros(len(s))
    knots = np.sort(rng.uniform(START, END, 4)) + np.array([0, 40, 80, 120.0])
    smooth = np.interp(s, knots, rng.choice([-1, 1]) * rng.permutation([-0.6, 0.3, 1, 0]) * rng.uniform(0.02, 0.08))
    return np.convolve(np.pad(smooth, 10, mode="edge"), np.full(21, 1 / 21), mode="valid")
