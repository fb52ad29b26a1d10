"""How large the surface is that a point lies on, seen from the points alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
NEIGHBOURS = 8
GAP = (0.25, 0.015)  # metres, and metres per metre of range, that two neighbours of one surface lie apart at most
CELL, CLEAR = 1.0, 0.25  # metres: side of a cell of the ground's map, height above it from which a point is not ground


def surface_sizes(points: Floats) -> NDArray[np.float32]:
    """Diagonal and height [N,2] in metres of the box around each point's connected surface; points [N,3+].

    Neighbours in direction are connected where they lie close together and are both ground or both not, so that
    things come off the ground they stand on; ground is what is low among the points of its square metres.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    xyz = np.asarray(points[:, :3], np.float64)
    first, second = _neighbours(xyz)
    distance = np.linalg.norm(xyz, axis=1)
    near = np.linalg.norm(xyz[first] - xyz[second], axis=1) < GAP[0] + GAP[1] * distance[first]
    ground = on_ground(xyz)
    kept = near & (ground[first] == ground[second])
    edges = coo_matrix((np.ones(kept.sum(), bool), (first[kept], second[kept])), shape=(len(xyz), len(xyz)))
    count, surface = connected_components(edges, directed=False)
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, surface, xyz)
    np.maximum.at(high, surface, xyz)
    extent = high - low
    return np.stack([np.linalg.norm(extent, axis=1), extent[:, 2]], 1)[surface].astype(np.float32)


def _neighbours(xyz: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs [E] of points that are near each other in direction."""
    from scipy.spatial import cKDTree

    direction = xyz / np.linalg.norm(xyz, axis=1, keepdims=True)
    _, index = cKDTree(direction).query(direction, min(NEIGHBOURS + 1, len(xyz)))
    return np.repeat(np.arange(len(xyz)), index.shape[1] - 1), index[:, 1:].reshape(-1)


def on_ground(xyz: Floats) -> NDArray[np.bool_]:
    """Which points [N] lie little above the lowest of their own and the eight cells around."""
    cell = np.floor(xyz[:, :2] / CELL).astype(np.int64)
    cell -= cell.min(0) - 1
    lowest = np.full(cell.max(0) + 2, np.inf)
    np.minimum.at(lowest, tuple(cell.T), xyz[:, 2])
    around = [lowest[cell[:, 0] + i, cell[:, 1] + j] for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return np.asarray(xyz[:, 2] - np.min(around, axis=0) < CLEAR)
