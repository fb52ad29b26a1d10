"""A rough street before a wall, as frames of a rig whose LiDAR stands above its camera."""

from __future__ import annotations

import numpy as np

from fm_ood_ros.frame import Frame, View
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.lens import Lens

WIDTH, HEIGHT, FOCAL = 512, 128, 256.0
ABOVE, GROUND, WALL = 0.3, 1.9, 30.0  # metres: of the LiDAR over the camera and over the ground, ahead of it
K = np.array([[FOCAL, 0, 255.5], [0, FOCAL, 63.5], [0, 0, 1]])
T_CAMERA_LIDAR = np.array([[0, -1, 0, 0], [0, 0, -1, -ABOVE], [1, 0, 0, 0], [0, 0, 0, 1]], np.float64)
CALIBRATION = Calibration(Lens(K, WIDTH, HEIGHT), T_CAMERA_LIDAR)
LOW, HIGH, UNKNOWN = 1, 2, 99  # raw ids of the tiny label set


def street() -> tuple[np.ndarray, np.ndarray]:
    """Points [N,4] float32 in the LiDAR's frame and raw ids [N]: ground 5 cm under and over its plane, then a wall."""
    rings, columns = np.arange(-14.93, 3, 0.25), np.arange(-42.0, 42, 0.5) + 0.13  # no pixel lies on a cell's edge
    elevation, azimuth = np.meshgrid(np.radians(rings), np.radians(columns))
    ahead = np.stack([np.cos(azimuth), np.sin(azimuth), np.tan(elevation)], -1).reshape(-1, 3)
    with np.errstate(divide="ignore"):
        to_ground = np.where(ahead[:, 2] < 0, -GROUND / ahead[:, 2], np.inf)
    to_wall = WALL / ahead[:, 0]
    xyz = ahead * np.minimum(to_ground, to_wall)[:, None]
    on_ground = to_ground < to_wall
    over = np.indices(elevation.shape)[0].reshape(-1) % 2 == 0  # column by column, which share no cell
    xyz[on_ground, 2] += np.where(over, 0.05, -0.05)[on_ground]
    raw = np.where(on_ground & ~over, LOW, HIGH).astype(np.uint16)
    intensity = 0.1 + 0.8 * (np.arange(len(xyz)) % 101) / 100
    return np.column_stack([xyz, intensity]).astype(np.float32), raw


def frames(count: int = 2, labelled: bool = True) -> list[Frame]:
    points, raw = street()
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[..., 0] = np.linspace(0, 300, WIDTH).clip(0, 255)
    view = View(picture, CALIBRATION)
    return [Frame(i, points, (view,), raw if labelled else None) for i in range(count)]
