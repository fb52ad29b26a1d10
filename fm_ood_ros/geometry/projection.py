"""From points to cells of a grid: the nearest of each cell, and whose verdict a hidden point takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HIDDEN_METRES = 0.4  # farther behind the nearest point of its cell than this: another surface
HIDDEN_SHARE = 0.03  # the same as a share of the range, since far surfaces are seen at a flat angle
REACH = 3  # cells around its own in which a hidden point looks for its surface


@dataclass(frozen=True)
class Projection:
    """Where every point of a cloud fell.

    cell: [N] int32, row-major cell of each point, -1 when outside the view
    range: [N] float32, metres from the LiDAR
    nearest: [H*W] int32, index of each cell's nearest point, -1 when empty
    source: [N] int32, the cell whose verdict the point takes, -1 when there is none
    """

    cell: NDArray[np.int32]
    range: NDArray[np.float32]
    nearest: NDArray[np.int32]
    source: NDArray[np.int32]


def nearest_points(cell: NDArray[np.int32], distance: NDArray[np.float32], cells: int) -> NDArray[np.int32]:
    """Index [cells] of each cell's nearest point, -1 when empty (z-buffer)."""
    inside = np.flatnonzero(cell >= 0)
    far_to_near = inside[np.argsort(-distance[inside], kind="stable")]
    nearest = np.full(cells, -1, np.int32)
    nearest[cell[far_to_near]] = far_to_near  # the last write wins: the nearest point
    return nearest


def settle_hidden(
    cell: NDArray[np.int32],
    distance: NDArray[np.float32],
    nearest: NDArray[np.int32],
    size: tuple[int, int],
) -> NDArray[np.int32]:
    """Source cells [N]: the own cell, or for points hidden behind another surface the neighbour of like range.

    A hidden point without such a neighbour keeps -1: nobody has seen its surface, so nobody judges it.
    """
    source = cell.copy()
    inside = np.flatnonzero(cell >= 0)
    front = distance[nearest[cell[inside]]]
    tolerance = np.maximum(HIDDEN_METRES, HIDDEN_SHARE * distance[inside])
    behind = distance[inside] - front > tolerance
    hidden = inside[behind]
    if len(hidden):
        source[hidden] = _like_range(cell[hidden], distance[hidden], tolerance[behind], distance, nearest, size)
    return source


def _like_range(
    cell: NDArray[np.int32],
    wanted: NDArray[np.float32],
    tolerance: NDArray[np.float32],
    distance: NDArray[np.float32],
    nearest: NDArray[np.int32],
    size: tuple[int, int],
) -> NDArray[np.int32]:
    """The neighbouring cell [M] whose nearest point is most alike in range, -1 beyond the tolerance."""
    height, width = size
    padded = np.full((height + 2 * REACH, width + 2 * REACH), np.inf, np.float32)
    occupied = nearest >= 0
    grid = np.full(height * width, np.inf, np.float32)
    grid[occupied] = distance[nearest[occupied]]
    padded[REACH:-REACH, REACH:-REACH] = grid.reshape(height, width)
    steps = np.arange(-REACH, REACH + 1)
    dv, du = (s.reshape(-1) for s in np.meshgrid(steps, steps, indexing="ij"))
    row, column = cell // width, cell % width
    at = (row[:, None] + dv + REACH) * padded.shape[1] + column[:, None] + du + REACH
    apart = np.abs(padded.reshape(-1)[at] - wanted[:, None])
    # among like ranges the closer cell is the likelier surface
    best = np.argmin(apart / tolerance[:, None] + 0.15 * np.hypot(du, dv), axis=1)
    found = apart[np.arange(len(best)), best] <= tolerance
    return np.where(found, cell + dv[best] * width + du[best], -1).astype(np.int32)
