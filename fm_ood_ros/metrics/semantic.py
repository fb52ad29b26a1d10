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
        self.confusion += confusion(predicted, target, self.classes)

    def result(self) -> dict[str, Any]:
        """`iou` per class (NaN where a class is neither there nor predicted), `miou`, `accuracy`, `points`."""
        hit = np.diag(self.confusion).astype(np.float64)
        points = int(self.confusion.sum())
        return {
            "iou": class_iou(self.confusion),
            "miou": float(mean_iou(self.confusion)),
            "accuracy": float(hit.sum() / points) if points else float("nan"),
            "points": points,
        }


def confusion(predicted: NDArray[np.uint8], target: NDArray[np.uint8], classes: int) -> NDArray[np.int64]:
    """Points [C,C+1] of every class by what they were said to be, not judged last; see SemanticMetrics.update."""
    if predicted.shape != target.shape:
        raise InputError(f"{predicted.shape} predictions for {target.shape} targets; they must be of one cloud")
    known = target < classes
    guess = predicted[known].astype(np.int64)
    wrong = guess[(guess >= classes) & (guess != 255)]
    if len(wrong):
        raise InputError(f"predictions hold class {wrong[0]}, expected 0 to {classes - 1} or 255")
    guess[guess == 255] = classes
    pair = target[known].astype(np.int64) * (classes + 1) + guess
    return np.bincount(pair, minlength=classes * (classes + 1)).reshape(classes, classes + 1)


def class_iou(matrices: NDArray[Any]) -> NDArray[np.float64]:
    """IoU [...,C] of confusion matrices [...,C,C+1]; NaN where a class is neither there nor predicted."""
    hit = np.diagonal(matrices, axis1=-2, axis2=-1).astype(np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray(hit / (matrices.sum(-1) + matrices[..., :-1].sum(-2) - hit))


def mean_iou(matrices: NDArray[Any]) -> NDArray[np.float64]:
    """Mean IoU [...] over the classes that the data hold: one that they lack cannot raise or lower it."""
    there = matrices.sum(-1) > 0
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(there, class_iou(matrices), 0).sum(-1) / there.sum(-1))
