"""From sensor_msgs/CameraInfo to the lens of the images that come with it: the one reading of such messages."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.lens import Lens

Matrix = NDArray[np.float64]
RECTIFIED_NAME = re.compile(r"(^|[/_])rect(ified)?([/_]|$)")


def lens_of(info: Any, rectified: bool = False) -> Lens:
    """The lens of raw (K, D) or rectified (P, R) images, for their binning and region of interest.

    The fourth column of P is left out: it says where the camera stands beside the first of a stereo pair, and that
    is the extrinsics' to say. T_camera_lidar belongs to the optical frame of this very camera, before R turns it.
    Raises CalibrationError, above all for an uncalibrated camera (K[0] == 0, P[0] == 0).
    """
    if not is_calibrated(info, rectified):
        name = "P" if rectified else "K"
        raise CalibrationError(
            f"camera_info has {name}[0] == 0, ROS's mark of an uncalibrated camera; calibrate it (camera_calibration)"
        )
    if not rectified:
        K, width, height = _published(info, np.asarray(info.k, np.float64).reshape(3, 3))
        return Lens(K, width, height, info.distortion_model, np.asarray(info.d, np.float64))
    K, width, height = _published(info, np.asarray(info.p, np.float64).reshape(3, 4)[:, :3])
    R = np.asarray(info.r, np.float64).reshape(3, 3)
    return Lens(K, width, height, R=R if R.any() else np.eye(3))


def is_calibrated(info: Any, rectified: bool = False) -> bool:
    """Whether a message says anything: drivers send empty ones until their calibration is loaded."""
    return bool((info.p if rectified else info.k)[0] != 0)


def _published(info: Any, K: Matrix) -> tuple[Matrix, int, int]:
    """K, width and height after region of interest and binning; K of the message is of the full image."""
    roi = info.roi
    width, height = (roi.width, roi.height) if roi.width and roi.height else (info.width, info.height)
    bin_x, bin_y = max(1, info.binning_x), max(1, info.binning_y)
    K = K.copy()
    # Pixel centres are whole numbers: the centre of a bin lies half a bin, less half a pixel, after its first pixel.
    K[0, 2] = (K[0, 2] - roi.x_offset + 0.5) / bin_x - 0.5
    K[1, 2] = (K[1, 2] - roi.y_offset + 0.5) / bin_y - 0.5
    K[0, :2] /= bin_x
    K[1, 1] /= bin_y
    return K, int(width // bin_x), int(height // bin_y)


def rectification_doubt(image: str, lens: Lens) -> str:
    """One sentence when a topic's name says that its images are rectified but the lens still bends, else ""."""
    if not (lens.bends and RECTIFIED_NAME.search(image)):
        return ""
    return (
        f"{image} is named like rectified images, but its calibration bends them (D or the fisheye model); "
        "if they are rectified, say so with the option rectified"
    )


def same_info(a: Any, b: Any) -> bool:
    """Whether two messages say the same about the camera, so that its calibration need not be made anew."""
    if a is None or b is None:
        return False
    names = ("width", "height", "distortion_model", "binning_x", "binning_y", "roi")
    return all(getattr(a, n) == getattr(b, n) for n in names) and all(
        np.array_equal(getattr(a, n), getattr(b, n), equal_nan=True) for n in ("k", "d", "p", "r")
    )
