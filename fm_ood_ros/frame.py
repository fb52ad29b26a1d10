"""One synchronised moment: an image, a cloud and how they lie to each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.calibration import Calibration


@dataclass(frozen=True)
class Frame:
    """What the vehicle sees at one moment.

    stamp: nanoseconds
    image: [H,W,3] uint8, RGB, raw (never warped)
    points: [N,4] float32, x y z in metres in the LiDAR frame (REP 103), intensity as the sensor gives it
    labels: [N] uint16 raw class ids, or None

    Raises InputError when an array has another shape or type, or the image another size than the calibration.
    """

    stamp: int
    image: NDArray[np.uint8]
    points: NDArray[np.float32]
    calibration: Calibration
    labels: NDArray[np.uint16] | None = None

    def __post_init__(self) -> None:
        if self.image.dtype != np.uint8 or self.image.ndim != 3 or self.image.shape[2] != 3:
            found = f"{self.image.dtype} {self.image.shape}"
            raise InputError(f"image is {found}, expected uint8 [H,W,3]; convert it to RGB first")
        if self.points.dtype != np.float32 or self.points.ndim != 2 or self.points.shape[1] != 4:
            found = f"{self.points.dtype} {self.points.shape}"
            raise InputError(f"points are {found}, expected float32 [N,4] (x y z intensity); convert them first")
        height, width = self.image.shape[:2]
        if (width, height) != (self.calibration.width, self.calibration.height):
            raise InputError(
                f"image is {width}x{height} but the calibration is for {self.calibration.width}x"
                f"{self.calibration.height}; use the calibration that belongs to this image"
            )
        if self.labels is not None and self.labels.shape != (len(self.points),):
            raise InputError(
                f"{self.labels.shape} labels for {len(self.points)} points; labels and points must come from one scan"
            )
