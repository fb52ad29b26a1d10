"""How many judged points are flagged, at which range."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.judgement.fitting import EDGES
from fm_ood_ros.model.score_scale import ScoreScale

BOUNDS = (0.0, *EDGES, np.inf)  # metres
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Look:
    """The judged points of a frame: distance [P] float32, metres; judged [P] float32, the score before its scale."""

    distance: NDArray[np.float32]
    judged: NDArray[np.float32]


@dataclass(frozen=True)
class Shares:
    """points, flagged: [R] int64, judged points of each range and those of them that reach the threshold."""

    points: Counts
    flagged: Counts

    @classmethod
    def of(cls, scale: ScoreScale, threshold: float, looks: Iterable[Look]) -> Shares:
        """The shares by a scale."""
        points, flagged = np.zeros((2, len(BOUNDS) - 1), np.int64)
        for look in looks:
            unknown = scale(look.judged, look.distance) >= threshold
            points += np.histogram(look.distance, BOUNDS)[0]
            flagged += np.histogram(look.distance[unknown], BOUNDS)[0]
        return cls(points, flagged)

    def __add__(self, other: Shares) -> Shares:
        return Shares(self.points + other.points, self.flagged + other.flagged)

    @property
    def whole(self) -> float:
        """Of all points; NaN without any."""
        return float(self.flagged.sum() / self.points.sum()) if self.points.any() else float("nan")


def table(before: Shares, after: Shares) -> str:
    """Flagged shares of the same points by two scales, overall and by range."""
    lines = [f"{'flagged':<16}{'points':>10}{'before':>10}{'after':>10}"]
    lines.append(_row("all ranges", before.points.sum(), before.flagged.sum(), after.flagged.sum()))
    for i in np.flatnonzero(before.points):
        name = f"{BOUNDS[i]:.0f} to {BOUNDS[i + 1]:.0f} m" if i + 2 < len(BOUNDS) else f"beyond {BOUNDS[i]:.0f} m"
        lines.append(_row(name, before.points[i], before.flagged[i], after.flagged[i]))
    return "\n".join(lines)


def _row(name: str, points: int, before: int, after: int) -> str:
    share = [f"{count / points:.1%}" if points else "n/a" for count in (before, after)]
    return f"  {name:<14}{points:>10}{share[0]:>10}{share[1]:>10}"
