"""One synchronised moment: a cloud, and the images that show it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.calibration import Calibration


@dataclass(frozen=True)
class View:
    """What one camera sees of the moment.

    image: [H,W,3] uint8, RGB, never warped
    calibration: of this image: its lens, which stays, and the LiDAR's pose, which may be another one at every moment

    Raises InputError when the image is of another type, shape or size.
    """

    image: NDArray[np.uint8]
    calibration: Calibration

    def __post_init__(self) -> None:
        if self.image.dtype != np.uint8 or self.image.ndim != 3 or self.image.shape[2] != 3:
            found = f"{self.image.dtype} {self.image.shape}"
            raise InputError(f"image is {found}, expected uint8 [H,W,3]; convert it to RGB first")
        (height, width), lens = self.image.shape[:2], self.calibration.lens
        if (width, height) != (lens.width, lens.height):
            raise InputError(
                f"image is {width}x{height} but the calibration is for {lens.width}x{lens.height}; "
                "use the calibration that belongs to this image"
            )


@dataclass(frozen=True)
class Frame:
    """What the vehicle sees at one moment.

    stamp: nanoseconds
    points: [N,4] float32, x y z in metres in the LiDAR frame as sent, intensity as the sensor gives it
    views: one for every camera
    labels: [N] uint16 raw class ids, or None

    Raises InputError when an array has another shape or type.
    """

    stamp: int
    points: NDArray[np.float32]
    views: tuple[View, ...]
    labels: NDArray[np.uint16] | None = None

    def __post_init__(self) -> None:
        if self.points.dtype != np.float32 or self.points.ndim != 2 or self.points.shape[1] != 4:
            found = f"{self.points.dtype} {self.points.shape}"
            raise InputError(f"points are {found}, expected float32 [N,4] (x y z intensity); convert them first")
        if not self.views:
            raise InputError("the frame has no view, expected one for every camera; give its image and calibration")
        if self.labels is not None and self.labels.shape != (len(self.points),):
            raise InputError(
                f"{self.labels.shape} labels for {len(self.points)} points; labels and points must come from one scan"
            )
