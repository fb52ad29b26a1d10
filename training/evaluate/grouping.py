"""Metrics by where and what: range, weather, rig, and the kind of unknown object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.metrics import AnomalyMetrics, SemanticMetrics
from fm_ood_ros.metrics.anomaly import rates, share_flagged
from fm_ood_ros.metrics.objects import ABOUT_OBJECTS
from fm_ood_ros.metrics.ranges import range_bins, range_names
from fm_ood_ros.metrics.score_counts import ScoreCounts, ordered_bins
from fm_ood_ros.model.label_sets import OOD
from training.data.frames import FrameFacts

Groups = list[tuple[str, str, NDArray[np.bool_]]]


def range_groups(distance: NDArray[np.float32]) -> Groups:
    """(grouping, group, members [N]) of points at finite distances [N] in metres."""
    index = range_bins(distance)
    return [("range", name, index == place) for place, name in enumerate(range_names())]


def condition_groups(points: int, facts: FrameFacts) -> Groups:
    """(grouping, group, members [N]) by the frame's conditions, of which all points are."""
    everywhere = np.ones(points, np.bool_)
    return [(name, value, everywhere) for name, value in facts.conditions.items()]


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
    """Counts a score once more for every group: places with known points, objects without; and classes by place."""

    def __init__(self, classes: int) -> None:
        self.classes = classes
        self.semantic: dict[tuple[str, str], SemanticMetrics] = {}
        self.places: dict[tuple[str, str], AnomalyMetrics] = {}
        self.objects: dict[tuple[str, str], ScoreCounts] = {}

    def add_classes(self, groups: Groups, predicted: NDArray[np.uint8], target: NDArray[np.uint8]) -> None:
        """Predicted classes [N] and train ids [N] of points in view."""
        for grouping, group, members in groups:
            key = (grouping, group)
            self.semantic.setdefault(key, SemanticMetrics(self.classes)).update(predicted[members], target[members])

    def add_scores(
        self, places: Groups, objects: Groups, score: NDArray[np.float32], is_ood: NDArray[np.bool_]
    ) -> None:
        """Scores [N] of judged points, and which are unknown [N]."""
        for grouping, group, members in places:
            metrics = self.places.setdefault((grouping, group), AnomalyMetrics())
            metrics.update(score[members], is_ood[members])
        for grouping, group, members in objects:
            self.objects.setdefault((grouping, group), ScoreCounts()).add(ordered_bins(score[members]))

    def miou(self) -> dict[str, dict[str, float]]:
        """mIoU by grouping and group."""
        return _nested({key: metrics.result()["miou"] for key, metrics in self.semantic.items()})

    def result(self, whole: AnomalyMetrics, threshold: float) -> dict[str, dict[str, Any]]:
        """By grouping and group: metrics of the score within a place, and of an object against all known points.

        `recall` and `false_alarms` are shares of unknown and known points at or above the threshold.
        """
        found: dict[tuple[str, str], Any] = {}
        for key, metrics in self.places.items():
            false_alarms, recall = metrics.flagged(threshold)
            found[key] = {**metrics.result(), "recall": recall, "false_alarms": false_alarms}
        for key, counts in self.objects.items():
            if counts.total:
                versus = rates(whole.known, counts)
                found[key] = {
                    "unknown": versus["unknown"],
                    "auroc": versus["auroc"],
                    "recall": share_flagged(counts, threshold),
                }
        return _nested(found)


def _nested(flat: Mapping[tuple[str, str], Any]) -> dict[str, dict[str, Any]]:
    out: dict[str, dict[str, Any]] = {}
    for (grouping, group), value in flat.items():
        out.setdefault(grouping, {})[group] = value
    return out
