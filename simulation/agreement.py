"""How well the LiDAR's labels agree with the rendered segmentation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.frame import Frame
from simulation.reading import in_view
from simulation.recording import Recording
from simulation.sensors.lidar import OUTLIER


class Agreement(NamedTuple):
    """Points compared; share that agree at the pixel itself, and within one pixel around it."""

    points: int
    exact: float
    near: float


def agreement(recording: Recording, t: float) -> Agreement:
    """Compares one frame of a recording."""
    frame, _ = recording.frame(t)
    return compare(frame, recording.camera.segment(recording.scene.at(t)))


def compare(frame: Frame, segments: NDArray[np.uint16]) -> Agreement:
    """Labels against a segmentation [H,W]; backscatter is left out, what hides from the camera counts against."""
    assert frame.labels is not None
    index, pixel = in_view(frame)
    kept = frame.labels[index] != OUTLIER
    label, (u, v) = frame.labels[index[kept]], pixel[kept].T
    height, width = segments.shape
    steps = [(dv, du) for dv in (-1, 0, 1) for du in (-1, 0, 1)]
    around = [segments[np.clip(v + dv, 0, height - 1), np.clip(u + du, 0, width - 1)] for dv, du in steps]
    hit = np.stack(around, 1) == label[:, None]
    return Agreement(len(hit), float(hit[:, 4].mean()), float(hit.any(1).mean()))
