"""What the model says about a frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.objects import UnknownObject
from fm_ood_ros.rig import Sight

NOT_JUDGED = 255
REACH = 3  # cells: a pixel is judged when a visible LiDAR point lies so near, and as that point is
Value = TypeVar("Value", np.uint8, np.float32)


@dataclass(frozen=True)
class ViewVerdicts:
    """What the model says about one image; its maps are made when somebody asks for them.

    cells: [H*W] int32, the patch that each of the network's cells shows, -1 for none
    class_id: [M] uint8, score: [M] float32 in [0,1] of the patches
    """

    sight: Sight
    cells: NDArray[np.int32]
    class_id: NDArray[np.uint8]
    score: NDArray[np.float32]

    def class_map(self) -> NDArray[np.uint8]:
        """[h,w] uint8 over the image as sent, 255 = not judged (no LiDAR point near)."""
        return self._map(self.class_id, NOT_JUDGED)

    def anomaly_map(self) -> NDArray[np.float32]:
        """[h,w] float32 over the image as sent, NaN = not judged."""
        return self._map(self.score, np.nan)

    def _map(self, values: NDArray[Value], fill: float) -> NDArray[Value]:
        shown = np.append(values, np.asarray(fill, values.dtype))[_nearest(self.cells.reshape(self.sight.view.size))]
        return self.sight.view.paste(shown, fill)


def _nearest(cells: NDArray[np.int32]) -> NDArray[np.int32]:
    """The patch [H,W] that the nearest cell shows, -1 where that is more than REACH rows or columns off."""
    empty = (cells < 0).astype(np.uint8)
    if empty.all():
        return cells
    _, label = cv2.distanceTransformWithLabels(empty, cv2.DIST_C, 3, labelType=cv2.DIST_LABEL_PIXEL)
    patch = np.full(label.max() + 1, -1, np.int32)
    patch[label[empty == 0]] = cells[empty == 0]
    near = cv2.dilate(1 - empty, np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)) > 0
    return np.where(near, patch[label], np.int32(-1))


@dataclass(frozen=True)
class Prediction:
    """Verdicts per point; what was not judged says so and is never a guess.

    class_id: [N] uint8, 255 = not judged
    probability: [N] float32 of that class, NaN = not judged
    anomaly_score: [N] float32 in [0,1], higher is stranger, NaN = not judged
    unknown: [N] bool, whether that reaches the threshold
    views: verdicts on every image, in the order of the frame's views
    in_view: [N] bool, whether the point falls into what the network sees of an image, within the input's limits
    timings: milliseconds per stage
    objects: unknown points that belong together
    """

    class_id: NDArray[np.uint8]
    probability: NDArray[np.float32]
    anomaly_score: NDArray[np.float32]
    unknown: NDArray[np.bool_]
    views: tuple[ViewVerdicts, ...]
    in_view: NDArray[np.bool_]
    timings: dict[str, float] = field(default_factory=dict)
    objects: tuple[UnknownObject, ...] = ()

    @property
    def object_id(self) -> NDArray[np.int32]:
        """[N] int32 the id of the unknown object that a point belongs to, or its place in `objects`; -1 for none."""
        out = np.full(len(self.class_id), -1, np.int32)
        for index, found in enumerate(self.objects):
            out[found.points] = found.id if found.id >= 0 else index
        return out

    @property
    def judged(self) -> int:
        """How many points got a verdict."""
        return int(np.count_nonzero(self.class_id != NOT_JUDGED))
