"""How well the LiDAR's labels agree with the rendered segmentation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.frame import Frame
from simulation.output.reading import in_view
from simulation.output.recording import Recording
from simulation.sensors.lidar import OUTLIER
from simulation.sensors.soup import Soup
from simulation.world.scene import Scene

SLACK = 0.2  # metres by which a surface before a point may be its own: noise of the range, slanted surfaces


class Agreement(NamedTuple):
    """Points compared; share that agree at the pixel itself, and within one pixel around it."""

    points: int
    exact: float
    near: float


def agreement(recording: Recording, t: float, seen: bool = False) -> Agreement:
    """Compares one frame of a recording; seen: only points to which the main camera has a free line of sight."""
    frame, _ = recording.frame(t)
    base = recording.scene.at(t)
    visible = lines_of_sight(recording.scene, base, frame.points) if seen else None
    return compare(frame, recording.camera.segment(base), visible)


def lines_of_sight(scene: Scene, base: NDArray[np.float64], points: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether nothing stands between the main camera and each point [N,>=3] (LiDAR frame, metres); base: [4,4]."""
    soup = Soup(scene.model, range(scene.model.ngeom))
    soup.place(scene.data, np.ones(scene.model.ngeom, bool))
    lidar, eye = base @ scene.rig.T_base_lidar, (base @ scene.rig.T_base_camera)[:3, 3]
    way = points[:, :3] @ lidar[:3, :3].T + lidar[:3, 3] - eye
    far = np.linalg.norm(way, axis=1)
    origins = np.broadcast_to(eye, way.shape).astype(np.float32)
    distance, *_ = soup.cast(origins, (way / far[:, None]).astype(np.float32))
    return np.asarray(distance > far - SLACK)


def compare(frame: Frame, segments: NDArray[np.uint16], visible: NDArray[np.bool_] | None = None) -> Agreement:
    """Labels against a segmentation [H,W]; backscatter is left out, and points [N] that are not visible if given."""
    assert frame.labels is not None
    index, pixel = in_view(frame)
    kept = frame.labels[index] != OUTLIER
    kept &= True if visible is None else visible[index]
    label, (u, v) = frame.labels[index[kept]], pixel[kept].T
    height, width = segments.shape
    steps = [(dv, du) for dv in (-1, 0, 1) for du in (-1, 0, 1)]
    around = [segments[np.clip(v + dv, 0, height - 1), np.clip(u + du, 0, width - 1)] for dv, du in steps]
    hit = np.stack(around, 1) == label[:, None]
    return Agreement(len(hit), float(hit[:, 4].mean()), float(hit.any(1).mean()))
