"""From a raw score to one that reads: the share of known points at that range that look less strange than this one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import FieldError
from fm_ood_ros.model.fields import Fields

LARGEST = float(np.finfo(np.float32).max)  # raw scores are float32
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class RangeScale:
    """Known points at about one distance.

    distance: metres from the camera; mean, std: of the raw score (higher = stranger) before objects are judged
    levels, values: [Q] float64, quantiles of the judged score, both strictly increasing, levels within (0,1)
    points: how many it was measured on

    Below the first and above the last value a rational tail goes on to 0 and 1, so that the order of strange
    points survives where the validation set has no more to say.
    """

    distance: float
    mean: float
    std: float
    levels: Numbers
    values: Numbers
    points: int

    def __post_init__(self) -> None:
        rising = len(self.levels) == len(self.values) >= 2
        rising = rising and bool((np.diff(self.levels) > 0).all() and (np.diff(self.values) > 0).all())
        if not rising or not 0 < self.levels[0] < self.levels[-1] < 1 or not np.isfinite(self.values).all():
            raise FieldError(
                f"quantiles at {self.distance:g} m are not two strictly increasing lists of one length with levels "
                "within (0,1)"
            )
        if not self.std > 0:
            raise FieldError(f"the score's standard deviation at {self.distance:g} m is {self.std:g}, expected above 0")

    @classmethod
    def from_fields(cls, part: Fields) -> RangeScale:
        """From the manifest; raises FieldError."""
        return cls(
            part.number("distance", 0, LARGEST),
            part.number("mean", -LARGEST, LARGEST),
            part.number("std", 0, LARGEST),
            np.array(part.numbers("quantile_levels", 0, 1), np.float64),
            np.array(part.numbers("quantile_values", -LARGEST, LARGEST), np.float64),
            part.integer("points", 0, 2**62),
        )

    def to_dict(self) -> dict[str, Any]:
        """As the manifest holds it."""
        return {
            "distance": self.distance,
            "mean": self.mean,
            "std": self.std,
            "quantile_levels": self.levels.tolist(),
            "quantile_values": self.values.tolist(),
            "points": self.points,
        }

    def __call__(self, judged: Numbers) -> Numbers:
        """Scores in [0,1] of finite judged scores."""
        score = np.interp(judged, self.values, self.levels)
        width = self.values[-1] - self.values[0]
        above, below = judged > self.values[-1], judged < self.values[0]
        score[above] = 1 - (1 - self.levels[-1]) / (1 + (judged[above] - self.values[-1]) / width)
        score[below] = self.levels[0] / (1 + (self.values[0] - judged[below]) / width)
        return score


@dataclass(frozen=True)
class ScoreScale:
    """Scales at rising distances; between two of them the score is between theirs.

    Raises FieldError where there is none, or the distances do not rise.
    """

    ranges: Sequence[RangeScale]

    def __post_init__(self) -> None:
        if not self.ranges or not (np.diff(self._distances) > 0).all():
            raise FieldError("'score.ranges' is empty or does not rise, expected scales at rising distances")

    @classmethod
    def from_dict(cls, data: object) -> ScoreScale:
        """From the manifest's `score`; raises FieldError."""
        return cls(tuple(RangeScale.from_fields(part) for part in Fields(data, "score").objects("ranges")))

    def to_dict(self) -> dict[str, Any]:
        """The manifest's `score`."""
        return {"ranges": [part.to_dict() for part in self.ranges]}

    @property
    def _distances(self) -> Numbers:
        return np.array([part.distance for part in self.ranges])

    def standardised(self, raw: NDArray[np.float32], distance: NDArray[np.float32]) -> NDArray[np.float32]:
        """Raw scores [M] in standard deviations over what is usual for known points at distances [M], float32."""
        mean = np.interp(distance, self._distances, [part.mean for part in self.ranges])
        std = np.interp(distance, self._distances, [part.std for part in self.ranges])
        return ((raw - mean) / std).astype(np.float32)

    def __call__(self, judged: NDArray[np.float32], distance: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scores [M] in [0,1] float32 of judged ones at distances [M] in metres; NaN, no verdict, where not finite."""
        place = np.interp(distance, self._distances, np.arange(len(self.ranges)))
        usable = np.isfinite(judged) & ~np.isnan(distance)
        lower = np.where(usable, place, len(self.ranges)).astype(np.int16)
        score = np.full(len(judged), np.nan, np.float32)
        for index, (part, farther) in enumerate(zip(self.ranges, [*self.ranges[1:], None], strict=True)):
            here = np.flatnonzero(lower == index)
            x = judged[here].astype(np.float64)
            way = place[here] - index
            score[here] = part(x) if farther is None else (1 - way) * part(x) + way * farther(x)
        return score
