"""Where the LiDAR stands before the camera: from a calibration file or a parameter, never assumed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.calibration_files import read_lens
from fm_ood_ros.geometry.pose import checked_pose, pose_matrix
from fm_ood_ros.ros.parameters import NodeParameters

Matrix = NDArray[np.float64]


def fixed_calibration(parameters: NodeParameters) -> tuple[Matrix, Calibration | None]:
    """T_camera_lidar [4,4], and the whole calibration when its lens comes from a file.

    A file may give the lens alone: the pose is then that of the parameter extrinsics.
    Raises CalibrationError when the pose is given nowhere or twice, or is impossible.
    """
    if not parameters.calibration_file:
        return checked_pose(_from_parameter(parameters.extrinsics)), None  # refused now, not at the first image
    lens, T_camera_lidar = read_lens(Path(parameters.calibration_file), parameters.rectified)
    if T_camera_lidar is None:
        T_camera_lidar = _from_parameter(parameters.extrinsics)
    elif parameters.extrinsics:
        raise CalibrationError(
            f"{parameters.calibration_file} has T_camera_lidar and extrinsics are set too, expected one of them; "
            "unset the other"
        )
    calibration = Calibration(lens, T_camera_lidar)
    return calibration.T_camera_lidar, calibration


def _from_parameter(numbers: tuple[float, ...]) -> Matrix:
    if not numbers:
        raise CalibrationError(
            "the pose of the LiDAR in the camera's optical frame is unknown; set the parameter extrinsics "
            "(x y z qx qy qz qw) or a calibration_file with T_camera_lidar"
        )
    if len(numbers) not in (7, 16) or not np.isfinite(numbers).all():
        raise CalibrationError(
            f"extrinsics are {list(numbers)}, expected x y z qx qy qz qw or the 16 numbers of T_camera_lidar"
        )
    if len(numbers) == 16:
        return np.array(numbers, np.float64).reshape(4, 4)
    x, y, z, qx, qy, qz, qw = numbers
    return pose_matrix((x, y, z), (qx, qy, qz, qw))
