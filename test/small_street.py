"""A street of planes and boxes, and a rig before it: every ray of its LiDAR is computed, so that a test knows all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fm_ood_ros.frame import Frame, View
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.model.input_spec import InputSpec

SPEC = InputSpec((64, 320), (-25.0, 3.0), "mount", (1.0, 100.0), (-5.0, 15.0), 2.0)
LENS = Lens(np.array([[360.0, 0, 309.5], [0, 360, 86], [0, 0, 1]]), 620, 188)
OPTICAL = np.array([[0.0, -1, 0], [0, 0, -1], [1, 0, 0]])  # x right, y down, z forward of x forward, y left, z up
EYE = np.array([0.3, 0.0, 1.65])  # the camera, metres above the street
LIDAR = np.array([0.0, 0.0, 1.9])
BOXES = np.array(
    [
        [(-5, 4.5, -3), (80, 30, 0.15)],  # pavements with their kerbs
        [(-5, -30, -3), (80, -4.5, 0.15)],
        [(-5, 9, 0), (60, 12, 9)],  # houses
        [(8, -14, 0), (70, -9, 6)],
        [(12, -3.6, 0), (16, -1.8, 1.5)],  # a car
        [(25, 1.0, 0), (29, 2.8, 1.6)],
        [(7, 4.8, 0), (7.2, 5, 5)],  # a pole
    ]
)


def turn(roll: float = 0, pitch: float = 0, yaw: float = 0) -> np.ndarray:
    """Rotation [3,3] about x, then y, then z, degrees; a positive pitch turns x downwards."""
    r, p, y = np.radians([roll, pitch, yaw])
    about_x = np.array([[1, 0, 0], [0, np.cos(r), -np.sin(r)], [0, np.sin(r), np.cos(r)]])
    about_y = np.array([[np.cos(p), 0, np.sin(p)], [0, 1, 0], [-np.sin(p), 0, np.cos(p)]])
    about_z = np.array([[np.cos(y), -np.sin(y), 0], [np.sin(y), np.cos(y), 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


def moved(shift=(0.0, 0.0, 0.0), **angles: float) -> np.ndarray:
    """[4,4] of a turn and a shift in metres."""
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = turn(**angles), shift
    return T


def camera_pose(lidar=LIDAR, eye=EYE, **angles: float) -> np.ndarray:
    """T_camera_lidar of a level LiDAR and a camera that is turned by angles (degrees)."""
    T = np.eye(4)
    T[:3, :3] = OPTICAL @ turn(**angles).T
    T[:3, 3] = T[:3, :3] @ (np.asarray(lidar) - eye)
    return T


def rays(elevation=(-24.8, 2.0), rings=48, columns=343, around=60.0) -> np.ndarray:
    """Directions [N,3] of a LiDAR, ring by ring."""
    e, a = np.meshgrid(
        np.radians(np.linspace(*elevation, rings)), np.radians(np.linspace(around, -around, columns)), indexing="ij"
    )
    return np.stack([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)], -1).reshape(-1, 3)


def scan(lidar=LIDAR, directions=None, boxes=BOXES, hill=0.0) -> np.ndarray:
    """A cloud [N,4] float32 of the street, seen from `lidar`, in its own level frame; intensities between 0 and 1.

    hill: by how much the street rises a metre beyond 15 m
    """
    directions = rays() if directions is None else directions
    lidar = np.asarray(lidar, float)
    distance = ranges(lidar, directions, boxes, hill)
    hit = distance < 90
    points = directions[hit] * distance[hit, None]
    at = points + lidar
    paint = 0.5 + 0.2 * np.sin(at[:, 0]) + 0.2 * np.sin(3 * at[:, 1])
    return np.c_[points, paint].astype(np.float32)


def ranges(eye: np.ndarray, directions: np.ndarray, boxes=BOXES, hill=0.0) -> np.ndarray:
    """Metres [N] along rays [N,3] from a place to what they hit first."""
    return np.minimum(_to_ground(eye, directions, hill), _to_boxes(eye, directions, boxes))


def _to_ground(lidar, directions, hill):
    with np.errstate(divide="ignore", invalid="ignore"):
        flat = np.where(directions[:, 2] < 0, -lidar[2] / directions[:, 2], np.inf)
        rise = directions[:, 2] - hill * directions[:, 0]
        slope = np.where(rise < 0, (hill * (lidar[0] - 15) - lidar[2]) / rise, np.inf)
    flat[lidar[0] + flat * directions[:, 0] > 15] = np.inf
    slope[lidar[0] + slope * directions[:, 0] < 15] = np.inf
    return np.minimum(flat, slope)


def _to_boxes(lidar, directions, boxes):
    if not len(boxes):
        return np.full(len(directions), np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        sides = (boxes[None] - lidar) / directions[:, None, None, :]
    enter, leave = np.sort(sides, 2).transpose(2, 0, 1, 3)
    first, last = enter.max(-1), leave.min(-1)
    return np.where((first < last) & (first > 0), first, np.inf).min(1)


def picture(lens: Lens = LENS, seed: int = 0) -> np.ndarray:
    """An image [h,w,3] uint8 of noise."""
    return np.random.default_rng(seed).integers(0, 256, (lens.height, lens.width, 3), np.uint8)


def frame(points: np.ndarray, *poses: np.ndarray, lens: Lens = LENS) -> Frame:
    """A frame with a view for every T_camera_lidar."""
    views = tuple(View(picture(lens), Calibration(lens, pose)) for pose in (poses or (camera_pose(),)))
    return Frame(0, points, views)


def sent_in(frame: Frame, T: np.ndarray) -> Frame:
    """The same moment with its cloud expressed in another frame, T [4,4] @ points, extrinsics right."""
    points = frame.points.copy()
    points[:, :3] = points[:, :3].astype(np.float64) @ T[:3, :3].T + T[:3, 3]
    views = tuple(
        replace(v, calibration=Calibration(v.calibration.lens, v.calibration.T_camera_lidar @ np.linalg.inv(T)))
        for v in frame.views
    )
    return replace(frame, points=points, views=views)


def changed_cells(one: np.ndarray, other: np.ndarray, by: float = 0.01) -> int:
    """How many cells of two LiDAR images [5,H,W] differ by more than a centimetre, or a hundredth of intensity."""
    return int((np.abs(one - other) > by).any(0).sum())
