"""The ground before a camera: a plane under most of what lies low, found the same in whatever frame a cloud is sent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

UP = np.array([0.0, -1.0, 0.0])  # of a level camera, in its optical frame
NEAREST, FARTHEST = 2.0, 25.0  # metres: ground beyond is hardly hit and bends with the street
BELOW = 0.3  # metres below the camera at which ground may begin
ROUGH, SUNK = 0.15, 0.25  # metres about and below the plane: ground is rough, but hardly anything lies under it
LOWEST, HIGHEST = 0.4, 6.0  # metres that a camera may be above the ground
STEEPEST = np.cos(np.radians(15.0))  # a camera looks along the street, or is told how it is mounted
ENOUGH = 100  # points on the plane
SUPPORT, UNDER = 0.2, 0.1  # least share of the low points on the plane, largest share under it
PATCH, UPRIGHT = 0.5, 0.07  # metres: width of a patch of ground, spread of heights in it that only walls have
TRIPLES = 80  # planes tried
FEWEST_TAKEN = 4000  # points that the ground is taken from, up to twice as many
SCORED = 4  # one in so many of them tries the planes
HASH = np.uint32(2654435761)  # Knuth's multiplicative hash: spreads a cloud's indices


@dataclass(frozen=True)
class Plane:
    """The ground in a camera's optical frame: unit normal [3] that points up, and the camera's height in metres."""

    normal: Vector
    height: float


def tilted_plane(height: float, pitch: float, roll: float) -> Plane:
    """The ground under a camera that looks down by `pitch` and leans to its right by `roll` (degrees)."""
    p, r = np.radians([pitch, roll])
    return Plane(np.array([-np.sin(r) * np.cos(p), -np.cos(r) * np.cos(p), -np.sin(p)]), height)


def ground_plane(xyz: NDArray[np.float32], distance: NDArray[np.float32]) -> Plane | None:
    """The ground of points [N,3] at distances [N] (optical frame, metres), or None where none can be trusted.

    Which points are tried depends on their place in the cloud alone: one point more or less moves next to nothing.
    """
    with np.errstate(invalid="ignore"):
        low = (distance > NEAREST) & (distance < FARTHEST) & (xyz[:, 2] > 0) & (xyz[:, 1] > BELOW)
    index = np.flatnonzero(low)
    if len(index) < ENOUGH:
        return None
    end = 2**32 >> max(0, int(np.log2(len(index) / FEWEST_TAKEN)))  # halves: one point more hardly ever moves it
    order = index.astype(np.uint32) * HASH
    chosen = order < end
    points, order = xyz.T[:, index[chosen]].astype(np.float64).T, order[chosen]
    normals, heights = _planes(_corners(points, order, end))
    if not len(heights):
        return None
    above = points[order < end // SCORED] @ normals.T + heights
    best = ((np.abs(above) < ROUGH).sum(0) - 2.0 * (above < -SUNK).sum(0)).argmax()
    return _refined(Plane(normals[best], float(heights[best])), points)


def _corners(points: Vector, order: NDArray[np.uint32], end: int) -> Vector:
    """[T,3,3] triples of points: of each of 3 T classes of order, up to `end`, the first; NaN for an empty class."""
    by_class = np.argsort(order)
    bounds = np.linspace(0, end, 3 * TRIPLES + 1)
    first = np.searchsorted(order[by_class], bounds)
    corners = np.full((3 * TRIPLES, 3), np.nan)
    filled = first[:-1] < first[1:]
    corners[filled] = points[by_class[first[:-1][filled]]]
    return corners.reshape(3, TRIPLES, 3).transpose(1, 0, 2)


def _planes(corners: Vector) -> tuple[Vector, Vector]:
    """Normals [P,3] and heights [P] of the planes through triples of points that may be a ground."""
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    with np.errstate(invalid="ignore", divide="ignore"):
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        normal *= np.sign(normal @ UP)[:, None]
        height = -(normal * corners[:, 0]).sum(1)
        possible = (normal @ UP > STEEPEST) & (height > LOWEST) & (height < HIGHEST)
    return normal[possible], height[possible]


def _refined(plane: Plane, points: Vector) -> Plane | None:
    """The plane through all points about it, and the check that it is a ground."""
    above = points @ plane.normal + plane.height
    for _ in range(4):
        near = (np.abs(above) < ROUGH).astype(np.float64)  # as weights: faster than to pick them
        if near.sum() < ENOUGH:
            return None
        centre = near @ points / near.sum()
        apart = (points - centre) * near[:, None]
        normal = np.linalg.eigh(apart.T @ apart)[1][:, 0]
        normal = normal * np.sign(normal @ UP)
        plane = Plane(normal, -float(normal @ centre))
        above = points @ plane.normal + plane.height
    on, under = (np.abs(above) < ROUGH).mean(), (above < -SUNK).mean()
    possible = plane.normal @ UP > STEEPEST and LOWEST < plane.height < HIGHEST
    trusted = possible and on > SUPPORT and under < UNDER and _spread(points, above) < UPRIGHT
    return plane if trusted else None


def _spread(points: Vector, above: Vector) -> float:
    """Metres by which the heights [N] of points [N,3] on a plane differ within a patch of it (standard deviation).

    A slice of a wall is as thick as it is cut, wherever it is looked at.
    """
    on = np.abs(above) < ROUGH
    across, along = np.floor((points[on][:, [0, 2]] + [FARTHEST, 0]) / PATCH).astype(np.int64).T
    patch = along * int(2 * FARTHEST / PATCH) + across
    count, heights = np.bincount(patch), np.bincount(patch, above[on])
    within = (above[on] ** 2).sum() - (heights**2 / np.maximum(count, 1)).sum()
    free = on.sum() - np.count_nonzero(count)
    return float(np.sqrt(max(0.0, within) / free)) if free else 0.0
