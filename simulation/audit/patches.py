"""Raw patches around points: colours of the image and ranges of the cloud."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.frame import Frame

STEP, SIDE = 3, 7  # pixels between the samples of a patch, samples along its side
FILL = 9  # pixels within which an empty cell of the range image takes the nearest surface
RANGE_SCALE = 4.0  # metres of depth that count as much as the whole scale of a colour


def patches(
    frame: Frame, index: NDArray[np.int64], pixel: NDArray[np.int64], some: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Patches [S,SIDE*SIDE*4] around rows `some` of the points in view (index [M], pixel [M,2] u v).

    A patch holds RGB in [0,1] and the depth behind its centre over RANGE_SCALE, clipped to [-1,1], on a coarse grid.
    """
    distance = np.linalg.norm(frame.points[index, :3], axis=1).astype(np.float32)
    ranges = range_image(frame.views[0].image.shape[:2], pixel, distance)
    offset = STEP * (np.arange(SIDE) - SIDE // 2)
    margin = STEP * (SIDE // 2)
    v = pixel[some, 1, None, None] + offset[:, None] + margin
    u = pixel[some, 0, None, None] + offset[None, :] + margin
    color = cv2.copyMakeBorder(
        cv2.blur(frame.views[0].image, (STEP, STEP)), margin, margin, margin, margin, cv2.BORDER_REPLICATE
    )[v, u]
    depth = (
        cv2.copyMakeBorder(ranges, margin, margin, margin, margin, cv2.BORDER_REPLICATE)[v, u]
        - distance[some, None, None]
    )
    depth = np.clip(depth / RANGE_SCALE, -1, 1)
    return np.concatenate([color / np.float32(255), depth[..., None]], -1).reshape(len(some), -1).astype(np.float32)


def range_image(shape: tuple[int, int], pixel: NDArray[np.int64], distance: NDArray[np.float32]) -> NDArray[np.float32]:
    """Ranges [H,W] of the nearest point around each pixel; where there is none, as far as anything is clipped."""
    ranges = np.full(shape, np.inf, np.float32)
    np.minimum.at(ranges, (pixel[:, 1], pixel[:, 0]), distance)
    filled = cv2.erode(ranges, np.ones((FILL, FILL), np.uint8))
    return np.where(np.isfinite(ranges), ranges, np.where(np.isfinite(filled), filled, np.float32(1e3)))
