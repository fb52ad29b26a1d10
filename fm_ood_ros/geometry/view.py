"""The camera's view of the LiDAR: one grid for both sensors, and the way back to the points."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.projection import Projection, nearest_points, settle_hidden

Scalar = TypeVar("Scalar", np.uint8, np.float32)

MIN_DEPTH = 0.1  # metres before the camera's optical centre
WHOLE_SPHERE = (-90.0, 90.0)


def lidar_elevation(points: NDArray[np.float32]) -> tuple[float, float]:
    """Lowest and highest elevation in degrees that a cloud [N,>=3] (LiDAR frame, metres) covers.

    The outermost 0.2 % on either side are left out as stray returns. Raises InputError without finite points.
    """
    with np.errstate(invalid="ignore"):
        flat = np.hypot(points[:, 0], points[:, 1])
        elevation = np.degrees(np.arctan2(points[:, 2], flat))
        elevation = elevation[np.isfinite(elevation) & (flat > 1.0)]
    if not len(elevation):
        raise InputError("the cloud has no finite point beyond one metre; its elevation cannot be measured from it")
    low, high = np.percentile(elevation, (0.2, 99.8))
    return float(low), float(high)


class CameraView:
    """A grid over the part of the raw image that the LiDAR covers.

    calibration: of the raw image
    size: (H, W) of the grid, the network's input
    elevation: lowest and highest elevation of the LiDAR in degrees; it bounds the crop

    The crop spans the image's width and the rows between the elevations. It is widened to the grid's
    aspect as far as the image reaches, so that shapes keep their proportions whenever they can.
    """

    def __init__(
        self,
        calibration: Calibration,
        size: tuple[int, int],
        elevation: tuple[float, float] = WHOLE_SPHERE,
    ) -> None:
        self.calibration = calibration
        self.size = size
        self.elevation = elevation
        self.top, self.bottom = _crop_rows(calibration, size, elevation)
        self.scale_u = size[1] / calibration.width
        self.scale_v = size[0] / (self.bottom - self.top)

    def project(self, points: NDArray[np.float32]) -> Projection:
        """Cells of points [N,>=3] float32 (LiDAR frame, metres); non-finite points fall outside."""
        with np.errstate(invalid="ignore", over="ignore"):
            x, y, z = points[:, 0], points[:, 1], points[:, 2]
            distance = np.sqrt(x * x + y * y + z * z)
            forward = self.calibration.T_camera_lidar[2].astype(np.float32)
            depth = x * forward[0] + y * forward[1] + z * forward[2] + forward[3]
            front = np.flatnonzero((depth > MIN_DEPTH) & np.isfinite(distance))
        uv, _ = self.calibration.project(points[front])
        inside = (uv[:, 0] >= -0.5) & (uv[:, 0] < self.calibration.width - 0.5)
        inside &= (uv[:, 1] >= self.top - 0.5) & (uv[:, 1] < self.bottom - 0.5)
        height, width = self.size
        column = ((uv[inside, 0] + 0.5) * self.scale_u).astype(np.int32)
        row = ((uv[inside, 1] + 0.5 - self.top) * self.scale_v).astype(np.int32)
        cell = np.full(len(points), -1, np.int32)
        cell[front[inside]] = np.minimum(row, height - 1) * width + np.minimum(column, width - 1)
        nearest = nearest_points(cell, distance, height * width)
        return Projection(cell, distance, nearest, settle_hidden(cell, distance, nearest, self.size))

    def lidar_image(self, points: NDArray[np.float32], projection: Projection) -> NDArray[np.float32]:
        """Range, x, y, z (metres), intensity [5,H,W] float32 of each cell's nearest point; zeros where empty."""
        occupied = projection.nearest >= 0
        index = projection.nearest[occupied]
        image = np.zeros((5, projection.nearest.size), np.float32)
        image[0, occupied] = projection.range[index]
        image[1:, occupied] = points[index, :4].T
        image[4, ~np.isfinite(image[4])] = 0.0  # a broken intensity must not spoil its neighbourhood
        return image.reshape(5, *self.size)

    def camera_image(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The crop of a raw RGB image [h,w,3] uint8, scaled to the grid [H,W,3] uint8."""
        expected = (self.calibration.height, self.calibration.width, 3)
        if image.shape != expected:
            raise InputError(f"image is {image.shape}, expected {expected}; use the calibration of this image")
        crop = image[self.top : self.bottom]
        shrinks = crop.shape[0] > self.size[0] or crop.shape[1] > self.size[1]
        how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(crop, self.size[::-1], interpolation=how), np.uint8)

    def lift(self, grid: NDArray[Scalar], projection: Projection, fill: float) -> NDArray[Scalar]:
        """Values [N] of a grid [H,W] at the points; `fill` where a point has no verdict."""
        flat = np.append(grid.reshape(-1), np.asarray(fill, grid.dtype))
        return flat[projection.source]  # -1 is the last entry: the fill

    def paste(self, grid: NDArray[Scalar], fill: float) -> NDArray[Scalar]:
        """A grid [H,W] laid back over the raw image [h,w]; `fill` outside the crop."""
        calibration = self.calibration
        out = np.full((calibration.height, calibration.width), fill, grid.dtype)
        size = (calibration.width, self.bottom - self.top)
        out[self.top : self.bottom] = cv2.resize(grid, size, interpolation=cv2.INTER_NEAREST_EXACT)
        return out


def _crop_rows(calibration: Calibration, size: tuple[int, int], elevation: tuple[float, float]) -> tuple[int, int]:
    """First and last-but-one row of the crop."""
    top, bottom = _covered_rows(calibration, elevation)
    missing = max(0, round(calibration.width * size[0] / size[1]) - (bottom - top))
    upwards = min(missing, top)  # first upwards: things rise above the highest beam
    return top - upwards, min(calibration.height, bottom + missing - upwards)


def _covered_rows(calibration: Calibration, elevation: tuple[float, float]) -> tuple[int, int]:
    """Rows of the raw image between which beams of these elevations fall, from 3 m to far away.

    Pinhole rows: a lens draws them towards the centre, so that the crop is rather too large than too small.
    """
    low = _pinhole_rows(calibration, elevation[0])
    high = _pinhole_rows(calibration, elevation[1])
    top = int(np.clip(np.floor(high.min()), 0, calibration.height)) if len(high) else 0
    bottom = int(np.clip(np.ceil(low.max()), 0, calibration.height)) if len(low) else calibration.height
    if bottom - top < 2:
        raise InputError(
            f"a LiDAR from {elevation[0]:.1f} to {elevation[1]:.1f} degrees covers no row of the image; "
            "check the extrinsics and the elevation"
        )
    return top, bottom


def _pinhole_rows(calibration: Calibration, elevation: float) -> NDArray[np.float64]:
    """Rows of those rays of one elevation that fall between the image's left and right edge."""
    azimuth = np.radians(np.arange(-180.0, 180.0))
    e = np.radians(elevation)
    ray = np.stack([np.cos(e) * np.cos(azimuth), np.cos(e) * np.sin(azimuth), np.full_like(azimuth, np.sin(e))], 1)
    rays = np.concatenate([ray * 3.0, ray * 100.0])
    T, K = calibration.T_camera_lidar, calibration.K
    x, y, z = T[:3, :3] @ rays.T + T[:3, 3:]
    front = z > MIN_DEPTH
    u = K[0, 0] * x[front] / z[front] + K[0, 2]
    v = K[1, 1] * y[front] / z[front] + K[1, 2]
    return np.asarray(v[(u >= 0) & (u < calibration.width)])
