"""Per-point evaluation of a network, in the camera's view, pooled over a data set, all scores in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from fm_ood_ros.frame import Frame
from fm_ood_ros.label_sets import IGNORED, OOD, LabelSet
from fm_ood_ros.metrics import AnomalyMetrics, SemanticMetrics
from fm_ood_ros.prediction import NOT_JUDGED
from fm_ood_ros.view import CameraView
from training.data.frames import Frames, evenly
from training.models.fusion import LateFusion
from training.scores import SCORES


class Evaluation:
    """Counts what a network says about labelled frames.

    Semantic metrics take every known point in view, unjudged ones as missed; anomaly metrics take judged points.
    """

    def __init__(self, network: LateFusion, label_set: LabelSet, scores: Sequence[str] = tuple(SCORES)) -> None:
        self.network = network.eval()
        self.label_set = label_set
        self.semantic = SemanticMetrics(len(label_set.classes))
        self.anomaly = {name: AnomalyMetrics() for name in scores}
        self.frames = self.in_view = self.not_judged = 0

    def add(self, frame: Frame, elevation: tuple[float, float]) -> None:
        """Judges a frame and counts its points; elevation: of its LiDAR, degrees."""
        assert frame.labels is not None
        view = CameraView(frame.calibration, self.network.size, elevation)
        projection = view.project(frame.points)
        logits = self._logits(view.camera_image(frame.image), view.lidar_image(frame.points, projection))
        target = self.label_set.train_ids(frame.labels)
        in_view, judged = projection.cell >= 0, projection.source >= 0
        class_map = logits.argmax(1)[0].to(torch.uint8).numpy()
        self.semantic.update(view.lift(class_map, projection, NOT_JUDGED)[in_view], target[in_view])
        scored = judged & (target != IGNORED)
        for name, metrics in self.anomaly.items():
            score = SCORES[name](logits)[0].numpy()
            metrics.update(view.lift(score, projection, np.nan)[scored], target[scored] == OOD)
        self.frames += 1
        self.in_view += int(in_view.sum())
        self.not_judged += int((in_view & ~judged).sum())

    @torch.inference_mode()
    def _logits(self, image: NDArray[np.uint8], lidar: NDArray[np.float32]) -> torch.Tensor:
        device = next(self.network.parameters()).device
        inputs = (torch.from_numpy(np.ascontiguousarray(x))[None].to(device) for x in (image, lidar))
        logits: torch.Tensor = self.network(*inputs)
        return logits.float().cpu()

    def result(self) -> dict[str, Any]:
        """Counts, `miou`, `accuracy`, `iou` by class, and per score `fpr95`, `auroc`, `aupr` where OOD points exist."""
        semantic = self.semantic.result()
        anomaly = {name: metrics.result() for name, metrics in self.anomaly.items()}
        counts = next(iter(anomaly.values()), {"known": 0, "unknown": 0})
        names = [c.name for c in self.label_set.classes]
        return {
            "frames": self.frames,
            "points_in_view": self.in_view,
            "not_judged_share": self.not_judged / max(1, self.in_view),
            "known": counts["known"],
            "unknown": counts["unknown"],
            "miou": semantic["miou"],
            "accuracy": semantic["accuracy"],
            "iou": dict(zip(names, map(float, semantic["iou"]), strict=True)),
            "scores": {
                name: {key: result[key] for key in ("fpr95", "auroc", "aupr", "auroc_tolerance")}
                for name, result in anomaly.items()
            }
            if counts["unknown"]
            else {},
        }


def evaluate(
    network: LateFusion,
    frames: Frames,
    label_set: LabelSet,
    scores: Sequence[str] = tuple(SCORES),
    at_most: int | None = None,
) -> dict[str, Any]:
    """Result of all frames, or of that many spread evenly over the data set."""
    evaluation = Evaluation(network, label_set, scores)
    for index in evenly(len(frames), at_most):
        evaluation.add(frames[index], frames.elevation(index))
    return evaluation.result()


def table(result: dict[str, Any]) -> str:
    """The result as text."""
    lines = [
        f"{result['frames']} frames, {result['points_in_view']} points in view, "
        f"{result['not_judged_share']:.2%} of them not judged",
        f"mIoU {result['miou']:.2%}, accuracy {result['accuracy']:.2%} over known points",
        "  ".join(f"{name} {value:.1%}" for name, value in result["iou"].items() if value == value),
    ]
    if not result["scores"]:
        return "\n".join([*lines, "no unknown points in these labels: no anomaly metrics"])
    lines += [f"{result['unknown']} unknown and {result['known']} known points", "score       FPR@95   AUROC    AUPR"]
    lines += [
        f"{name:10s} {100 * s['fpr95']:7.2f} {100 * s['auroc']:7.2f} {100 * s['aupr']:7.2f}"
        for name, s in result["scores"].items()
    ]
    return "\n".join(lines)
