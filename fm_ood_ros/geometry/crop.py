"""Which rows of an image the LiDAR covers: from the model until several clouds agree on better ones."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.geometry.mount import Mount

Rows = tuple[int, int]

STRAY = 0.2  # percent of the points on either side that may be stray returns
FEWEST = 500  # points within the image's columns; fewer do not tell how far up and down a LiDAR looks
CLOUDS, AGREEING = 9, 5  # of the last clouds, how many must agree
ALIKE = 0.05  # of the image's height: rows nearer than this agree


def expected_rows(lens: Lens, mount: Mount, elevation: tuple[float, float]) -> Rows:
    """Rows [top, bottom) of the image between two elevations (degrees above the horizon, seen from the camera).

    Raises InputError when the image shows nothing between them.
    """
    low, high = (_rows_at(lens, mount, e) for e in elevation)
    top = int(np.floor(high.min())) if len(high) else 0
    bottom = int(np.ceil(low.max())) + 1 if len(low) else lens.height
    rows = max(0, top), min(lens.height, bottom)
    if rows[1] - rows[0] < 2:
        raise InputError(
            f"a LiDAR from {elevation[0]:.1f} to {elevation[1]:.1f} degrees covers no row of the image; "
            "check the extrinsics"
        )
    return rows


def _rows_at(lens: Lens, mount: Mount, elevation: float) -> NDArray[np.float64]:
    """Rows of those rays of one elevation that fall between the image's left and right edge."""
    azimuth, e = np.radians(np.arange(-180.0, 180.0)), np.radians(elevation)
    rays = np.stack([np.cos(e) * np.cos(azimuth), np.cos(e) * np.sin(azimuth), np.full_like(azimuth, np.sin(e))], 1)
    uv = lens.project(rays @ mount.T[:3, :3])
    with np.errstate(invalid="ignore"):
        return np.asarray(uv[(uv[:, 0] >= 0) & (uv[:, 0] < lens.width), 1])


def covered_rows(v: NDArray[np.float64], height: int) -> Rows | None:
    """Rows [top, bottom) of points at rows v [N] in an image's columns, without stray ones; None for too few."""
    if len(v) < FEWEST:
        return None
    low, high = np.percentile(v, (STRAY, 100 - STRAY))
    top, bottom = max(0, int(np.floor(low))), min(height, int(np.ceil(high)) + 1)
    return (top, bottom) if bottom - top >= 2 else None


class Crop:
    """The rows of one camera's image that go into the network.

    clouds, agreeing: how many of the last clouds must agree on other rows before they are taken
    rows: None until enough clouds agreed

    A partial or strange cloud thus changes nothing, and a change that stays is followed.
    """

    def __init__(self, height: int, clouds: int = CLOUDS, agreeing: int = AGREEING) -> None:
        self._height = height
        self._agreeing = agreeing
        self._seen: deque[Rows] = deque(maxlen=clouds)
        self.rows: Rows | None = None

    def update(self, v: NDArray[np.float64]) -> None:
        """Takes the rows [N] of one cloud's points that lie within the image's columns, above and below it too."""
        rows = covered_rows(v, self._height)
        if rows is None:
            return
        self._seen.append(rows)
        seen = np.array(self._seen)
        middle = np.median(seen, axis=0)
        agree = (np.abs(seen - middle) <= ALIKE * self._height).all(1)
        new = self.rows is None or (np.abs(middle - self.rows) > ALIKE * self._height).any()
        if new and agree.sum() >= self._agreeing:
            top, bottom = np.median(seen[agree], axis=0)
            self.rows = int(np.floor(top)), int(np.ceil(bottom))
