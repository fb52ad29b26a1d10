"""How CARLA frames lie on the disk: a YAML file, since every recorder of CARLA has its own folders and conventions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fm_ood_ros.errors import CalibrationError, InputError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.calibration_files import read_calibration
from fm_ood_ros.geometry.lens import Lens
from training.data.readers.files import read_mapping

FLIP_Y = np.diag([1.0, -1, 1, 1])


@dataclass(frozen=True)
class CarlaLayout:
    """Where things are, relative to the data set's root, `*` being what a frame's files have in common.

    image, cloud: patterns; with two `*` the first is the sequence
    calibration: a file with the matrices named by K and T_camera_lidar, the same for all frames
    K, T_camera_lidar: names in that file; without them it is the project's own calibration YAML
    left_handed: clouds and T_camera_lidar have y to the right, as CARLA has it; it is turned to the left
    fields: of a .bin cloud in their order with NumPy types, or of the columns of an .npy
    intensity: the field to take it from, zeros for null
    labels: one of field (of the cloud), points (a pattern of files with a number a point, of `type`, masked by `mask`)
        and pixels (a pattern of images) with palette (R, G, B to raw id) and tolerance (of each colour)
    """

    image: str
    cloud: str
    calibration: str
    labels: Mapping[str, Any]
    K: str | None = None
    T_camera_lidar: str | None = None
    left_handed: bool = False
    fields: Mapping[str, str] | None = None
    intensity: str | None = "intensity"

    def __post_init__(self) -> None:
        sources = [name for name in ("field", "points", "pixels") if name in self.labels]
        if len(sources) != 1:
            raise InputError(f"labels say {sorted(self.labels)}, expected one of field, points and pixels")
        if "pixels" in self.labels and not self.labels.get("palette"):
            raise InputError("labels by pixels need a palette of [R, G, B, raw id]; add it")

    @classmethod
    def load(cls, path: Path) -> CarlaLayout:
        """From a YAML file; raises InputError naming it."""
        data = read_mapping(path)
        try:
            return cls(**data)
        except (TypeError, InputError) as error:
            raise InputError(
                f"{path} is no layout of CARLA frames: {error}; see training/data/readers/layouts"
            ) from error

    def read_calibration(self, root: Path, width: int, height: int) -> Calibration:
        """The calibration of right-handed points; raises CalibrationError naming the file."""
        path = root / self.calibration
        if self.K is None or self.T_camera_lidar is None:
            calibration = read_calibration(path)
            if (calibration.lens.width, calibration.lens.height) != (width, height):
                size = f"{calibration.lens.width}x{calibration.lens.height}"
                raise CalibrationError(f"{path} is for images of {size}, but they are {width}x{height}; give their own")
            return calibration
        try:
            data = read_mapping(path)
            K = np.array(data[self.K], np.float64).reshape(3, 3)
            T = np.array(data[self.T_camera_lidar], np.float64).reshape(4, 4)
        except (InputError, KeyError, TypeError, ValueError) as error:
            raise CalibrationError(
                f"{path} lacks or garbles {error}, expected {self.K} (9 numbers) and {self.T_camera_lidar} (16)"
            ) from error
        try:
            return Calibration(Lens(K, width, height), T @ FLIP_Y if self.left_handed else T)
        except CalibrationError as error:
            raise CalibrationError(f"{path}: {error}") from error


def matches(root: Path, pattern: str) -> dict[tuple[str, ...], Path]:
    """Files of a pattern by what its `*` stand for; raises InputError when there is none."""
    form = re.compile("([^/]*)".join(re.escape(part) for part in pattern.split("*")))
    found = {}
    for path in sorted(root.glob(pattern)):
        match = form.fullmatch(path.relative_to(root).as_posix())
        if match:
            found[match.groups()] = path
    if not found:
        raise InputError(f"{root} has no file like {pattern}; correct the layout or the data set's root")
    return found
