"""How a camera sees, and where the LiDAR stands before it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.distortion import COEFFICIENTS, MODELS, field_radius


@dataclass(frozen=True)
class Calibration:
    """Intrinsics of one raw camera image and the pose of the LiDAR in its optical frame.

    K: [3,3] float64, pixels; width, height: of the raw image, pixels
    T_camera_lidar: [4,4] float64, metres; points in the optical frame (x right, y down, z forward) = T @ points
    distortion_model: plumb_bob, rational_polynomial or equidistant; distortion: its coefficients, empty for none

    Raises CalibrationError when a value is impossible (K[0] == 0 is ROS's mark of an uncalibrated camera).
    """

    K: NDArray[np.float64]
    width: int
    height: int
    T_camera_lidar: NDArray[np.float64]
    distortion_model: str = "plumb_bob"
    distortion: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    field_radius: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "K", _matrix(self.K, (3, 3), "K"))
        object.__setattr__(self, "T_camera_lidar", _matrix(self.T_camera_lidar, (4, 4), "T_camera_lidar"))
        object.__setattr__(self, "distortion", np.asarray(self.distortion, np.float64).reshape(-1))
        self._check_camera()
        self._check_distortion()
        _check_rigid(self.T_camera_lidar)
        object.__setattr__(self, "field_radius", field_radius(self.distortion_model, self.distortion))

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
        if self.distortion_model not in MODELS:
            raise CalibrationError(
                f"distortion model is '{self.distortion_model}', expected one of {sorted(MODELS)}; "
                "rectify the image or recalibrate with one of these"
            )
        allowed = COEFFICIENTS[self.distortion_model]
        if len(self.distortion) not in allowed:
            raise CalibrationError(
                f"{self.distortion_model} has {len(self.distortion)} coefficients, expected one of {allowed}; "
                "correct the camera_info or the calibration file"
            )
        if not np.isfinite(self.distortion).all():
            raise CalibrationError("distortion has coefficients that are not finite; recalibrate the camera")

    def project(self, points: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Pixels [N,2] and camera depth [N] in metres of points [N,>=3] (LiDAR frame, metres).

        Pixels are NaN behind the camera and outside the field in which the lens model holds.
        """
        T = self.T_camera_lidar
        xyz = np.asarray(points[:, :3], np.float64) @ T[:3, :3].T + T[:3, 3]
        depth = xyz[:, 2]
        uv = np.full((len(xyz), 2), np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            x, y = xyz[:, 0] / depth, xyz[:, 1] / depth
            front = (depth > 1e-6) & (np.hypot(x, y) < self.field_radius)
        xf, yf = x[front], y[front]
        if self.distortion.any() or self.distortion_model == "equidistant":
            xf, yf = MODELS[self.distortion_model](xf, yf, self.distortion)
        uv[front, 0] = self.K[0, 0] * xf + self.K[0, 1] * yf + self.K[0, 2]
        uv[front, 1] = self.K[1, 1] * yf + self.K[1, 2]
        return uv, depth

    def mirrored(self) -> Calibration:
        """The calibration of the left-right mirrored world: image columns flipped and points' y negated."""
        K = self.K.copy()
        K[0, 2] = self.width - 1 - K[0, 2]
        K[0, 1] = -K[0, 1]
        flip_x, flip_y = np.diag([-1.0, 1, 1, 1]), np.diag([1.0, -1, 1, 1])
        distortion = self.distortion.copy()
        if self.distortion_model != "equidistant" and len(distortion):
            distortion[3] = -distortion[3]
        return replace(self, K=K, T_camera_lidar=flip_x @ self.T_camera_lidar @ flip_y, distortion=distortion)


def _matrix(value: ArrayLike, shape: tuple[int, int], name: str) -> NDArray[np.float64]:
    matrix = np.asarray(value, np.float64)
    if matrix.shape != shape or not np.isfinite(matrix).all():
        raise CalibrationError(f"{name} is {matrix.shape}, expected {shape} finite numbers; correct the calibration")
    return matrix


def _check_rigid(T: NDArray[np.float64]) -> None:
    R = T[:3, :3]
    if np.abs(R @ R.T - np.eye(3)).max() > 1e-3 or np.linalg.det(R) < 0 or np.abs(T[3] - [0, 0, 0, 1]).max() > 1e-9:
        raise CalibrationError(
            "T_camera_lidar is not a rotation and a translation; check the order of rows and of the quaternion"
        )
