"""How a camera sees: from points before it to pixels of its raw or rectified image."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.distortion import COEFFICIENTS, MODELS, field_radius


@dataclass(frozen=True)
class Lens:
    """Intrinsics of one image.

    K: [3,3] float64, pixels, its skew included; width, height: of the image, pixels
    model: plumb_bob, rational_polynomial or equidistant; distortion: its coefficients, empty for none
    R: [3,3] float64, what rectifying turned the optical frame by; identity for raw images

    Raises CalibrationError when a value is impossible (K[0] == 0 is ROS's mark of an uncalibrated camera).
    """

    K: NDArray[np.float64]
    width: int
    height: int
    model: str = "plumb_bob"
    distortion: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    R: NDArray[np.float64] = field(default_factory=lambda: np.eye(3))
    field_radius: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "K", _matrix(self.K, "K"))
        object.__setattr__(self, "R", _matrix(self.R, "R"))
        object.__setattr__(self, "distortion", np.asarray(self.distortion, np.float64).reshape(-1))
        self._check_camera()
        self._check_distortion()
        object.__setattr__(self, "field_radius", field_radius(self.model, self.distortion))

    def _check_camera(self) -> None:
        if self.K[0, 0] <= 0 or self.K[1, 1] <= 0:
            raise CalibrationError(
                f"focal lengths are {self.K[0, 0]:g} and {self.K[1, 1]:g}, expected positive pixels; "
                "the camera is not calibrated: calibrate it and publish its camera_info"
            )
        if self.width <= 0 or self.height <= 0:
            raise CalibrationError(
                f"image size is {self.width}x{self.height}, expected positive pixels; set it in camera_info"
            )

    def _check_distortion(self) -> None:
        if self.model not in MODELS:
            raise CalibrationError(
                f"distortion model is '{self.model}', expected one of {sorted(MODELS)}; "
                "rectify the image or recalibrate with one of these"
            )
        allowed = COEFFICIENTS[self.model]
        if len(self.distortion) not in allowed:
            raise CalibrationError(
                f"{self.model} has {len(self.distortion)} coefficients, expected one of {allowed}; "
                "correct the camera_info or the calibration file"
            )
        if not np.isfinite(self.distortion).all():
            raise CalibrationError("distortion has coefficients that are not finite; recalibrate the camera")

    def project(self, xyz: NDArray[np.floating]) -> NDArray[np.float64]:
        """Pixels [N,2] of points [N,3] in the optical frame (x right, y down, z forward, metres).

        NaN behind the camera and outside the field in which the lens model holds.
        """
        xyz = np.asarray(xyz, np.float64) @ self.R.T
        depth = xyz[:, 2]
        uv = np.full((len(xyz), 2), np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            x, y = xyz[:, 0] / depth, xyz[:, 1] / depth
            front = (depth > 1e-6) & (np.hypot(x, y) < self.field_radius)
        xf, yf = x[front], y[front]
        if self.distortion.any() or self.model == "equidistant":
            xf, yf = MODELS[self.model](xf, yf, self.distortion)
        uv[front, 0] = self.K[0, 0] * xf + self.K[0, 1] * yf + self.K[0, 2]
        uv[front, 1] = self.K[1, 1] * yf + self.K[1, 2]
        return uv

    def mirrored(self) -> Lens:
        """The lens of the left-right mirrored image."""
        K = self.K.copy()
        K[0, 2] = self.width - 1 - K[0, 2]
        K[0, 1] = -K[0, 1]
        distortion = self.distortion.copy()
        if self.model != "equidistant" and len(distortion):
            distortion[3] = -distortion[3]
        flip = np.diag([-1.0, 1, 1])
        return replace(self, K=K, distortion=distortion, R=flip @ self.R @ flip)


def _matrix(value: ArrayLike, name: str) -> NDArray[np.float64]:
    matrix = np.asarray(value, np.float64)
    if matrix.shape != (3, 3) or not np.isfinite(matrix).all():
        raise CalibrationError(f"{name} is {matrix.shape}, expected (3, 3) finite numbers; correct the calibration")
    return matrix
