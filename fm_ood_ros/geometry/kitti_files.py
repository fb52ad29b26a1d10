"""Calibrations from KITTI's text files: odometry, object, tracking and raw, and what stands beside a sequence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.calibration_files import read_calibration
from fm_ood_ros.geometry.lens import Lens

Matrix = NDArray[np.float64]
SHAPES = {12: (3, 4), 9: (3, 3), 3: (3, 1)}
RAW = ("calib_cam_to_cam.txt", "calib_velo_to_cam.txt")
UNTURNED = ("Tr_velo_to_cam", "Tr_velo_cam")  # of the camera before it was rectified: object, tracking
RECTIFYING = ("R0_rect", "R_rect", "R_rect_00")  # object, tracking, raw


def read_sequence_calibration(folder: Path, width: int, height: int, camera: str = "2") -> Calibration:
    """The calibration of a sequence's image_N: camera_N.yaml, which knows lenses, where there is one, else KITTI's.

    Raises CalibrationError when the file is missing, broken or of another image size.
    """
    own = Path(folder) / f"camera_{camera}.yaml"
    if not own.is_file():
        return read_kitti_calibration(kitti_file(Path(folder)), width, height, f"P{camera}")
    calibration = read_calibration(own)
    if (calibration.lens.width, calibration.lens.height) != (width, height):
        raise CalibrationError(
            f"{own} is for {calibration.lens.width}x{calibration.lens.height} but the image is {width}x{height}; "
            "take the file that was written with these images"
        )
    return calibration


def kitti_file(folder: Path) -> Path:
    """calib.txt of a folder, or the raw data's calib_cam_to_cam.txt where only that is there."""
    raw = folder / RAW[0]
    return raw if raw.is_file() and not (folder / "calib.txt").is_file() else folder / "calib.txt"


def read_kitti_calibration(path: Path, width: int, height: int, camera: str = "P2") -> Calibration:
    """The calibration of one rectified KITTI camera (P0..P3); its baseline goes into T_camera_lidar.

    path: calib.txt of odometry, a file of object or tracking, or calib_cam_to_cam.txt with calib_velo_to_cam.txt
    Raises CalibrationError when the file or one of its matrices is missing or broken.
    """
    matrices = _matrices(path)
    P = _matrix(path, matrices, camera, f"P_rect_0{camera[1:]}")
    shift = np.eye(4)
    shift[:3, 3] = np.linalg.solve(P[:, :3], P[:, 3])
    return Calibration(Lens(P[:, :3], width, height), shift @ read_kitti_pose(path))


def read_kitti_pose(path: Path) -> Matrix:
    """T_camera_lidar [4,4] of the rectified camera 0; raises CalibrationError."""
    matrices = _matrices(path)
    raw = {"R", "T"} <= set(matrices)
    Tr = np.hstack([matrices["R"], matrices["T"]]) if raw else _matrix(path, matrices, "Tr", *UNTURNED)
    R = np.eye(4)
    if "Tr" not in matrices:  # odometry has turned it already
        R[:3, :3] = _matrix(path, matrices, *RECTIFYING)
    return np.asarray(R @ np.vstack([Tr, [0, 0, 0, 1]]))


def _matrix(path: Path, matrices: dict[str, Matrix], *names: str) -> Matrix:
    """The first of these that is there."""
    for name in names:
        if name in matrices:
            return matrices[name]
    raise CalibrationError(
        f"{path} has no {' or '.join(repr(name + ':') for name in names)} line, expected its numbers; "
        "take the data set's own calibration file"
    )


def _matrices(path: Path) -> dict[str, Matrix]:
    """[3,4], [3,3] and [3,1] by name; tracking leaves out some colons, raw has two files."""
    files = [path, path.with_name(RAW[1])] if path.name == RAW[0] else [path]
    try:
        lines = [line for file in files for line in Path(file).read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise CalibrationError(f"{path} cannot be read ({error}); give the calibration of the sequence") from error
    matrices = {}
    for line in lines:
        name, *numbers = line.replace(":", " ", 1).split() or [""]
        try:
            values = np.array(numbers, np.float64)
        except ValueError:
            continue
        if values.size in SHAPES:
            matrices[name] = values.reshape(SHAPES[values.size])
    return matrices
