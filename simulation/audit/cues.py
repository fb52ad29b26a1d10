"""The simple cues of a point: what needs no understanding of a scene to be read off."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.frame import Frame
from simulation.audit.patches import patches
from simulation.audit.surface_size import surface_sizes
from simulation.output.reading import frames, in_view
from simulation.sensors.lidar import OUTLIER
from simulation.unknown import OTHER_OBJECT

CUES: dict[str, tuple[int, ...]] = {
    "colour": (0, 1, 2), "saturation": (3,), "intensity": (4,), "height": (5,), "log range": (6,),
    "object size": (7, 8), "image position": (9, 10), "all together": tuple(range(11)),
}  # fmt: skip
PER_FRAME, PATCHES_PER_FRAME = 3000, 200  # points looked at


class Sample:
    """Points in view of a split, backscatter left out, at most so many a frame; rigs: whose frames, all without any.

    cues: [N,11] float32; unknown: [N] bool; patches: [P,D] float32 around some of them; patch_unknown: [P] bool
    share: of unknown points among all points in view
    """

    def __init__(self, root: Path, rigs: Collection[str] = (), seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        rows, unknown, around, around_unknown = [], [], [], []
        seen, strange = 0, 0
        for frame in frames(root, rigs):
            index, pixel, truth = _judged(frame)
            seen, strange = seen + len(truth), strange + int(truth.sum())
            some = rng.permutation(len(index))[:PER_FRAME]
            rows.append(_cues(frame, index, pixel)[some])
            unknown.append(truth[some])
            some = _balanced(truth, rng)
            around.append(patches(frame, index, pixel, some))
            around_unknown.append(truth[some])
        self.cues, self.unknown = np.concatenate(rows), np.concatenate(unknown)
        self.patches, self.patch_unknown = np.concatenate(around), np.concatenate(around_unknown)
        self.share = strange / max(seen, 1)


def _judged(frame: Frame) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Indices [M] of points in view that are no backscatter, their pixels [M,2], and which are unknown [M]."""
    assert frame.labels is not None
    index, pixel = in_view(frame)
    kept = frame.labels[index] != OUTLIER
    return index[kept], pixel[kept], frame.labels[index[kept]] == OTHER_OBJECT


def _cues(frame: Frame, index: NDArray[np.int64], pixel: NDArray[np.int64]) -> NDArray[np.float32]:
    color = frame.views[0].image[pixel[:, 1], pixel[:, 0]] / np.float32(255)
    p = frame.points[index]
    height, width = frame.views[0].image.shape[:2]
    return np.column_stack(
        [
            color, color.max(1) - color.min(1), p[:, 3], p[:, 2], np.log(np.linalg.norm(p[:, :3], axis=1)),
            np.log(surface_sizes(p) + np.float32(0.05)), pixel / np.array([width, height]),
        ]
    ).astype(np.float32)  # fmt: skip


def _balanced(truth: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows of some points, as many unknown ones as known ones where there are any."""
    known, unknown = (rng.permutation(np.flatnonzero(part)) for part in (~truth, truth))
    unknown = unknown[: PATCHES_PER_FRAME // 2]
    return np.concatenate([known[: PATCHES_PER_FRAME - len(unknown)], unknown])
