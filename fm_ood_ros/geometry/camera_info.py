"""From sensor_msgs/CameraInfo to the calibration of the images that are published with it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.distortion import COEFFICIENTS
from fm_ood_ros.geometry.lens import Lens

Matrix = NDArray[np.float64]


def calibration_of(info: Any, T_camera_lidar: Matrix, rectified: bool = False) -> Calibration:
    """The calibration of raw (K, D) or rectified (P) images, for their binning and region of interest.

    T_camera_lidar: [4,4], of the rectified camera when `rectified`; it holds the baseline, so that of P is left out
    Raises CalibrationError, above all for an uncalibrated camera (K[0] == 0, P[0] == 0).
    """
    name = "P" if rectified else "K"
    K = np.asarray(info.p, np.float64).reshape(3, 4)[:, :3] if rectified else np.asarray(info.k, np.float64)
    K = K.reshape(3, 3)
    if K[0, 0] == 0:
        raise CalibrationError(
            f"camera_info has {name}[0] == 0, ROS's mark of an uncalibrated camera; calibrate it (camera_calibration)"
        )
    K, width, height = _published(info, K)
    model = info.distortion_model or "plumb_bob"
    distortion = np.zeros(0) if rectified else _coefficients(model, np.asarray(info.d, np.float64))
    R = np.asarray(info.r, np.float64).reshape(3, 3) if rectified else np.eye(3)
    lens = Lens(K, width, height, "plumb_bob" if rectified else model, distortion, R if R.any() else np.eye(3))
    return Calibration(lens, T_camera_lidar)


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


def _coefficients(model: str, d: Matrix) -> Matrix:
    """Distortion without trailing zeros beyond what the model has: drivers pad it."""
    if not d.any():
        return np.zeros(0)
    longest = max(COEFFICIENTS.get(model, (len(d),)))
    return d[:longest] if not d[longest:].any() else d


def same_info(a: Any, b: Any) -> bool:
    """Whether two messages say the same about the camera, so that its calibration need not be made anew."""
    if a is None or b is None:
        return False
    names = ("width", "height", "distortion_model", "binning_x", "binning_y", "roi")
    return all(getattr(a, n) == getattr(b, n) for n in names) and all(
        np.array_equal(getattr(a, n), getattr(b, n), equal_nan=True) for n in ("k", "d", "p")
    )
