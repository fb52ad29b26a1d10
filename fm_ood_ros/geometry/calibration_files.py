"""Calibrations from files: KITTI's calib.txt and the project's own YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.lens import Lens


def read_kitti_calibration(path: Path, width: int, height: int, camera: str = "P2") -> Calibration:
    """The calibration of one KITTI camera (P0..P3) from calib.txt; its baseline goes into T_camera_lidar.

    Raises CalibrationError when the file or one of its matrices is missing or broken.
    """
    P, Tr = read_kitti_matrix(path, camera), read_kitti_matrix(path, "Tr")
    shift = np.eye(4)
    shift[:3, 3] = np.linalg.solve(P[:, :3], P[:, 3])
    return Calibration(Lens(P[:, :3], width, height), shift @ np.vstack([Tr, [0, 0, 0, 1]]))


def read_kitti_matrix(path: Path, name: str) -> NDArray[np.float64]:
    """A matrix [3,4] of calib.txt by its name; raises CalibrationError when the file or the matrix is missing."""
    matrices = _kitti_matrices(path)
    if name not in matrices:
        raise CalibrationError(f"{path} has no '{name}:' line, expected 12 numbers; take the data set's own calib.txt")
    return matrices[name]


def read_sequence_calibration(folder: Path, width: int, height: int, camera: str = "2") -> Calibration:
    """The calibration of a sequence's image_N: camera_N.yaml, which knows lenses, where there is one, else calib.txt.

    Raises CalibrationError when the file is missing, broken or of another image size.
    """
    own = Path(folder) / f"camera_{camera}.yaml"
    if not own.is_file():
        return read_kitti_calibration(Path(folder) / "calib.txt", width, height, f"P{camera}")
    calibration = read_calibration(own)
    if (calibration.lens.width, calibration.lens.height) != (width, height):
        raise CalibrationError(
            f"{own} is for {calibration.lens.width}x{calibration.lens.height} but the image is {width}x{height}; "
            "take the file that was written with these images"
        )
    return calibration


def _kitti_matrices(path: Path) -> dict[str, NDArray[np.float64]]:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CalibrationError(f"{path} cannot be read ({error}); give the calib.txt of the sequence") from error
    matrices = {}
    for line in lines:
        name, _, numbers = line.partition(":")
        try:
            values = np.array(numbers.split(), np.float64)
        except ValueError:
            continue
        if values.size == 12:
            matrices[name.strip()] = values.reshape(3, 4)
    return matrices


def read_calibration(path: Path) -> Calibration:
    """A calibration from the project's YAML (see write_calibration); raises CalibrationError."""
    try:
        data = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CalibrationError(f"{path} cannot be read as YAML ({error}); give a calibration file") from error
    try:
        return _from_dict(data)
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, CalibrationError):
            raise CalibrationError(f"{path}: {error}") from error
        raise CalibrationError(
            f"{path} lacks or garbles {error}, expected camera: {{width, height, K, distortion_model, distortion}} "
            "and T_camera_lidar (16 numbers); write it with write_calibration"
        ) from error


def _from_dict(data: Any) -> Calibration:
    camera = data["camera"]
    lens = Lens(
        K=np.array(camera["K"], np.float64).reshape(3, 3),
        width=int(camera["width"]),
        height=int(camera["height"]),
        model=str(camera.get("distortion_model", "plumb_bob")),
        distortion=np.array(camera.get("distortion", []), np.float64),
        R=np.array(camera.get("R", np.eye(3)), np.float64).reshape(3, 3),
    )
    return Calibration(lens, np.array(data["T_camera_lidar"], np.float64).reshape(4, 4))


def write_calibration(path: Path, calibration: Calibration) -> None:
    """Writes a calibration as YAML: the camera and T_camera_lidar row by row."""
    lens = calibration.lens
    data: dict[str, Any] = {
        "camera": {
            "width": lens.width,
            "height": lens.height,
            "K": lens.K.reshape(-1).tolist(),
            "distortion_model": lens.model,
            "distortion": lens.distortion.tolist(),
        },
        "T_camera_lidar": calibration.T_camera_lidar.reshape(-1).tolist(),
    }
    if not np.array_equal(lens.R, np.eye(3)):
        data["camera"]["R"] = lens.R.reshape(-1).tolist()
    Path(path).write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
