"""Calibrations from YAML files: the project's own, and what ROS's camera_calibration writes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.camera_info import lens_of
from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.geometry.pose import checked_pose

Matrix = NDArray[np.float64]
WHOLE_IMAGE = SimpleNamespace(x_offset=0, y_offset=0, width=0, height=0)


def read_calibration(path: Path, rectified: bool = False) -> Calibration:
    """A calibration from a file that knows the pose of the LiDAR too (see read_lens); raises CalibrationError."""
    lens, T_camera_lidar = read_lens(path, rectified)
    if T_camera_lidar is None:
        raise CalibrationError(f"{path} says nothing of the LiDAR, expected T_camera_lidar (16 numbers); add it")
    return Calibration(lens, T_camera_lidar)


def read_lens(path: Path, rectified: bool = False) -> tuple[Lens, Matrix | None]:
    """The lens of a file, and T_camera_lidar [4,4] where it has that too.

    Either the project's own YAML (see write_calibration) or one of ROS's camera_calibration (camera_matrix and so
    on), whose lens is that of raw or of `rectified` images; T_camera_lidar may be added to that one.
    Raises CalibrationError naming the file.
    """
    try:
        data = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CalibrationError(f"{path} cannot be read as YAML ({error}); give a calibration file") from error
    try:
        lens = _ros_lens(data, rectified) if "camera_matrix" in data else _own_lens(data["camera"])
        if rectified and lens.bends:
            raise CalibrationError("its lens distorts, but the images are said to be rectified; correct one of them")
        T = data.get("T_camera_lidar")
        return lens, None if T is None else checked_pose(np.array(T, np.float64).reshape(4, 4))
    except CalibrationError as error:
        raise CalibrationError(f"{path}: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CalibrationError(
            f"{path} lacks or garbles {error}, expected camera: {{width, height, K, distortion_model, distortion}} "
            "and T_camera_lidar (16 numbers), or what ROS's camera_calibration writes; write it with either"
        ) from error


def _own_lens(camera: Any) -> Lens:
    return Lens(
        K=np.array(camera["K"], np.float64).reshape(3, 3),
        width=int(camera["width"]),
        height=int(camera["height"]),
        model=str(camera.get("distortion_model", "plumb_bob")),
        distortion=np.array(camera.get("distortion", []), np.float64),
        R=np.array(camera.get("R", np.eye(3)), np.float64).reshape(3, 3),
    )


def _ros_lens(data: Any, rectified: bool) -> Lens:
    """The same facts as a CameraInfo, so read as one."""
    fields = {"k": "camera_matrix", "d": "distortion_coefficients"}
    fields |= {"r": "rectification_matrix", "p": "projection_matrix"} if rectified else {}
    matrices = {name: np.array(data[key]["data"], np.float64) for name, key in fields.items()}
    info = SimpleNamespace(
        width=int(data["image_width"]),
        height=int(data["image_height"]),
        distortion_model=str(data.get("distortion_model", "plumb_bob")),
        binning_x=0,
        binning_y=0,
        roi=WHOLE_IMAGE,
        **matrices,
    )
    return lens_of(info, rectified)


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
