"""Whether a confidence says how often the prediction is right."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError

BINS = 15


class ConfidenceMetrics:
    """Counts confidence and correctness of known points in 15 equal bins, as ECE has it (Guo et al., ICML 2017)."""

    def __init__(self) -> None:
        self.points = np.zeros(BINS, np.int64)
        self._correct = np.zeros(BINS, np.int64)
        self._confidence = np.zeros(BINS)

    def update(self, confidence: NDArray[np.floating], correct: NDArray[np.bool_]) -> None:
        """Adds points: confidence [N] in [0,1], correct [N]. Raises InputError on others and on unequal lengths."""
        if confidence.shape != correct.shape:
            raise InputError(f"{confidence.shape} confidences for {correct.shape} verdicts; they must be of one cloud")
        if not ((confidence >= 0) & (confidence <= 1)).all():
            raise InputError("confidences lie outside [0,1]; give probabilities and leave unjudged points out")
        bins = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
        self.points += np.bincount(bins, minlength=BINS)
        self._correct += np.bincount(bins[correct], minlength=BINS)
        self._confidence += np.bincount(bins, confidence.astype(np.float64), minlength=BINS)

    def result(self) -> dict[str, Any]:
        """`ece`, and per bin `confidence`, `accuracy` (NaN where empty) and `share` of the points.

        ECE = sum over bins of share * |accuracy - confidence|; NaN without points.
        """
        with np.errstate(invalid="ignore"):
            confidence, accuracy = self._confidence / self.points, self._correct / self.points
            share = self.points / self.points.sum()
        gap = np.nan_to_num(np.abs(accuracy - confidence))
        return {
            "ece": float((share * gap).sum()),
            "confidence": confidence.tolist(),
            "accuracy": accuracy.tolist(),
            "share": share.tolist(),
        }
