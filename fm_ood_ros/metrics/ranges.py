"""Metrics of a score by the points' distance, so that the many near points do not hide the few far ones."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.metrics.anomaly import AnomalyMetrics, rates
from fm_ood_ros.metrics.score_counts import ScoreCounts

EDGES = (0.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, np.inf)  # metres
NEAR = 30.0  # metres; an edge
AVERAGED = ("fpr95", "auroc", "aupr", "recall_at_1", "recall_at_5")


class RangeMetrics:
    """AnomalyMetrics per bin of distance; a bin holds its lower edge and not its upper one."""

    def __init__(self) -> None:
        self.bins = {name: AnomalyMetrics() for name in range_names()}

    def update(self, scores: NDArray[np.floating], is_ood: NDArray[np.bool_], distance: NDArray[np.floating]) -> None:
        """Adds points: scores [N], higher is stranger; is_ood [N]; distance [N] in metres.

        Raises InputError on unequal lengths, NaN and negative distances.
        """
        if distance.shape != scores.shape:
            raise InputError(f"{distance.shape} distances for {scores.shape} scores; they must be of the same points")
        index = range_bins(distance)
        for i, metrics in enumerate(self.bins.values()):
            metrics.update(scores[index == i], is_ood[index == i])

    def result(self, threshold: float) -> dict[str, Any]:
        """What AnomalyMetrics says of `within_30` m and of each of `bins`, and its mean over bins, `balanced`.

        A bin has `false_alarms` and `recall` besides: shares of its known and unknown points at or above the
        threshold. `balanced` takes the bins that hold known and unknown points, `bins` of them, each alike.
        """
        bins: dict[str, dict[str, float]] = {}
        for name, metrics in self.bins.items():
            false_alarms, recall = metrics.flagged(threshold)
            bins[name] = {**metrics.result(), "false_alarms": false_alarms, "recall": recall}
        near = list(self.bins.values())[: EDGES.index(NEAR)]
        return {
            "within_30": rates(ScoreCounts.of([m.known for m in near]), ScoreCounts.of([m.unknown for m in near])),
            "bins": bins,
            "balanced": _balanced([found for found in bins.values() if found["known"] and found["unknown"]]),
        }


def range_names() -> list[str]:
    """What the bins are called, from near to far."""
    spans = [f"{low:.0f}-{high:.0f} m" for low, high in pairwise(EDGES[:-1])]
    return [*spans, f"over {EDGES[-2]:.0f} m"]


def range_bins(distance: NDArray[np.floating]) -> NDArray[np.intp]:
    """The bin [N] of each distance [N] in metres; raises InputError on NaN and negative ones."""
    if not (distance >= 0).all():
        raise InputError("distances hold NaN or negative values, expected metres from 0 on; leave such points out")
    return np.searchsorted(np.array(EDGES[1:-1]), distance, side="right")


def _balanced(bins: list[dict[str, float]]) -> dict[str, float]:
    means = {name: float(np.mean([found[name] for found in bins])) if bins else float("nan") for name in AVERAGED}
    return {"bins": len(bins), **means}
