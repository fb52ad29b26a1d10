"""What a calibration says: how a camera sees, and where the LiDAR stands before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.geometry.pose import checked_pose

FLIP_CAMERA, FLIP_LIDAR = np.diag([-1.0, 1, 1, 1]), np.diag([1.0, -1, 1, 1])


@dataclass(frozen=True)
class Calibration:
    """A lens and the pose of the LiDAR in its optical frame.

    T_camera_lidar: [4,4] float64, metres; points in the optical frame (x right, y down, z forward) = T @ points

    Raises CalibrationError when the pose is none.
    """

    lens: Lens
    T_camera_lidar: NDArray[np.float64]

    def __post_init__(self) -> None:
        object.__setattr__(self, "T_camera_lidar", checked_pose(self.T_camera_lidar))

    def project(self, points: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Pixels [N,2] and camera depth [N] in metres of points [N,>=3] (LiDAR frame, metres); see Lens.project."""
        T = self.T_camera_lidar
        xyz = np.asarray(points[:, :3], np.float64) @ T[:3, :3].T + T[:3, 3]
        return self.lens.project(xyz), xyz[:, 2]

    def mirrored(self) -> Calibration:
        """The calibration of the left-right mirrored world: image columns flipped and points' y negated."""
        return Calibration(self.lens.mirrored(), FLIP_CAMERA @ self.T_camera_lidar @ FLIP_LIDAR)
