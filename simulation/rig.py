"""Sensor rigs: a camera and a LiDAR on a car."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.calibration import Calibration


@dataclass(frozen=True)
class Rig:
    """Camera of width x height pixels with focal length f; LiDAR with beams between two elevations (degrees).

    camera_height, lidar_height, lidar_behind: metres; step: azimuth step of the LiDAR in degrees; only the half
    before the car is cast.
    """

    name: str
    width: int
    height: int
    focal: float
    beams: int
    lowest: float
    highest: float
    step: float
    camera_height: float = 1.65
    lidar_height: float = 1.73
    lidar_behind: float = 0.27

    @property
    def calibration(self) -> Calibration:
        """Pinhole camera; LiDAR x forward, y left, z up."""
        K = np.array([[self.focal, 0, (self.width - 1) / 2], [0, self.focal, (self.height - 1) / 2], [0, 0, 1]])
        T = np.array([[0.0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1]])
        T[1, 3] = self.camera_height - self.lidar_height
        T[2, 3] = -self.lidar_behind
        return Calibration(K, self.width, self.height, T)

    def rays(self) -> NDArray[np.float32]:
        """Unit directions [R,3] in the LiDAR frame, beam by beam."""
        elevation = np.radians(np.linspace(self.highest, self.lowest, self.beams))
        azimuth = np.radians(np.arange(90.0, -90.0, -self.step))
        e, a = np.meshgrid(elevation, azimuth, indexing="ij")
        directions = np.stack([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)], -1)
        return directions.reshape(-1, 3).astype(np.float32)


RIGS = {
    rig.name: rig
    for rig in (
        Rig("kitti64", 640, 192, 371.0, beams=64, lowest=-24.8, highest=2.0, step=0.28),
        Rig("kitti32", 640, 192, 371.0, beams=32, lowest=-25.0, highest=10.0, step=0.28),
    )
}
RIG_SHARES = {"kitti64": 0.7, "kitti32": 0.3}
