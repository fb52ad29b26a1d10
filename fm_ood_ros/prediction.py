"""What the model says about a frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.objects import UnknownObject
from fm_ood_ros.rig import Sight

NOT_JUDGED = 255
SUPPORT = 7  # cells: a pixel is judged when a visible LiDAR point lies within this window around it


@dataclass(frozen=True)
class ViewVerdicts:
    """What the model says about one image; its maps are made when somebody asks for them.

    class_id: [H,W] uint8, raw: [H,W] float32, of the network's cells; scale: from the raw score to [0,1]
    """

    sight: Sight
    class_id: NDArray[np.uint8]
    raw: NDArray[np.float32]
    scale: Callable[[NDArray[np.float32]], NDArray[np.float32]]

    def class_map(self) -> NDArray[np.uint8]:
        """[h,w] uint8 over the image as sent, 255 = not judged (no LiDAR point near)."""
        return self.sight.view.paste(np.where(self._supported(), self.class_id, np.uint8(NOT_JUDGED)), NOT_JUDGED)

    def anomaly_map(self) -> NDArray[np.float32]:
        """[h,w] float32 over the image as sent, NaN = not judged."""
        return self.sight.view.paste(np.where(self._supported(), self.scale(self.raw), np.float32(np.nan)), np.nan)

    def _supported(self) -> NDArray[np.bool_]:
        occupied = (self.sight.projection.nearest >= 0).astype(np.uint8).reshape(self.class_id.shape)
        near = cv2.dilate(occupied, np.ones((SUPPORT, SUPPORT), np.uint8)) > 0
        return np.asarray(near & np.isfinite(self.raw))


@dataclass(frozen=True)
class Prediction:
    """Verdicts per point; what was not judged says so and is never a guess.

    class_id: [N] uint8, 255 = not judged
    probability: [N] float32 of that class, NaN = not judged
    anomaly_score: [N] float32 in [0,1], higher is stranger, NaN = not judged
    views: verdicts on every image, in the order of the frame's views
    in_view: [N] bool, whether the point falls into what the network sees of an image, within the input's limits
    timings: milliseconds per stage
    objects: what of the cloud stands out together
    """

    class_id: NDArray[np.uint8]
    probability: NDArray[np.float32]
    anomaly_score: NDArray[np.float32]
    views: tuple[ViewVerdicts, ...]
    in_view: NDArray[np.bool_]
    timings: dict[str, float] = field(default_factory=dict)
    objects: tuple[UnknownObject, ...] = ()

    @property
    def judged(self) -> int:
        """How many points got a verdict."""
        return int(np.count_nonzero(self.class_id != NOT_JUDGED))
