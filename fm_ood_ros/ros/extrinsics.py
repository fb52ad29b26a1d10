"""Where the LiDAR stands before the camera: from a parameter or a calibration file, never assumed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.calibration_files import read_calibration
from fm_ood_ros.geometry.pose import checked_pose, pose_matrix
from fm_ood_ros.ros.parameters import NodeParameters

Matrix = NDArray[np.float64]


def fixed_calibration(parameters: NodeParameters) -> tuple[Matrix, Calibration | None]:
    """T_camera_lidar [4,4], and the whole calibration when it comes from a file.

    Raises CalibrationError when neither, both or something impossible is given.
    """
    if parameters.calibration_file and parameters.extrinsics:
        raise CalibrationError("both calibration_file and extrinsics are set, expected one of them; unset the other")
    if parameters.calibration_file:
        calibration = read_calibration(Path(parameters.calibration_file))
        return calibration.T_camera_lidar, calibration
    T_camera_lidar = _from_parameter(parameters.extrinsics)
    return checked_pose(T_camera_lidar), None  # refused now, not at the first image


def _from_parameter(numbers: tuple[float, ...]) -> Matrix:
    if not numbers:
        raise CalibrationError(
            "the pose of the LiDAR in the camera's optical frame is unknown; set the parameter extrinsics "
            "(x y z qx qy qz qw) or calibration_file"
        )
    if len(numbers) not in (7, 16) or not np.isfinite(numbers).all():
        raise CalibrationError(
            f"extrinsics are {list(numbers)}, expected x y z qx qy qz qw or the 16 numbers of T_camera_lidar"
        )
    if len(numbers) == 16:
        return np.array(numbers, np.float64).reshape(4, 4)
    x, y, z, qx, qy, qz, qw = numbers
    return pose_matrix((x, y, z), (qx, qy, qz, qw))
