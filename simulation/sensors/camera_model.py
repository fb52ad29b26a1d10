"""One camera of a rig: intrinsics, lens and mounting."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.lens import Lens


@dataclass(frozen=True)
class CameraModel:
    """K: [3,3]; T_base_camera: [4,4] pose of the optical frame on base_link; distortion as in sensor_msgs/CameraInfo.

    T_error: [4,4] that the calibration on file is off by, in the optical frame: T_file = T_error @ T_true
    """

    width: int
    height: int
    K: NDArray[np.float64]
    T_base_camera: NDArray[np.float64]
    distortion_model: str = "plumb_bob"
    distortion: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    T_error: NDArray[np.float64] = field(default_factory=lambda: np.eye(4))

    def __post_init__(self) -> None:
        self.calibration(np.eye(4))

    def calibration(self, T_base_lidar: NDArray[np.float64]) -> Calibration:
        """What the runtime is told of the camera."""
        T_camera_lidar = self.T_error @ np.linalg.inv(self.T_base_camera) @ T_base_lidar
        lens = Lens(self.K, self.width, self.height, self.distortion_model, self.distortion.copy())
        return Calibration(lens, T_camera_lidar)
