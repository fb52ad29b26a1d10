"""Rigid transforms: from numbers to matrices, and the check that they are rigid."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fm_ood_ros.errors import CalibrationError

Matrix = NDArray[np.float64]
UNIT = 1e-2  # by which the length of a quaternion may miss one: files round


def pose_matrix(translation: tuple[float, float, float], quaternion: tuple[float, float, float, float]) -> Matrix:
    """[4,4] of a translation in metres and a quaternion x y z w; raises CalibrationError when its length is not one."""
    length = float(np.linalg.norm(quaternion))
    if not abs(length - 1) <= UNIT:
        raise CalibrationError(
            f"quaternion is {quaternion} of length {length:g}, expected x y z w of length one; correct the extrinsics "
            "(Euler angles are no quaternion)"
        )
    x, y, z, w = np.asarray(quaternion, np.float64) / length
    T = np.eye(4)
    T[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    T[:3, 3] = translation
    return T


def checked_pose(T: ArrayLike, name: str = "T_camera_lidar") -> Matrix:
    """[4,4] float64 of what should be a rotation and a translation; raises CalibrationError when it is not."""
    pose = np.asarray(T, np.float64)
    if pose.shape != (4, 4) or not np.isfinite(pose).all():
        raise CalibrationError(f"{name} is {pose.shape}, expected (4, 4) finite numbers; correct the calibration")
    if not is_rotation(pose[:3, :3]) or np.abs(pose[3] - [0, 0, 0, 1]).max() > 1e-9:
        raise CalibrationError(
            f"{name} is not a rotation and a translation; check the order of rows and of the quaternion"
        )
    return pose


def is_rotation(R: Matrix) -> bool:
    """Whether a finite [3,3] turns and does nothing else, as far as files round."""
    return bool(np.abs(R @ R.T - np.eye(3)).max() <= 1e-3 and np.linalg.det(R) > 0)
