"""Frames whose calibration is wrong by a known angle: what a knock on the sensor mount does to a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.model.label_sets import LabelSet
from training.data.frames import FrameFacts, Frames

LARGEST = 45.0  # degrees


class Miscalibrated:
    """See Frames; the LiDAR seems turned about the camera by `degrees`, about an axis that each frame draws by chance.

    Only the calibration changes: image, points and labels are those of the frame. Raises InputError when the angle is
    not within 0 to 45 degrees.
    """

    def __init__(self, frames: Frames, degrees: float) -> None:
        if not 0 <= degrees <= LARGEST:
            raise InputError(f"the extrinsic error is {degrees:g} degrees, expected 0 to {LARGEST:g}; correct it")
        self.frames = frames
        self.degrees = degrees

    @property
    def root(self) -> Path:
        """Where the data set lies."""
        return self.frames.root

    @property
    def label_set(self) -> LabelSet | None:
        """What its raw ids are checked against."""
        return self.frames.label_set

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, index: int) -> Frame:
        """The frame with its calibration turned."""
        frame = self.frames[index]
        turn = np.eye(4)
        turn[:3, :3] = turned(self.degrees, index)
        views = tuple(replace(v, calibration=_turned(v.calibration, turn)) for v in frame.views)
        return replace(frame, views=views)

    def name(self, index: int) -> str:
        """The frame's."""
        return self.frames.name(index)

    def facts(self, index: int) -> FrameFacts:
        """The frame's."""
        return self.frames.facts(index)


def _turned(calibration: Calibration, turn: NDArray[np.float64]) -> Calibration:
    return replace(calibration, T_camera_lidar=turn @ calibration.T_camera_lidar)


def turned(degrees: float, seed: int) -> NDArray[np.float64]:
    """Rotation [3,3] by an angle about an axis drawn uniformly from the sphere, the same one for a seed."""
    axis = np.random.default_rng(seed).normal(size=3)
    rotation, _ = cv2.Rodrigues(axis / np.linalg.norm(axis) * np.deg2rad(degrees))
    return np.asarray(rotation, np.float64)
