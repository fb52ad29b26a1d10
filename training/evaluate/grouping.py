"""Metrics by where and what: range, weather, rig, and the kind of unknown object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.metrics import AnomalyMetrics, SemanticMetrics
from fm_ood_ros.metrics.anomaly import rates, share_flagged
from fm_ood_ros.metrics.score_counts import ScoreCounts, ordered_bins
from fm_ood_ros.model.label_sets import OOD
from training.data.frames import FrameFacts

RANGES = (0.0, 10.0, 20.0, 30.0, 50.0, np.inf)  # metres
ABOUT_OBJECTS = ("kind", "family", "tier")

Groups = list[tuple[str, str, NDArray[np.bool_]]]


def place_groups(distance: NDArray[np.float32], facts: FrameFacts) -> Groups:
    """(grouping, group, members [N]) of points at distance [N] in metres: by range and by the frame's conditions."""
    groups: Groups = [("range", _span(i), _between(distance, i)) for i in range(len(RANGES) - 1)]
    everywhere = np.ones(len(distance), np.bool_)
    return groups + [(name, value, everywhere) for name, value in facts.conditions.items()]


def object_groups(target: NDArray[np.uint8], facts: FrameFacts) -> Groups:
    """(grouping, group, members [N]) of unknown points, by what is written of their object; target: train ids [N]."""
    if facts.instance is None or not facts.objects:
        return []
    members: dict[tuple[str, str], NDArray[np.bool_]] = {}
    for instance, about in facts.objects.items():
        of_it = (target == OOD) & (facts.instance == instance)
        for name in ABOUT_OBJECTS:
            if name in about:
                key = (name, about[name])
                members[key] = members[key] | of_it if key in members else of_it
    return [(name, value, chosen) for (name, value), chosen in members.items()]


def within(groups: Groups, chosen: NDArray[Any]) -> Groups:
    """The groups of some of the points; chosen: their indices, or [N] bool."""
    return [(grouping, group, members[chosen]) for grouping, group, members in groups]


class GroupedMetrics:
    """What Evaluation counts, once more for every group: places with known points, objects without."""

    def __init__(self, classes: int, scores: Sequence[str]) -> None:
        self.classes = classes
        self.scores = scores
        self.semantic: dict[tuple[str, str], SemanticMetrics] = {}
        self.places: dict[tuple[str, str], dict[str, AnomalyMetrics]] = {}
        self.objects: dict[tuple[str, str], dict[str, ScoreCounts]] = {}

    def add_classes(self, groups: Groups, predicted: NDArray[np.uint8], target: NDArray[np.uint8]) -> None:
        """Predicted classes [N] and train ids [N] of points in view."""
        for grouping, group, members in groups:
            key = (grouping, group)
            self.semantic.setdefault(key, SemanticMetrics(self.classes)).update(predicted[members], target[members])

    def add_scores(
        self, places: Groups, objects: Groups, scores: Mapping[str, NDArray[np.float32]], is_ood: NDArray[np.bool_]
    ) -> None:
        """Scores [N] by name of judged points, and which are unknown [N]."""
        for grouping, group, members in places:
            metrics = self.places.setdefault((grouping, group), {name: AnomalyMetrics() for name in self.scores})
            for name, score in scores.items():
                metrics[name].update(score[members], is_ood[members])
        for grouping, group, members in objects:
            counts = self.objects.setdefault((grouping, group), {name: ScoreCounts() for name in self.scores})
            for name, score in scores.items():
                counts[name].add(ordered_bins(score[members]))

    def miou(self) -> dict[str, dict[str, float]]:
        """mIoU by grouping and group."""
        return _nested({key: metrics.result()["miou"] for key, metrics in self.semantic.items()})

    def result(self, score: str, whole: AnomalyMetrics, threshold: float) -> dict[str, dict[str, Any]]:
        """By grouping and group: metrics of a score within a place, and of an object against all known points.

        `recall` and `false_alarms` are shares of unknown and known points at or above the threshold.
        """
        found: dict[tuple[str, str], Any] = {}
        for key, metrics in self.places.items():
            false_alarms, recall = metrics[score].flagged(threshold)
            found[key] = {**metrics[score].result(), "recall": recall, "false_alarms": false_alarms}
        for key, counts in self.objects.items():
            if counts[score].total:
                versus = rates(whole.known, counts[score])
                found[key] = {
                    "unknown": versus["unknown"],
                    "auroc": versus["auroc"],
                    "recall": share_flagged(counts[score], threshold),
                }
        return _nested(found)


def _between(distance: NDArray[np.float32], index: int) -> NDArray[np.bool_]:
    return (distance >= RANGES[index]) & (distance < RANGES[index + 1])


def _span(index: int) -> str:
    low, high = RANGES[index], RANGES[index + 1]
    return f"{low:.0f}-{high:.0f} m" if np.isfinite(high) else f"over {low:.0f} m"


def _nested(flat: Mapping[tuple[str, str], Any]) -> dict[str, dict[str, Any]]:
    out: dict[str, dict[str, Any]] = {}
    for (grouping, group), value in flat.items():
        out.setdefault(grouping, {})[group] = value
    return out
