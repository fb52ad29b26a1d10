"""Variations of a frame that stay true: whatever moves the image, points or LiDAR moves the calibration with it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from fm_ood_ros.frame import Frame
from training.config import AugmentationConfig

GREY = np.array([0.299, 0.587, 0.114])  # luma of ITU-R BT.601


def mirror(frame: Frame) -> Frame:
    """The left-right mirrored world."""
    points = frame.points.copy()
    points[:, 1] *= -1
    image = np.asarray(cv2.flip(frame.views[0].image, 1), np.uint8)
    return replace(frame, image=image, points=points, calibration=frame.views[0].calibration.mirrored())


def turn(frame: Frame, degrees: float) -> Frame:
    """The LiDAR turned about its own z axis: other coordinates, the same pixels, since T' = T R^-1."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    R = np.eye(4)
    R[:2, :2] = [[c, -s], [s, c]]
    points = frame.points.copy()
    points[:, :3] = points[:, :3] @ R[:3, :3].T.astype(np.float32)
    calibration = replace(frame.views[0].calibration, T_camera_lidar=frame.views[0].calibration.T_camera_lidar @ R.T)
    return replace(frame, points=points, calibration=calibration)


def resize_world(frame: Frame, factor: float) -> Frame:
    """All distances times a factor, the one between the sensors too: the same pixels."""
    points = frame.points.copy()
    points[:, :3] *= np.float32(factor)
    T = frame.views[0].calibration.T_camera_lidar.copy()
    T[:3, 3] *= factor
    return replace(frame, points=points, calibration=replace(frame.views[0].calibration, T_camera_lidar=T))


def recolour(frame: Frame, brightness: float, contrast: float, saturation: float) -> Frame:
    """Colours times brightness, spread about the image's mean by contrast, about their grey by saturation."""
    mean = np.array(cv2.mean(frame.views[0].image)[:3]) @ GREY
    mix = saturation * np.eye(3) + (1 - saturation) * np.tile(GREY, (3, 1))
    offset = np.full((3, 1), (1 - contrast) * mean * brightness)
    image = cv2.transform(frame.views[0].image, np.hstack([brightness * contrast * mix, offset]))
    return replace(frame, image=np.asarray(image, np.uint8))


def change_intensity(frame: Frame, gain: float, offset: float) -> Frame:
    """Intensity times gain, plus offset times its mean, never below zero."""
    points = frame.points.copy()
    mean = np.nanmean(points[:, 3]) if len(points) else 0.0
    points[:, 3] = np.maximum(points[:, 3] * gain + offset * mean, 0)
    return replace(frame, points=points)


def augment(frame: Frame, config: AugmentationConfig, rng: np.random.Generator) -> Frame:
    """A random variation of a frame within the configured bounds."""

    def around(centre: float, share: float) -> float:
        return float(rng.uniform(centre - share, centre + share))

    flip = rng.random() < config.mirror
    frame = turn(frame, around(0, config.yaw))
    frame = resize_world(frame, around(1, config.scale))
    frame = recolour(frame, around(1, config.brightness), around(1, config.contrast), around(1, config.saturation))
    frame = change_intensity(frame, around(1, config.intensity_gain), around(0, config.intensity_offset))
    return mirror(frame) if flip else frame
