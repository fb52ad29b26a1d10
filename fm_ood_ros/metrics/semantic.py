"""Intersection over union of the known classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError


class SemanticMetrics:
    """Confusion matrix over known points; a point that was not judged (255) counts as missed."""

    def __init__(self, classes: int) -> None:
        self.classes = classes
        self.confusion = np.zeros((classes, classes + 1), np.int64)  # the last column: not judged

    def update(self, predicted: NDArray[np.uint8], target: NDArray[np.uint8]) -> None:
        """Adds points: predicted [N] class or 255, target [N] class; targets of C or more (OOD, ignored) stay out.

        Raises InputError when the lengths differ or a prediction is neither a class nor 255.
        """
        if predicted.shape != target.shape:
            raise InputError(f"{predicted.shape} predictions for {target.shape} targets; they must be of one cloud")
        known = target < self.classes
        guess = predicted[known].astype(np.int64)
        wrong = guess[(guess >= self.classes) & (guess != 255)]
        if len(wrong):
            raise InputError(f"predictions hold class {wrong[0]}, expected 0 to {self.classes - 1} or 255")
        guess[guess == 255] = self.classes
        pair = target[known].astype(np.int64) * (self.classes + 1) + guess
        self.confusion += np.bincount(pair, minlength=self.confusion.size).reshape(self.confusion.shape)

    def result(self) -> dict[str, Any]:
        """`iou` per class (NaN where a class is neither there nor predicted), `miou`, `accuracy`, `points`."""
        hit = np.diag(self.confusion).astype(np.float64)
        truth = self.confusion.sum(1)
        said = self.confusion[:, :-1].sum(0)
        with np.errstate(invalid="ignore"):
            iou = hit / (truth + said - hit)
        points = int(self.confusion.sum())
        there = truth > 0  # a class absent from the data has no IoU to speak of, it cannot raise or lower the mean
        return {
            "iou": iou,
            "miou": float(iou[there].mean()) if there.any() else float("nan"),
            "accuracy": float(hit.sum() / points) if points else float("nan"),
            "points": points,
        }
