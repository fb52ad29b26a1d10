"""What verdicts are worth: classes, confidence, and every score that ranks the points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.metrics import (
    AnomalyMetrics,
    ConfidenceMetrics,
    SceneClasses,
    SceneScores,
    SemanticMetrics,
    intervals,
)
from fm_ood_ros.metrics.anomaly import spread_near_one
from fm_ood_ros.model.label_sets import IGNORED, OOD, LabelSet
from fm_ood_ros.prediction import NOT_JUDGED
from training.data.frames import FrameFacts

SHOWN = ("fpr95", "auroc", "aupr", "recall_at_1", "recall_at_5", "auroc_tolerance")


@dataclass(frozen=True)
class Labelled:
    """The points of a frame as they are labelled.

    scene: of which the frame is one; target: [N] uint8 train ids; in_view: [N] bool
    distance: [N] metres from the camera, finite in view; facts: of the frame
    """

    scene: str
    target: NDArray[np.uint8]
    in_view: NDArray[np.bool_]
    distance: NDArray[np.float32]
    facts: FrameFacts


@dataclass(frozen=True)
class Verdicts:
    """What is said of a frame's points.

    class_id: [N] uint8, 255 = not judged; probability: [N] of that class; scores: [N] by name, higher is stranger
    """

    class_id: NDArray[np.uint8]
    probability: NDArray[np.float32]
    scores: Mapping[str, NDArray[np.float32]]


class Figures:
    """Counts verdicts, frame by frame.

    Semantic metrics take every known point in view, unjudged ones as missed; anomaly metrics and the calibration of
    the probability take judged points. Ignored points are left out of everything.
    scores: their names; within_one: whether they lie in [0,1], so that scenes can be resampled
    """

    def __init__(self, labels: LabelSet, scores: Sequence[str], within_one: bool) -> None:
        self.labels = labels
        self.within_one = within_one
        self.semantic = SemanticMetrics(len(labels.classes))
        self.confidence = ConfidenceMetrics()
        self.anomaly = {name: AnomalyMetrics() for name in scores}
        self.scene_classes = SceneClasses(len(labels.classes))
        self.scene_scores = {name: SceneScores() for name in scores if within_one}

    def add(self, frame: Labelled, said: Verdicts) -> None:
        """Counts a frame."""
        predicted, target = said.class_id[frame.in_view], frame.target[frame.in_view]
        self.semantic.update(predicted, target)
        self.scene_classes.update(frame.scene, predicted, target)
        known = (said.class_id != NOT_JUDGED) & (frame.target < OOD)
        right = said.class_id[known] == frame.target[known]
        self.confidence.update(np.minimum(said.probability[known], 1), right)
        scored = scored_points(frame, said)
        is_ood = frame.target[scored] == OOD
        for name, metrics in self.anomaly.items():
            score = said.scores[name][scored]
            metrics.update(spread_near_one(score) if self.within_one else score, is_ood)
            if name in self.scene_scores:
                self.scene_scores[name].update(frame.scene, score, is_ood)

    def result(self, chosen: str | None = None) -> dict[str, Any]:
        """Everything counted.

        `miou`, `accuracy`, `iou` by class, `ece` and `calibration` of the probability
        `scores`: by name FPR@95, AUROC, AUPR, recall at 1 and 5 % false alarms; empty without unknown points
        `intervals`: of mIoU and of the chosen score's metrics, over scenes
        """
        semantic, calibration = self.semantic.result(), self.confidence.result()
        found = {name: metrics.result() for name, metrics in self.anomaly.items()}
        scores = {name: {key: r[key] for key in SHOWN} for name, r in found.items() if r["known"] and r["unknown"]}
        names = [c.name for c in self.labels.classes]
        return {
            "miou": semantic["miou"],
            "accuracy": semantic["accuracy"],
            "iou": dict(zip(names, map(float, semantic["iou"]), strict=True)),
            "ece": calibration["ece"],
            "scores": scores,
            "intervals": self._intervals(chosen if chosen in scores else None),
            "calibration": calibration,
        }

    def _intervals(self, chosen: str | None) -> dict[str, dict[str, float]]:
        if not self.scene_classes.counts:
            return {}
        found = intervals(self.scene_classes)
        return found | intervals(self.scene_scores[chosen]) if chosen in self.scene_scores else found


def scored_points(frame: Labelled, said: Verdicts) -> NDArray[np.intp]:
    """Indices of the judged points that count for scores."""
    return np.flatnonzero((said.class_id != NOT_JUDGED) & (frame.target != IGNORED))
