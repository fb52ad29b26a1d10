"""Verdicts against ground truth: the label field that a recording's clouds carry."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.judgement.voxels import Voxels, connected, lattice, polar
from fm_ood_ros.metrics import AnomalyMetrics, ObjectMetrics, SemanticMetrics
from fm_ood_ros.metrics.anomaly import spread_near_one
from fm_ood_ros.model.label_sets import OOD, LabelSet
from fm_ood_ros.prediction import NOT_JUDGED

LABEL_FIELD = "label"
APART, GROWING = 0.5, (0.03, 0.05)  # metres, shares of the range around and upwards: unknown points of one object


class Truth:
    """Metrics over judged points of clouds with labels."""

    def __init__(self, labels: LabelSet, threshold: float) -> None:
        self._labels = labels
        self._threshold = threshold
        self._semantic = SemanticMetrics(len(labels.classes))
        self._anomaly = AnomalyMetrics()
        self._flagged = np.zeros(2, np.int64)  # known, unknown points above the threshold
        self._objects = ObjectMetrics()
        self.clouds = 0

    def update(self, stamp: int, cloud: NDArray[np.void]) -> None:
        """Adds the output cloud [N] (structured, with the node's fields and perhaps label) of a stamp in ns."""
        if LABEL_FIELD not in (cloud.dtype.names or ()):
            return
        self.clouds += 1
        judged = cloud["class_id"] != NOT_JUDGED
        raw = (cloud[LABEL_FIELD][judged].astype(np.uint32) & 0xFFFF).astype(np.uint16)
        target = self._labels.train_ids(raw)
        counted = target <= OOD
        score, is_ood = cloud["anomaly_score"][judged][counted], target[counted] == OOD
        self._semantic.update(cloud["class_id"][judged], target)
        self._anomaly.update(spread_near_one(score), is_ood)
        self._flagged += np.bincount(is_ood[score >= self._threshold], minlength=2)
        self._add_objects(stamp, cloud[judged], target)

    def _add_objects(self, stamp: int, judged: NDArray[np.void], target: NDArray[np.uint8]) -> None:
        """Of judged points, since which others the camera should have seen the cloud does not say."""
        xyz = np.stack([judged[axis] for axis in ("x", "y", "z")], 1).astype(np.float32)
        instance = (judged[LABEL_FIELD].astype(np.uint32) >> 16).astype(np.uint16)
        if not instance[target == OOD].any():
            instance = _connected(xyz, target == OOD)
        distance = np.linalg.norm(xyz, axis=1)
        ids, owner = np.unique(judged["object_id"], return_inverse=True)
        score = np.bincount(owner, judged["anomaly_score"]) / np.maximum(np.bincount(owner), 1)
        none = int(ids[:1].sum() < 0)  # the first of the rising ids is -1, which is no object
        owner = (owner - none).astype(np.int32)
        self._objects.add("recording", stamp, target, instance, distance, owner, score[none:].astype(np.float32), {})

    def result(self) -> dict[str, Any] | None:
        """mIoU, FPR@95, AUROC, AUPR in [0,1], recall and false alarms at the threshold; None without labels."""
        if not self.clouds:
            return None
        semantic, anomaly = self._semantic.result(), self._anomaly.result()
        names = [c.name for c in self._labels.classes]
        return {
            "clouds": self.clouds,
            "miou": semantic["miou"],
            "iou": {n: float(v) for n, v in zip(names, semantic["iou"], strict=True)},
            **anomaly,
            "threshold": self._threshold,
            "recall_at_threshold": _share(self._flagged[1], anomaly["unknown"]),
            "false_alarms_at_threshold": _share(self._flagged[0], anomaly["known"]),
            "objects": self._objects.result(),
        }


def _connected(xyz: NDArray[np.float32], unknown: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """Numbers [N] from 1 on of unknown points that lie together, for labels without instances; 0 for all others."""
    instance = np.zeros(len(xyz), np.uint16)
    if unknown.any():
        voxels = Voxels.gather(lattice(polar(xyz[unknown]), APART, *GROWING))
        root = connected(len(voxels.keys), *voxels.neighbours())
        instance[unknown] = np.unique(root, return_inverse=True)[1][voxels.of] + 1
    return instance


def _share(part: int, whole: float) -> float:
    return float(part / whole) if whole else float("nan")
