"""A camera's view: one grid for both sensors, and the way back to points and pixels."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.crop import Rows
from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.geometry.projection import Projection, nearest_points
from fm_ood_ros.geometry.visibility import sources, visible

Scalar = TypeVar("Scalar", np.uint8, np.float32)


class CameraView:
    """A grid over those rows of an image that the LiDAR covers.

    lens: of the image; size: (H, W) of the grid, the network's input; rows: [top, bottom) that must be covered

    The crop spans the image's width. It is heightened to the grid's aspect as far as the image reaches, so that
    shapes keep their proportions whenever they can.
    """

    def __init__(self, lens: Lens, size: tuple[int, int], rows: Rows) -> None:
        self.lens = lens
        self.size = size
        self.rows = rows
        self.top, self.bottom = _in_proportion(lens, size, rows)
        self.scale_u = size[1] / lens.width
        self.scale_v = size[0] / (self.bottom - self.top)

    def cells(self, uv: NDArray[np.float64]) -> NDArray[np.int32]:
        """Row-major cells [N] of pixels [N,2]; -1 outside the crop and for NaN."""
        with np.errstate(invalid="ignore"):
            inside = (uv[:, 0] >= -0.5) & (uv[:, 0] < self.lens.width - 0.5)
            inside &= (uv[:, 1] >= self.top - 0.5) & (uv[:, 1] < self.bottom - 0.5)
        some = np.flatnonzero(inside)
        height, width = self.size
        column = ((uv[some, 0] + 0.5) * self.scale_u).astype(np.int32)
        row = ((uv[some, 1] + 0.5 - self.top) * self.scale_v).astype(np.int32)
        cell = np.full(len(uv), -1, np.int32)
        cell[some] = np.minimum(row, height - 1) * width + np.minimum(column, width - 1)
        return cell

    def project(self, uv: NDArray[np.float64], distance: NDArray[np.float32], eye: float) -> Projection:
        """Where points fell that lie at pixels [N,2] (NaN for none) and distances [N] in metres from the camera.

        eye: metres from the ground up to the camera
        """
        cell = self.cells(uv)
        nearest = nearest_points(cell, distance, self.size[0] * self.size[1])
        nearest, closed = visible(distance, nearest, self.size, 1 / (self.lens.K[1, 1] * self.scale_v) / eye)
        return Projection(cell, distance, nearest, sources(cell, distance, nearest, closed, self.size))

    def camera_image(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The crop of an RGB image [h,w,3] uint8, scaled to the grid [H,W,3] uint8."""
        expected = (self.lens.height, self.lens.width, 3)
        if image.shape != expected:
            raise InputError(f"image is {image.shape}, expected {expected}; use the calibration of this image")
        crop = image[self.top : self.bottom]
        shrinks = crop.shape[0] > self.size[0] or crop.shape[1] > self.size[1]
        how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(crop, self.size[::-1], interpolation=how), np.uint8)

    def paste(self, grid: NDArray[Scalar], fill: float) -> NDArray[Scalar]:
        """A grid [H,W] laid back over the image [h,w]; `fill` outside the crop."""
        out = np.full((self.lens.height, self.lens.width), fill, grid.dtype)
        size = (self.lens.width, self.bottom - self.top)
        out[self.top : self.bottom] = cv2.resize(grid, size, interpolation=cv2.INTER_NEAREST_EXACT)
        return out


def _in_proportion(lens: Lens, size: tuple[int, int], rows: Rows) -> Rows:
    """The rows, heightened to the grid's aspect: first upwards, since things rise above the highest beam."""
    top, bottom = rows
    if not 0 <= top < bottom <= lens.height:
        raise InputError(f"rows {top} to {bottom} are no part of an image of {lens.height} rows; check the extrinsics")
    missing = max(0, round(lens.width * size[0] / size[1]) - (bottom - top))
    upwards = min(missing, top)
    return top - upwards, min(lens.height, bottom + missing - upwards)
