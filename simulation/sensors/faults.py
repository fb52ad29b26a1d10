"""What a robustness study switches on: scans that take time, wrong mountings on file, images late or early."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from fm_ood_ros.errors import InputError
from simulation.sensors.camera_model import CameraModel
from simulation.sensors.rigs import Rig, rotation

MOST = {"degrees": 30.0, "metres": 2.0, "seconds": 0.2}


@dataclass(frozen=True)
class Faults:
    """All off by default; each scene draws its own errors up to these, the truth stands in its scene.json.

    rolling: every column of a scan at its own time; degrees, metres: largest error of each camera's pose on file,
    about and along each axis; seconds: largest time from the stamp to the exposure of the image, before or after

    Raises InputError for values that are impossible.
    """

    rolling: bool = False
    degrees: float = 0.0
    metres: float = 0.0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        for name, most in MOST.items():
            value = getattr(self, name)
            if not 0 <= value <= most:
                raise InputError(f"{name} of sensor errors is {value}, expected 0 to {most:g}; choose within")

    def record(self) -> dict[str, Any]:
        """As it is written to files."""
        return asdict(self)

    def apply(self, rig: Rig, rng: np.random.Generator) -> Rig:
        """The rig with errors drawn for one scene."""
        cameras = tuple(self._misplaced(camera, rng) for camera in rig.cameras)
        delay = self.seconds * float(rng.uniform(-1, 1))
        return replace(rig, cameras=cameras, rolling=self.rolling, image_delay=delay)

    def _misplaced(self, camera: CameraModel, rng: np.random.Generator) -> CameraModel:
        angles, shift = np.deg2rad(self.degrees) * rng.uniform(-1, 1, 3), self.metres * rng.uniform(-1, 1, 3)
        T = np.eye(4)
        T[:3, :3], T[:3, 3] = rotation(*angles), shift
        return replace(camera, T_error=T)


NO_FAULTS = Faults()
