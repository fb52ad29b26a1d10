"""From a raw score to one that reads: the share of known points that look less strange than this one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import FieldError
from fm_ood_ros.model.fields import Fields

LARGEST = float(np.finfo(np.float32).max)  # raw scores are float32


@dataclass(frozen=True)
class ScoreScale:
    """Quantiles of a raw score (higher = stranger) over the known points of the validation set.

    levels, values: [Q] float64, both strictly increasing, levels within (0,1)

    Below the first and above the last value a rational tail goes on to 0 and 1, so that the order of strange
    points survives where the validation set has no more to say.
    """

    name: str
    levels: NDArray[np.float64]
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        rising = len(self.levels) == len(self.values) >= 2
        rising = rising and bool((np.diff(self.levels) > 0).all() and (np.diff(self.values) > 0).all())
        if not rising or not 0 < self.levels[0] < self.levels[-1] < 1 or not np.isfinite(self.values).all():
            raise FieldError(
                f"quantiles of score '{self.name}' are not two strictly increasing lists of one length with levels "
                "within (0,1)"
            )

    @classmethod
    def from_dict(cls, data: object) -> ScoreScale:
        """From the manifest's `score`; raises FieldError."""
        score = Fields(data, "score")
        levels = np.array(score.numbers("quantile_levels", 0, 1), np.float64)
        return cls(
            score.text("name"), levels, np.array(score.numbers("quantile_values", -LARGEST, LARGEST), np.float64)
        )

    def __call__(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scores in [0,1] float32 of raw scores of any shape; NaN, which is no verdict, where one is not finite."""
        x = raw.astype(np.float64)
        score = np.interp(x, self.values, self.levels)
        width = self.values[-1] - self.values[0]
        above, below = x > self.values[-1], x < self.values[0]
        rest = 1 - self.levels[-1]
        score[above] = 1 - rest / (1 + (x[above] - self.values[-1]) / width)
        score[below] = self.levels[0] / (1 + (self.values[0] - x[below]) / width)
        score[~np.isfinite(x)] = np.nan
        return score.astype(np.float32)
