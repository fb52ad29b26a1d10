"""Labels of points from a semantic image: what the pixel shows, where the camera sees the point."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.projection import nearest_points
from fm_ood_ros.geometry.view import CameraView
from training.data.readers.files import read_image

UNLABELLED = 0
CELL = 8  # pixels: points this near to each other are compared for which hides which
HIDDEN = 1.05  # times the nearest distance of the cell


def labels_from_pixels(
    path: Path,
    points: NDArray[np.float32],
    calibration: Calibration,
    palette: Sequence[Sequence[int]],
    tolerance: float,
) -> NDArray[np.uint16]:
    """Raw ids [N] of points: of the palette's colour (rows of R, G, B, id) at their pixel within the tolerance.

    0 outside the image, behind something nearer, and where the colour is none of the palette's.
    Raises InputError naming the file when it has another size than the camera's image.
    """
    shown = read_image(path)
    lens = calibration.lens
    if shown.shape[:2] != (lens.height, lens.width):
        raise InputError(
            f"{path} is {shown.shape[1]}x{shown.shape[0]}, expected {lens.width}x{lens.height} as the "
            "camera's image; take the label image of the same camera"
        )
    seen = _seen(points, calibration)
    uv, _ = calibration.project(points[seen])
    column, row = np.clip(np.rint(uv).astype(int), 0, [lens.width - 1, lens.height - 1]).T
    labels = np.full(len(points), UNLABELLED, np.uint16)
    labels[seen] = nearest_colour(shown[row, column], palette, tolerance)
    return labels


def nearest_colour(
    colours: NDArray[np.uint8], palette: Sequence[Sequence[int]], tolerance: float
) -> NDArray[np.uint16]:
    """Ids [N] of the palette's nearest colours to colours [N,3]; 0 where it is farther than the tolerance."""
    table = np.array(palette, np.int32)
    squared = ((colours[:, None].astype(np.int32) - table[None, :, :3]) ** 2).sum(2)
    nearest = squared.argmin(1)
    near = squared[np.arange(len(colours)), nearest] <= tolerance**2
    return np.where(near, table[nearest, 3], UNLABELLED).astype(np.uint16)


def _seen(points: NDArray[np.float32], calibration: Calibration) -> NDArray[np.intp]:
    """Points in the image that nothing of their cell hides."""
    lens, size = calibration.lens, (calibration.lens.height // CELL, calibration.lens.width // CELL)
    uv, _ = calibration.project(points)
    cell = CameraView(lens, size, (0, lens.height)).cells(uv)
    T = calibration.T_camera_lidar
    distance = np.linalg.norm(points[:, :3] @ T[:3, :3].T + T[:3, 3], axis=1).astype(np.float32)
    inside = np.flatnonzero(cell >= 0)
    first = distance[nearest_points(cell, distance, size[0] * size[1])[cell[inside]]]
    return np.asarray(inside[distance[inside] <= HIDDEN * first])
