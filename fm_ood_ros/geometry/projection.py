"""From points to cells of a grid, and the nearest point of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EMPTY = np.uint64(2**64 - 1)


@dataclass(frozen=True)
class Projection:
    """Where every point of a cloud fell.

    cell: [N] int32, row-major cell of each point, -1 when outside the view or the limits
    range: [N] float32, metres from the camera
    nearest: [H*W] int32, index of each cell's nearest point, -1 when it is empty or shows another surface
    source: [N] int32, the cell whose verdict the point takes, -1 when there is none
    """

    cell: NDArray[np.int32]
    range: NDArray[np.float32]
    nearest: NDArray[np.int32]
    source: NDArray[np.int32]


def nearest_points(cell: NDArray[np.int32], distance: NDArray[np.float32], cells: int) -> NDArray[np.int32]:
    """Index [cells] of each cell's nearest point, -1 when empty (z-buffer); of equally near ones the first.

    Distances are 0 or more, so that their bits sort as they do; the index rides in the lower half.
    """
    inside = np.flatnonzero(cell >= 0)
    keys = distance[inside].astype(np.float32).view(np.uint32).astype(np.uint64) << np.uint64(32)
    keys |= inside.astype(np.uint64)
    best = np.full(cells, EMPTY)
    np.minimum.at(best, cell[inside], keys)
    return np.where(best == EMPTY, -1, best & np.uint64(0xFFFFFFFF)).astype(np.int32)


def range_grid(distance: NDArray[np.float32], nearest: NDArray[np.int32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Range [H,W] of each cell's nearest point, infinite where empty."""
    grid = np.full(nearest.size, np.inf, np.float32)
    occupied = nearest >= 0
    grid[occupied] = distance[nearest[occupied]]
    return grid.reshape(size)
