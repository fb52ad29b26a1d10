"""Sensor rigs from rigs.yaml: a camera and a LiDAR on base_link."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from fm_ood_ros.calibration import Calibration
from fm_ood_ros.errors import InputError

TO_OPTICAL = np.array([[0.0, -1, 0], [0, 0, -1], [1, 0, 0]])  # forward-left-up to right-down-forward


@dataclass(frozen=True)
class Rig:
    """T_base_lidar, T_base_camera: [4,4] poses on base_link (ground below the LiDAR); camera's is optical.

    K: [3,3]; beams: [B] elevations, columns: [C] azimuths, radians; range: metres
    """

    name: str
    width: int
    height: int
    K: NDArray[np.float64]
    T_base_camera: NDArray[np.float64]
    T_base_lidar: NDArray[np.float64]
    beams: NDArray[np.float64]
    columns: NDArray[np.float64]
    range: float

    @property
    def calibration(self) -> Calibration:
        """What the runtime needs to know of the rig."""
        T_camera_lidar = np.linalg.inv(self.T_base_camera) @ self.T_base_lidar
        return Calibration(self.K, self.width, self.height, T_camera_lidar)


def rig_names() -> list[str]:
    """Names of the rigs that exist."""
    return sorted(_read())


def _read() -> dict[str, Any]:
    rigs: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "rigs.yaml").read_text(encoding="utf-8"))
    return rigs


def load_rig(name: str, rng: np.random.Generator | None = None) -> Rig:
    """A rig by name; with a generator, mounted as inexactly as vehicles differ.

    Raises InputError for an unknown name.
    """
    rigs = _read()
    if name not in rigs:
        raise InputError(f"rig '{name}' does not exist, expected one of {sorted(rigs)}; choose one of these")
    camera, lidar = rigs[name]["camera"], rigs[name]["lidar"]
    jitter = np.zeros(6) if rng is None else rng.uniform(-1, 1, 6)
    pose = np.eye(4)
    pose[:3, :3] = _rotation(*np.deg2rad([0.4, 1.2, 0.8]) * jitter[:3]) @ TO_OPTICAL.T
    x, y, z = camera["at"]
    pose[:3, 3] = (x + 0.03 * jitter[3], y, z + 0.06 * jitter[4])
    scanner = np.eye(4)
    scanner[2, 3] = lidar["height"] + 0.06 * jitter[5]
    beams = np.concatenate([np.linspace(a, b, n) for a, b, n in lidar["elevation"]])
    width, height, focal = camera["width"], camera["height"], camera["focal"]
    return Rig(
        name=name, width=width, height=height,
        K=np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1]]),
        T_base_camera=pose, T_base_lidar=scanner, beams=np.deg2rad(beams),
        columns=np.deg2rad(np.arange(90 - lidar["azimuth_step"] / 2, -90, -lidar["azimuth_step"])),
        range=lidar["range"],
    )  # fmt: skip


def _rotation(roll: float, pitch: float, yaw: float) -> NDArray[np.float64]:
    (cr, sr), (cp, sp), (cy, sy) = ((np.cos(a), np.sin(a)) for a in (roll, pitch, yaw))
    about_x = np.array([[1, 0, 0], [0, cr, -sr], [0, sr, cr]])
    about_y = np.array([[cp, 0, sp], [0, 1, 0], [-sp, 0, cp]])
    about_z = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)
