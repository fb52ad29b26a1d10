"""Variations of a frame that stay true: whatever moves the image, points or LiDAR moves the calibration with it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.frame import Frame, View
from fm_ood_ros.geometry.ground import Plane
from training.data.settings import AugmentationConfig

GREY = np.array([0.299, 0.587, 0.114])  # luma of ITU-R BT.601


def mirror(frame: Frame) -> Frame:
    """The left-right mirrored world."""
    points = frame.points.copy()
    points[:, 1] *= -1
    return replace(frame, points=points, views=tuple(_mirrored(view) for view in frame.views))


def _mirrored(view: View) -> View:
    return View(np.asarray(cv2.flip(view.image, 1), np.uint8), view.calibration.mirrored())


def resize_world(frame: Frame, factor: float) -> Frame:
    """All distances times a factor, the one between the sensors too: the same pixels."""
    points = frame.points.copy()
    points[:, :3] *= np.float32(factor)
    return replace(frame, points=points, views=tuple(_moved_apart(view, factor) for view in frame.views))


def _moved_apart(view: View, factor: float) -> View:
    T = view.calibration.T_camera_lidar.copy()
    T[:3, 3] *= factor
    return replace(view, calibration=replace(view.calibration, T_camera_lidar=T))


def recolour(frame: Frame, brightness: float, contrast: float, saturation: float) -> Frame:
    """Colours times brightness, spread about the image's mean by contrast, about their grey by saturation."""
    return replace(
        frame,
        views=tuple(replace(v, image=_recoloured(v.image, brightness, contrast, saturation)) for v in frame.views),
    )


def _recoloured(image: NDArray[np.uint8], brightness: float, contrast: float, saturation: float) -> NDArray[np.uint8]:
    mean = np.array(cv2.mean(image)[:3]) @ GREY
    mix = saturation * np.eye(3) + (1 - saturation) * np.tile(GREY, (3, 1))
    offset = np.full((3, 1), (1 - contrast) * mean * brightness)
    return np.asarray(cv2.transform(image, np.hstack([brightness * contrast * mix, offset])), np.uint8)


def vary_ground(plane: Plane, config: AugmentationConfig, rng: np.random.Generator) -> Plane:
    """The ground as it would be measured a little wrong: tilted about both axes, higher or lower."""
    forward, right = np.radians(rng.uniform(-config.tilt, config.tilt, 2))
    normal = plane.normal + np.array([right, 0.0, forward])
    height = plane.height + float(rng.uniform(-config.height, config.height))
    return Plane(normal / np.linalg.norm(normal), max(0.1, height))


def vary_intensity(
    lidar: NDArray[np.generic], largest: float, config: AugmentationConfig, rng: np.random.Generator
) -> NDArray[np.float32]:
    """A LiDAR image [5,H,W] with its scaled intensities times a gain and plus an offset, or without any."""
    image = np.array(lidar, np.float32)
    gain = rng.uniform(1 - config.intensity_gain, 1 + config.intensity_gain)
    offset = rng.uniform(-config.intensity_offset, config.intensity_offset)
    if rng.random() < config.intensity_missing:
        gain = offset = 0.0
    occupied = image[0] > 0
    image[4, occupied] = np.clip(image[4, occupied] * gain + offset, 0, largest)
    return image


def augment(frame: Frame, config: AugmentationConfig, rng: np.random.Generator) -> Frame:
    """A random variation of a frame within the configured bounds."""

    def around(centre: float, share: float) -> float:
        return float(rng.uniform(centre - share, centre + share))

    flip = rng.random() < config.mirror
    frame = resize_world(frame, around(1, config.scale))
    frame = recolour(frame, around(1, config.brightness), around(1, config.contrast), around(1, config.saturation))
    return mirror(frame) if flip else frame
