"""SegmentMeIfYouCan's component metrics (Chan et al., NeurIPS Datasets and Benchmarks 2021) on points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.metrics.overlap import Overlap

THRESHOLDS = np.arange(25, 80, 5) / 100


class ComponentMetrics:
    """Counts true and predicted components, that is instances and predicted objects, over all frames.

    sIoU of a true component k, with P the predicted ones that touch it: |k and P| / |k or P|, less the points of
    other true components in P. PPV of a predicted one: the share of its points that are unknown. At a threshold, k is
    found where sIoU exceeds it, otherwise missed, and a predicted one is false where PPV does not exceed it.
    """

    def __init__(self) -> None:
        self.true = self.predicted = 0
        self._siou = self._ppv = 0.0
        self._missed = np.zeros(len(THRESHOLDS), np.int64)
        self._false = np.zeros(len(THRESHOLDS), np.int64)

    def add(self, frame: Overlap) -> None:
        """Adds the components of one frame; predicted ones with ignored points only are left out."""
        siou, ppv = adjusted_iou(frame), precision(frame)
        self.true += len(siou)
        self.predicted += len(ppv)
        self._siou += float(siou.sum())
        self._ppv += float(ppv.sum())
        self._missed += (siou[:, None] <= THRESHOLDS).sum(0)
        self._false += (ppv[:, None] <= THRESHOLDS).sum(0)

    def result(self) -> dict[str, float]:
        """`siou`, `ppv`: means over the `true` and `predicted` components; `f1`: mean over thresholds .25 to .75.

        F1 = 2 found / (2 found + missed + false), all frames together. NaN without components.
        """
        found = self.true - self._missed
        with np.errstate(invalid="ignore"):
            f1 = 2 * found / (2 * found + self._missed + self._false)
        return {
            "true": self.true,
            "predicted": self.predicted,
            "siou": self._siou / self.true if self.true else float("nan"),
            "ppv": self._ppv / self.predicted if self.predicted else float("nan"),
            "f1": float(f1.mean()),
        }


def adjusted_iou(frame: Overlap) -> NDArray[np.float64]:
    """sIoU [T] of the true components."""
    known = frame.points - frame.unknown
    return np.asarray(frame.shared.sum(1) / (frame.sizes + (frame.shared > 0) @ known))


def precision(frame: Overlap) -> NDArray[np.float64]:
    """PPV of the predicted components that own points which count."""
    there = frame.points > 0
    return frame.unknown[there] / frame.points[there]
