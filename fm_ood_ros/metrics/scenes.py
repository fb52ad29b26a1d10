"""Counts per scene, small enough to be resampled a thousand times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.metrics.anomaly import curves, spread_near_one
from fm_ood_ros.metrics.semantic import confusion, mean_iou

BINS = 2048
FINEST = 24 * np.log(2)  # what spread_near_one makes of the last float32 below 1
MEASURED = ("fpr95", "auroc", "aupr", "recall_at_5")


class SceneScores:
    """Histograms of anomaly scores per scene, 16 kB each; scores within a bin, .8 % of 1 - score, count as ties."""

    def __init__(self) -> None:
        self.counts: dict[str, NDArray[np.int32]] = {}  # [2,B] known and unknown, from the lowest score on

    def update(self, scene: str, scores: NDArray[np.float32], is_ood: NDArray[np.bool_]) -> None:
        """Adds points of a scene: anomaly scores [N] in [0,1], is_ood [N]; a frame without points counts its scene.

        Raises InputError on unequal lengths and on other scores.
        """
        if scores.shape != is_ood.shape:
            raise InputError(f"{scores.shape} scores for {is_ood.shape} labels; they must be of the same points")
        if not ((scores >= 0) & (scores <= 1)).all():
            raise InputError("scores lie outside [0,1]; give anomaly scores and leave unjudged points out")
        place = np.minimum(spread_near_one(scores) * (BINS / FINEST), BINS - 1).astype(np.int64)
        counts = np.bincount(is_ood * BINS + place, minlength=2 * BINS).reshape(2, BINS)
        self.counts.setdefault(scene, np.zeros((2, BINS), np.int32))[:] += counts

    def measure(self, weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """`fpr95`, `auroc`, `aupr`, `recall_at_5` [R] of scenes taken so many times [R,S], in the order of names."""
        drawn = _drawn(self.counts, weights)[..., ::-1]
        metrics = curves(drawn[:, 0], drawn[:, 1])
        return {name: metrics[name] for name in MEASURED}


class SceneClasses:
    """Confusion matrices per scene."""

    def __init__(self, classes: int) -> None:
        self.classes = classes
        self.counts: dict[str, NDArray[np.int64]] = {}  # [C,C+1], see SemanticMetrics

    def update(self, scene: str, predicted: NDArray[np.uint8], target: NDArray[np.uint8]) -> None:
        """Adds points of a scene, see SemanticMetrics.update."""
        counts = confusion(predicted, target, self.classes)
        self.counts[scene] = self.counts[scene] + counts if scene in self.counts else counts

    def measure(self, weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """`miou` [R] of scenes taken so many times [R,S], in the order of names."""
        return {"miou": mean_iou(_drawn(self.counts, weights))}


def _drawn(
    counts: dict[str, NDArray[np.int32]] | dict[str, NDArray[np.int64]], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sums [R,...] over scenes in the order of their names, each as often as its weight [R,S] says."""
    stacked = np.stack([counts[scene] for scene in sorted(counts)])
    drawn = weights @ stacked.reshape(len(stacked), -1).astype(np.float64)
    return drawn.reshape(len(weights), *stacked.shape[1:])
