"""Per-point evaluation of a network, in the camera's view, pooled over a data set, all scores in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from fm_ood_ros.frame import Frame
from fm_ood_ros.judgement.scores import SCORES
from fm_ood_ros.metrics import AnomalyMetrics, ConfidenceMetrics, SemanticMetrics
from fm_ood_ros.metrics.anomaly import share_flagged
from fm_ood_ros.model.input_spec import InputSpec
from fm_ood_ros.model.label_sets import IGNORED, OOD, LabelSet
from fm_ood_ros.prediction import NOT_JUDGED
from fm_ood_ros.rig import ALONE, Rig
from training.data.frames import FrameFacts, Frames, evenly
from training.evaluate.grouping import GroupedMetrics, object_groups, place_groups, within
from training.models.fusion import LateFusion

NOTHING_KNOWN = FrameFacts()
PASSING = 0.95  # share of the known points below the threshold


class Evaluation:
    """Counts what a network says about labelled frames.

    Semantic metrics take every known point in view, unjudged ones as missed; anomaly metrics and the calibration of
    the softmax take judged points. Ignored points are left out of everything.
    """

    def __init__(
        self, network: LateFusion, label_set: LabelSet, spec: InputSpec, scores: Sequence[str] = tuple(SCORES)
    ) -> None:
        self.network = network.eval()
        self.spec = spec
        self.label_set = label_set
        self.semantic = SemanticMetrics(len(label_set.classes))
        self.confidence = ConfidenceMetrics()
        self.anomaly = {name: AnomalyMetrics() for name in scores}
        self.halves = {name: (AnomalyMetrics(), AnomalyMetrics()) for name in scores}
        self.groups = GroupedMetrics(len(label_set.classes), scores)
        self.frames = self.in_view = self.not_judged = 0

    def add(self, frame: Frame, facts: FrameFacts = NOTHING_KNOWN) -> None:
        """Judges a frame of one view and counts its points."""
        assert frame.labels is not None
        (sight,) = Rig(self.spec, ALONE).see(frame)
        projection = sight.projection
        in_view, judged = projection.cell >= 0, np.flatnonzero(projection.source >= 0)
        logits = self._logits(sight.image, sight.lidar, projection.source[judged])
        predicted = np.full(len(frame.points), NOT_JUDGED, np.uint8)
        predicted[judged] = logits.argmax(1)[0].numpy()
        target = self.label_set.train_ids(frame.labels)
        places, objects = place_groups(projection.range, facts), object_groups(target, facts)
        self.semantic.update(predicted[in_view], target[in_view])
        self.groups.add_classes(within(places, in_view), predicted[in_view], target[in_view])
        self._add_confidence(logits, predicted[judged], target[judged])
        counted = target[judged] != IGNORED
        scores = {name: SCORES[name](logits)[0].numpy()[counted] for name in self.anomaly}
        scored = judged[counted]
        is_ood = target[scored] == OOD
        self._add_scores(scores, is_ood)
        self.groups.add_scores(within(places, scored), within(objects, scored), scores, is_ood)
        self.frames += 1
        self.in_view += int(in_view.sum())
        self.not_judged += int(in_view.sum()) - len(judged)

    def _add_confidence(self, logits: torch.Tensor, predicted: NDArray[np.uint8], target: NDArray[np.uint8]) -> None:
        known = target < OOD
        confidence = logits.softmax(1).amax(1)[0].numpy()[known]
        self.confidence.update(np.minimum(confidence, 1), predicted[known] == target[known])

    def _add_scores(self, scores: dict[str, NDArray[np.float32]], is_ood: NDArray[np.bool_]) -> None:
        for name, score in scores.items():
            self.anomaly[name].update(score, is_ood)
            self.halves[name][self.frames % 2].update(score, is_ood)

    @torch.inference_mode()
    def _logits(self, image: NDArray[np.uint8], lidar: NDArray[np.float32], cells: NDArray[np.int32]) -> torch.Tensor:
        """Logits [1,C,P] float32 of points in these cells [P]."""
        device = next(self.network.parameters()).device
        inputs = (torch.from_numpy(np.ascontiguousarray(x))[None].to(device) for x in (image, lidar))
        logits: torch.Tensor = self.network(*inputs)
        return logits.flatten(2)[:, :, torch.from_numpy(cells.astype(np.int64)).to(device)].float().cpu()

    def result(self) -> dict[str, Any]:
        """Everything counted.

        `miou`, `accuracy`, `iou` by class, `miou_by` grouping; `calibration` with `ece` of the softmax
        `scores`: by name `fpr95`, `auroc`, `aupr`; `thresholds` by name, see _threshold; `groups`: by name, grouping
        and group, see GroupedMetrics. The three are empty without unknown points.
        """
        semantic = self.semantic.result()
        anomaly = {name: metrics.result() for name, metrics in self.anomaly.items()}
        counts = next(iter(anomaly.values()), {"known": 0, "unknown": 0})
        names = [c.name for c in self.label_set.classes]
        thresholds = {name: self._threshold(name) for name in anomaly} if counts["unknown"] else {}
        return {
            "frames": self.frames,
            "points_in_view": self.in_view,
            "not_judged_share": self.not_judged / max(1, self.in_view),
            "known": counts["known"],
            "unknown": counts["unknown"],
            "miou": semantic["miou"],
            "accuracy": semantic["accuracy"],
            "iou": dict(zip(names, map(float, semantic["iou"]), strict=True)),
            "miou_by": self.groups.miou(),
            "calibration": self.confidence.result(),
            "scores": {
                name: {key: result[key] for key in ("fpr95", "auroc", "aupr", "auroc_tolerance")}
                for name, result in anomaly.items()
                if thresholds
            },
            "thresholds": thresholds,
            "groups": {
                name: self.groups.result(name, self.anomaly[name], found["threshold"])
                for name, found in thresholds.items()
            },
        }

    def _threshold(self, name: str) -> dict[str, float]:
        """The score below which 95 % of these known points lie, and what it flags.

        `false_alarms`, `recall`: shares of known and unknown points at or above it
        `held_out_false_alarms`: of every second frame at the threshold of the others, 5 % where it carries over
        """
        metrics, (first, second) = self.anomaly[name], self.halves[name]
        threshold = metrics.threshold(PASSING)
        false_alarms, recall = metrics.flagged(threshold)
        held_out = share_flagged(second.known, first.threshold(PASSING)) if second.known.total else float("nan")
        return {
            "threshold": threshold,
            "false_alarms": false_alarms,
            "recall": recall,
            "held_out_false_alarms": held_out,
        }


def run_evaluation(
    network: LateFusion,
    frames: Frames,
    label_set: LabelSet,
    spec: InputSpec,
    scores: Sequence[str] = tuple(SCORES),
    at_most: int | None = None,
) -> Evaluation:
    """Counts all frames, or that many spread evenly over the data set."""
    evaluation = Evaluation(network, label_set, spec, scores)
    for index in evenly(len(frames), at_most):
        evaluation.add(frames[index], frames.facts(index))
    return evaluation


def evaluate(
    network: LateFusion,
    frames: Frames,
    label_set: LabelSet,
    spec: InputSpec,
    scores: Sequence[str] = tuple(SCORES),
    at_most: int | None = None,
) -> dict[str, Any]:
    """Result of all frames, or of that many spread evenly over the data set; see Evaluation.result."""
    return run_evaluation(network, frames, label_set, spec, scores, at_most).result()
