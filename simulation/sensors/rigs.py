"""Sensor rigs: one LiDAR and one or more cameras on base_link."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.calibration import Calibration
from simulation.sensors.camera_model import CameraModel
from simulation.sensors.lens import lens_of
from simulation.sensors.rig_files import SHIPPED, read_rigs
from simulation.sensors.variety import draw_variety, moved_camera

TO_OPTICAL = np.array([[0.0, -1, 0], [0, 0, -1], [1, 0, 0]])  # forward-left-up to right-down-forward
MAIN = 2  # number of the main camera, as KITTI counts


@dataclass(frozen=True)
class Rig:
    """cameras: the first is the main one; T_base_lidar: [4,4] pose on base_link (on the ground below the LiDAR).

    beams: [B] elevations, columns: [C] azimuths (the half turn around `ahead`), radians; rate: revolutions/s
    range, range_noise (1 sigma): metres; rolling: whether every column is cast at its own time
    image_delay: seconds from the stamp to the exposure; variety: what was drawn for a rig that varies
    """

    name: str
    cameras: tuple[CameraModel, ...]
    T_base_lidar: NDArray[np.float64]
    beams: NDArray[np.float64]
    columns: NDArray[np.float64]
    range: float
    range_noise: float
    rate: float
    rolling: bool = False
    image_delay: float = 0.0
    variety: dict[str, Any] = field(default_factory=dict)

    @property
    def ahead(self) -> float:
        """Azimuth of the vehicle's front in the LiDAR's frame, radians."""
        return _ahead(self.T_base_lidar)

    @property
    def width(self) -> int:
        """Of the main camera's image, pixels."""
        return self.cameras[0].width

    @property
    def height(self) -> int:
        """Of the main camera's image, pixels."""
        return self.cameras[0].height

    @property
    def K(self) -> NDArray[np.float64]:
        """[3,3] of the main camera."""
        return self.cameras[0].K

    @property
    def T_base_camera(self) -> NDArray[np.float64]:
        """[4,4] of the main camera."""
        return self.cameras[0].T_base_camera

    @cached_property
    def calibrations(self) -> list[Calibration]:
        """What the runtime is told of every camera."""
        return [camera.calibration(self.T_base_lidar) for camera in self.cameras]

    @property
    def calibration(self) -> Calibration:
        """What the runtime is told of the main camera."""
        return self.calibrations[0]

    def facts(self) -> dict[str, Any]:
        """The truth about the mounting and the timing, as it is recorded beside the data."""
        true = [np.linalg.inv(c.T_base_camera) @ self.T_base_lidar for c in self.cameras]
        facts: dict[str, Any] = {
            "rolling_shutter": self.rolling, "image_delay_s": self.image_delay,
            "true_T_camera_lidar": [T.reshape(-1).tolist() for T in true],
        }  # fmt: skip
        if self.variety:
            facts["varied"] = self.variety
        if not np.array_equal(self.T_base_lidar[:3, :3], np.eye(3)):
            facts["true_T_base_lidar"] = self.T_base_lidar.reshape(-1).tolist()
        return facts


def is_file(name: str) -> bool:
    """Whether a rig's name is the path of a user's file."""
    return name.endswith((".yaml", ".yml"))


def rig_identity(name: str) -> str:
    """What decides a rig besides the program: its name, for a user's file with the digest of what it holds."""
    if not is_file(name):
        return name
    return f"{Path(name).name} sha256:{hashlib.sha256(Path(name).read_bytes()).hexdigest()}"


def rig_names() -> list[str]:
    """Names of the rigs that are shipped."""
    return sorted(read_rigs())


def load_rig(name: str, rng: np.random.Generator | None = None) -> Rig:
    """A shipped rig by name, or the one of a user's file (a path to YAML); a generator mounts it as vehicles differ.

    Without a generator a rig is mounted as the file has it, also one that varies.

    Raises InputError for an unknown name and for an impossible file.
    """
    path = Path(name) if is_file(name) else SHIPPED
    rigs = read_rigs(path)
    if is_file(name):
        if len(rigs) != 1:
            raise InputError(f"{name} holds the rigs {sorted(rigs)}, expected one; give each rig a file of its own")
        name = next(iter(rigs))
    if name not in rigs:
        raise InputError(
            f"rig '{name}' does not exist, expected one of {sorted(rigs)} or a .yaml file; choose one of these"
        )
    data = rigs[name]
    jitter = np.zeros(6) if rng is None else rng.uniform(-1, 1, 6)
    if rng is None or "vary" not in data:
        return _mounted(name, data, jitter, path)
    drawn = draw_variety(data["vary"], rng)
    cameras = [moved_camera(camera, **drawn["camera"]) for camera in data["cameras"]]
    rig = _mounted(name, {**data, "cameras": cameras}, jitter, path)
    return replace(changed(rig, **drawn["lidar"], every=drawn["every"]), variety=drawn)


def changed(
    rig: Rig, height: float = 0.0, pitch: float = 0.0, roll: float = 0.0, yaw: float = 0.0, every: int = 1
) -> Rig:
    """The rig with its LiDAR raised (metres) and turned in its place (degrees); each n-th beam stays, from the top.

    yaw: left positive; pitch: down positive; roll: right side down positive
    """
    T = rig.T_base_lidar.copy()
    T[2, 3] += height
    T[:3, :3] = rotation(*np.deg2rad([roll, pitch, yaw])) @ T[:3, :3]
    columns = rig.columns - rig.ahead + _ahead(T)
    return replace(rig, T_base_lidar=T, beams=rig.beams[::every], columns=columns)


def _ahead(T_base_lidar: NDArray[np.float64]) -> float:
    return float(np.arctan2(T_base_lidar[0, 1], T_base_lidar[0, 0]))


def _mounted(name: str, data: dict[str, Any], jitter: NDArray[np.float64], path: Path) -> Rig:
    cameras = tuple(_camera(camera, jitter) for camera in data["cameras"])
    for i, camera in enumerate(cameras):
        _check_lens(camera, f"{path}: {name}.cameras[{i}]")
    lidar = data["lidar"]
    scanner = np.eye(4)
    scanner[:3, :3] = rotation(*np.deg2rad([lidar.get(turn, 0.0) for turn in ("roll", "pitch", "yaw")]))
    scanner[2, 3] = lidar["height"] + 0.06 * jitter[5]
    step = lidar["azimuth_step"]
    return Rig(
        name=name, cameras=cameras, T_base_lidar=scanner,
        beams=np.deg2rad(np.concatenate([_beams(entry) for entry in lidar["elevation"]])),
        columns=np.deg2rad(np.arange(90 - step / 2, -90, -step)) + _ahead(scanner),
        range=lidar["range"], range_noise=lidar["range_noise"], rate=lidar["rate"],
    )  # fmt: skip


def _check_lens(camera: CameraModel, where: str) -> None:
    try:
        lens_of(camera)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


def _beams(entry: Any) -> NDArray[np.float64]:
    return np.linspace(*entry) if isinstance(entry, list) else np.array([float(entry)])


def _camera(data: dict[str, Any], jitter: NDArray[np.float64]) -> CameraModel:
    x, y, z = data["at"]
    pose = np.eye(4)
    aim = rotation(0.0, *np.deg2rad([data.get("pitch", 0.0), data.get("yaw", 0.0)]))
    pose[:3, :3] = rotation(*np.deg2rad([0.4, 1.2, 0.8]) * jitter[:3]) @ aim @ TO_OPTICAL.T
    pose[:3, 3] = (x + 0.03 * jitter[3], y, z + 0.06 * jitter[4])
    width, height, focal = data["width"], data["height"], data["focal"]
    cx, cy = data.get("centre", ((width - 1) / 2, (height - 1) / 2))
    return CameraModel(
        width, height, np.array([[focal, 0, cx], [0, focal, cy], [0, 0, 1]]), pose,
        data.get("distortion_model", "plumb_bob"), np.array(data.get("distortion", []), float),
    )  # fmt: skip


def rotation(roll: float, pitch: float, yaw: float) -> NDArray[np.float64]:
    """[3,3] about x, then y, then z."""
    (cr, sr), (cp, sp), (cy, sy) = ((np.cos(a), np.sin(a)) for a in (roll, pitch, yaw))
    about_x = np.array([[1, 0, 0], [0, cr, -sr], [0, sr, cr]])
    about_y = np.array([[cp, 0, sp], [0, 1, 0], [-sp, 0, cp]])
    about_z = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)
