"""How well the LiDAR's labels agree with the rendered segmentation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fm_ood_ros.frame import Frame
from simulation.reading import in_view
from simulation.recording import Recording
from simulation.sensors.lidar import OUTLIER

MARKING, ROAD = 60, 40


class Agreement(NamedTuple):
    """Points compared; share that agree at the pixel itself, and within one pixel around it."""

    points: int
    exact: float
    near: float


def agreement(recording: Recording, t: float) -> Agreement:
    """Compares one frame, without backscatter; what a nearer thing hides from the camera counts against."""
    frame, _ = recording.frame(t)
    segments = recording.camera.segment(recording.scene.at(t))
    hit = _hits(frame, segments)
    return Agreement(len(hit), float(hit[:, 4].mean()), float(hit.any(1).mean()))


def _hits(frame: Frame, segments: np.ndarray) -> np.ndarray:
    """[M,9] whether the label is found at each pixel of the neighbourhood; the middle column is the pixel itself."""
    assert frame.labels is not None
    index, pixel = in_view(frame)
    kept = frame.labels[index] != OUTLIER
    label, (u, v) = frame.labels[index[kept]], pixel[kept].T
    height, width = segments.shape
    steps = [(dv, du) for dv in (-1, 0, 1) for du in (-1, 0, 1)]
    around = [segments[np.clip(v + dv, 0, height - 1), np.clip(u + du, 0, width - 1)] for dv, du in steps]
    return np.asarray(np.stack(around, 1) == label[:, None])
