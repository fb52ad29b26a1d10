"""Rigid transforms: KITTI's poses, and quaternions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.kitti_files import read_kitti_pose
from fm_ood_ros.geometry.pose import pose_matrix


def read_kitti_poses(path: Path, calibration: Path) -> NDArray[np.float64]:
    """T_start_lidar [F,4,4] of a poses.txt, whose rows are T_start_camera of camera 0; [0,4,4] where there is none.

    T_start_lidar = Tr^-1 T_start_camera Tr. Raises InputError naming the file.
    """
    if not path.is_file():
        return np.zeros((0, 4, 4))
    try:
        rows = np.loadtxt(path, ndmin=2)
    except ValueError as error:
        raise InputError(f"{path} cannot be read as numbers ({error}); give the poses.txt of the sequence") from error
    if rows.shape[1] != 12:
        raise InputError(f"{path} has {rows.shape[1]} numbers a line, expected 12; give the poses.txt of the sequence")
    camera = np.tile(np.eye(4), (len(rows), 1, 1))
    camera[:, :3] = rows.reshape(-1, 3, 4)
    Tr = read_kitti_pose(calibration)
    return np.asarray(np.linalg.inv(Tr) @ camera @ Tr)


def rigid(rotation: Sequence[float], translation: Sequence[float]) -> NDArray[np.float64]:
    """T [4,4] of a quaternion w x y z, as nuScenes has it, and a translation.

    Raises ValueError when either has another number of values, CalibrationError when the quaternion is no unit one.
    """
    (w, x, y, z), (a, b, c) = rotation, translation
    return pose_matrix((a, b, c), (x, y, z, w))
