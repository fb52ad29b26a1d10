"""Which points the camera sees: LiDAR and camera stand apart, so that one looks behind what hides it from the other."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.geometry.projection import range_grid

HIDDEN_METRES = 0.4  # farther behind a nearer point than this: another surface
HIDDEN_SHARE = 0.03  # the same as a share of the range, since far surfaces are seen at a flat angle
REACH = 3  # cells around its own in which a hidden point looks for its surface
GAP_SHARE = 80  # percentile of the gaps between rings that the window spans
USUAL = 50  # percentile of the gaps that is usual
WIDEST = 16  # cells that it spans at most
ACROSS = 2  # cells to either side: a ring's points lie close together
OVERLAP = 0.75  # share of the gap below which a nearer edge reaches over what is behind it
CLEARLY_METRES, CLEARLY_SHARE = 1.0, 0.05  # nearer by so much, and by such a share of the range: another surface
ONE_SURFACE = 0.1  # share of the range within which what is above and below is one surface

Grid = NDArray[np.float32]


def tolerance_of(distance: NDArray[np.float32]) -> NDArray[np.float32]:
    """Metres by which ranges [..] may differ on one surface."""
    return np.asarray(np.maximum(np.float32(HIDDEN_METRES), np.float32(HIDDEN_SHARE) * distance))


def ring_gap(occupied: NDArray[np.bool_], share: float = GAP_SHARE) -> int:
    """Rows between neighbouring rings: how far a cell's neighbours above and below lie in a grid [H,W]."""
    height = occupied.shape[0]
    at = np.flatnonzero(occupied.T)
    gaps = np.diff(at)[at[1:] // height == at[:-1] // height]  # within a column
    gaps = gaps[gaps <= WIDEST]
    return int(np.ceil(np.percentile(gaps, share))) if len(gaps) else 1


def enclosed_cells(grid: Grid) -> NDArray[np.bool_]:
    """Cells [H,W] around which a nearer surface reaches: above and below, or left and right."""
    gap = ring_gap(np.isfinite(grid))
    bound = _behind(grid, tolerance_of(grid))
    hidden = np.zeros(grid.shape, bool)
    for reach in ((gap, 0), (0, ACROSS)):
        before, after = _nearest_beside(grid, *reach)
        with np.errstate(invalid="ignore"):
            one = np.abs(before - after) < np.maximum(1.0, ONE_SURFACE * np.minimum(before, after))
        hidden |= (before < bound) & (after < bound) & one
    return np.asarray(hidden & np.isfinite(grid))


def nearer_sides(grid: Grid) -> NDArray[np.uint8]:
    """On how many sides of each cell [H,W], within the gap between most rings, something clearly nearer lies."""
    gap = ring_gap(np.isfinite(grid), USUAL)
    bound = _behind(grid, np.maximum(np.float32(CLEARLY_METRES), np.float32(CLEARLY_SHARE) * grid))
    sides = np.zeros(grid.shape, np.uint8)
    for side in (*_nearest_beside(grid, gap, 0, across=gap - 1), *_nearest_beside(grid, 0, gap, across=(gap - 1) // 2)):
        sides += side < bound
    return sides


def overlapped_cells(grid: Grid, steepness: float) -> NDArray[np.bool_]:
    """Cells [H,W] over which the edge of a much nearer surface reaches, from above or below.

    Seen from the LiDAR both would be a whole gap apart.
    steepness: radians a row / metres from the ground up to the camera: flat ground recedes by so much a row, times
        the square of its range
    """
    gap = ring_gap(np.isfinite(grid))
    rows = max(1, int(OVERLAP * gap))
    bound = _behind(grid, np.maximum(tolerance_of(grid), _recession(grid, gap, steepness)))
    before, after = _nearest_beside(grid, rows, 0, across=1)
    return np.asarray(((before < bound) | (after < bound)) & np.isfinite(grid))


def _recession(grid: Grid, rows: float, steepness: float) -> Grid:
    """Metres by which flat ground recedes over so many rows."""
    return np.asarray(np.float32(rows * steepness) * grid * grid)


def _behind(grid: Grid, tolerance: Grid) -> Grid:
    with np.errstate(invalid="ignore"):
        return np.asarray(grid - tolerance)  # NaN where empty, which nothing is nearer than


def _nearest_beside(grid: Grid, down: int, right: int, across: int = 0) -> tuple[Grid, Grid]:
    """The smallest range within so many cells before and after every cell, down or to the right.

    across: cells to either side of that way which belong to it
    """
    kernel, anchor = np.ones((down + 1, 1 + 2 * across), np.uint8), (across, 0)
    if right:
        kernel, anchor = np.ones((1 + 2 * across, right + 1), np.uint8), (0, across)
    kernel[(slice(None), 0) if right else (0, slice(None))] = 0  # its own row or column
    other = kernel.shape[1] - 1 - anchor[0], kernel.shape[0] - 1 - anchor[1]
    return _smallest(grid, kernel[::-1, ::-1].copy(), other), _smallest(grid, kernel, anchor)


def _smallest(grid: Grid, kernel: NDArray[np.uint8], anchor: tuple[int, int]) -> Grid:
    least = cv2.erode(grid, kernel, anchor=anchor, borderType=cv2.BORDER_CONSTANT, borderValue=np.inf)
    return np.asarray(least, np.float32)


def visible(
    distance: NDArray[np.float32], nearest: NDArray[np.int32], size: tuple[int, int], steepness: float
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """The nearest points [H*W] again without those that something nearer hides; which are hidden beyond doubt [H*W]."""
    grid = range_grid(distance, nearest, size)
    overlapped = overlapped_cells(grid, steepness)
    sides = nearer_sides(grid)
    closed = enclosed_cells(grid) | (sides >= 3) | (overlapped & (sides >= 2))
    hidden = (closed | overlapped).reshape(-1)
    return np.where(hidden, -1, nearest).astype(np.int32), closed.reshape(-1) & (nearest >= 0)


def sources(
    cell: NDArray[np.int32],
    distance: NDArray[np.float32],
    nearest: NDArray[np.int32],
    closed: NDArray[np.bool_],
    size: tuple[int, int],
) -> NDArray[np.int32]:
    """The cells whose verdict points [N] take: their own, or where it shows another surface a neighbour of like range.

    nearest: visible points; closed: [H*W] cells hidden beyond doubt
    A point in such a cell, or without such a neighbour, keeps -1: its surface is not seen, so nobody judges it.
    """
    source = cell.copy()
    inside = np.flatnonzero(cell >= 0)
    grid = range_grid(distance, nearest, size)
    front = grid.reshape(-1)[cell[inside]]
    tolerance = tolerance_of(distance[inside])
    source[closed[cell]] = -1
    apart = (
        ~(np.abs(distance[inside] - front) <= tolerance) & ~closed[cell[inside]]
    )  # also where the cell shows nothing
    behind = inside[apart]
    if len(behind):
        source[behind] = _like_range(cell[behind], distance[behind], tolerance[apart], grid)
    return source


def _like_range(
    cell: NDArray[np.int32], wanted: NDArray[np.float32], tolerance: NDArray[np.float32], grid: Grid
) -> NDArray[np.int32]:
    """The neighbouring cell [M] whose nearest point is most alike in range, -1 beyond the tolerance."""
    width = grid.shape[1]
    padded = np.pad(grid, REACH, constant_values=np.inf)
    steps = np.arange(-REACH, REACH + 1)
    dv, du = (s.reshape(-1) for s in np.meshgrid(steps, steps, indexing="ij"))
    row, column = cell // width, cell % width
    at = (row[:, None] + dv + REACH) * padded.shape[1] + column[:, None] + du + REACH
    apart = np.abs(padded.reshape(-1)[at] - wanted[:, None])
    # among like ranges the closer cell is the likelier surface
    best = np.argmin(apart / tolerance[:, None] + 0.15 * np.hypot(du, dv), axis=1)
    found = apart[np.arange(len(best)), best] <= tolerance
    return np.where(found, cell + dv[best] * width + du[best], -1).astype(np.int32)
