"""What a data set holds: counts, class shares, statistics, and whether image, cloud and labels fit together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.frame import Frame
from fm_ood_ros.model.input_spec import InputSpec
from fm_ood_ros.model.label_sets import IGNORED, OOD, LabelSet
from fm_ood_ros.rig import ALONE, Rig

EVERYTHING = (0.1, 1e4), (-1e4, 1e4), 1.0  # bounds that leave out next to nothing
SPARSE = 16  # one point in so many is enough for quantiles
JUMP = 0.3  # of the logarithm of range between neighbouring cells: an edge of an object
GRID = 4  # image pixels a cell, for comparing edges


@dataclass
class Survey:
    """Counts over the frames added.

    classes: [256] points by train id; unlisted: points of raw ids that the label set lacks, by id
    """

    label_set: LabelSet
    frames: int = 0
    points: int = 0
    in_view: int = 0
    classes: NDArray[np.int64] = field(default_factory=lambda: np.zeros(256, np.int64))
    unlisted: dict[int, int] = field(default_factory=dict)
    edges: list[float] = field(default_factory=list)
    samples: list[NDArray[np.float32]] = field(default_factory=list)

    def add(self, frame: Frame) -> NDArray[np.uint8]:
        """Counts a frame; returns its points' train ids [N], 255 where the label set does not list the raw id."""
        lens = frame.views[0].calibration.lens
        spec = InputSpec((lens.height // GRID, lens.width // GRID), (-90, 90), "lidar", *EVERYTHING)
        sight = Rig(spec, ALONE).see(frame)[0]
        ids = self._listed(frame.labels if frame.labels is not None else np.zeros(len(frame.points), np.uint16))
        self.frames += 1
        self.points += len(frame.points)
        self.in_view += int((sight.projection.cell >= 0).sum())
        self.classes += np.bincount(ids, minlength=256)
        distance = np.linalg.norm(frame.points[::SPARSE, :3], axis=1)
        self.samples.append(np.stack([distance, frame.points[::SPARSE, 3]], 1))
        self.edges.append(edge_alignment(sight.image, sight.lidar[0]))
        return ids

    def _listed(self, raw: NDArray[np.uint16]) -> NDArray[np.uint8]:
        there, counts = np.unique(raw, return_counts=True)
        listed = {*self.label_set.ood_raw_ids, *self.label_set.ignore_raw_ids}
        listed |= {i for c in self.label_set.classes for i in c.raw_ids}
        ids = np.full(raw.shape, IGNORED, np.uint8)
        known = np.isin(raw, list(listed))
        ids[known] = self.label_set.train_ids(raw[known])
        for i, count in zip(there.tolist(), counts.tolist(), strict=True):
            if i not in listed:
                self.unlisted[i] = self.unlisted.get(i, 0) + count
        return ids

    def result(self) -> dict[str, Any]:
        """Shares of all points by class, and `intensity`, `range` with mean, p01, p50, p99 over finite points."""
        sample = np.concatenate(self.samples).astype(np.float64)
        sample = sample[np.isfinite(sample).all(1)]
        known = int(self.classes[: len(self.label_set.classes)].sum())
        unknown = int(self.classes[OOD])
        return {
            "frames": self.frames,
            "points": self.points,
            "in_view_share": self.in_view / max(1, self.points),
            "classes": {c.name: self.classes[i] / max(1, self.points) for i, c in enumerate(self.label_set.classes)},
            "ignored_share": int(self.classes[IGNORED]) / max(1, self.points),
            "unknown_share": unknown / max(1, known + unknown),
            "unlisted": self.unlisted,
            "range": _describe(sample[:, 0]),
            "intensity": _describe(sample[:, 1]),
            "edge_alignment": float(np.nanmedian(self.edges)) if not np.isnan(self.edges).all() else float("nan"),
        }


def edge_alignment(image: NDArray[np.uint8], distance: NDArray[np.float32]) -> float:
    """Contrast of image [H,W,3] where range [H,W] jumps between neighbours, over its contrast elsewhere.

    Above 1 where edges of image and cloud meet, near 1 for a wrong calibration; NaN without a jump.
    """
    both = (distance[:, 1:] > 0) & (distance[:, :-1] > 0)
    jump = both & (np.abs(np.diff(np.log(np.maximum(distance, 0.1)), axis=1)) > JUMP)
    contrast = np.abs(np.diff(image.astype(np.float32).mean(2), axis=1))
    elsewhere = both & ~jump
    if not jump.any() or not elsewhere.any() or not contrast[elsewhere].any():
        return float("nan")
    return float(contrast[jump].mean() / contrast[elsewhere].mean())


def _describe(values: NDArray[np.float64]) -> dict[str, float]:
    p01, p50, p99 = np.percentile(values, (1, 50, 99)) if len(values) else (np.nan,) * 3
    return {"mean": float(values.mean()), "p01": float(p01), "p50": float(p50), "p99": float(p99)}
