"""Upright boxes around groups of points, which mostly show one or two sides of what they belong to.

The heading is the one whose box has most points close to its sides (Zhang et al., "Efficient L-Shape Fitting for
Vehicle Detection Using Laser Scanners", IV 2017): the box of least area lies along either side of an L or across it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.objects import Box

SMALLEST = 0.1  # metres: no side is shorter, a single point is a thing too
SAMPLE = 32
MANY = 16  # points from which on one of them may be astray
BEYOND, LOOSE = 0.2, 0.1  # share of an extent, and metres, that the outermost point may lie outside of the others
CLOSE = np.float32(0.05)  # metres from a side within which all points count alike: what a LiDAR is unsure of
AREA = np.float32(0.1)  # the power with which the area counts
COARSE, FINE = np.radians(np.arange(0.0, 90, 5)), np.radians(np.arange(-2.0, 2.1, 1))
ASTRAY = np.array([(1, 0, 0), (0.7, 0.7, 0), (0, 1, 0), (-0.7, 0.7, 0), (0, 0, 1)])  # along which strays are found
Array = NDArray[np.float64]
Indices = NDArray[np.intp]


def boxes(xyz: NDArray[np.float32], owner: NDArray[np.int32], T_lidar_street: Array) -> list[Box]:
    """The box of every group of points [N,3] (street frame: x forward over the ground, y left, z up, metres).

    owner: [N] the group of each point, 0..K-1, or -1; T_lidar_street: [4,4] from the street's to the LiDAR's frame

    A point that is far from all others of a large group is left out, and so is one that is not finite.
    Raises InputError for a group without points.
    """
    points, count = _grouped(xyz, owner)
    if not len(count):
        return []
    points, count = _without_strays(points, count)
    heading = _headings(_sampled(points, count)[..., :2])
    return _around(points, count, heading, np.asarray(T_lidar_street, np.float64))


def _grouped(xyz: NDArray[np.float32], owner: NDArray[np.int32]) -> tuple[Array, Indices]:
    """Points [n,3] in the order of their groups, and how many each has [K]."""
    owned = np.flatnonzero((owner >= 0) & np.isfinite(xyz).all(1))
    order = owned[np.argsort(owner[owned], kind="stable")]
    count = np.bincount(owner[order], minlength=int(owner.max(initial=-1)) + 1)
    if not count.all():
        raise InputError(f"group {count.argmin()} has no finite point, expected one at least; number groups 0..K-1")
    return xyz[order].astype(np.float64), count


def _sampled(points: NDArray[np.float64], count: Indices) -> Array:
    """[K,SAMPLE,D] points spread over every group; those of a small one come several times."""
    spread = np.arange(SAMPLE) * count[:, None] // SAMPLE
    return points[(np.cumsum(count) - count)[:, None] + spread]


def _without_strays(points: Array, count: Indices) -> tuple[Array, Indices]:
    """The groups without points that lie far outside of where the rest is."""
    along = points @ ASTRAY.T
    ordered = np.sort(_sampled(along, count), axis=1)
    left = np.where(count >= MANY, -(-SAMPLE // count), 0)  # as often as one point may come
    group = np.arange(len(count))
    low, high = ordered[group, left], ordered[group, SAMPLE - 1 - left]
    margin = BEYOND * (high - low) + LOOSE
    owner = np.repeat(group, count)
    inside = ((along >= (low - margin)[owner]) & (along <= (high + margin)[owner])).all(1)
    return points[inside], np.bincount(owner[inside], minlength=len(count))


def _headings(xy: Array) -> Array:
    """Radians [K] along a side of each group [K,P,2]."""
    centred = np.ascontiguousarray((xy - xy.mean(1, keepdims=True)).transpose(2, 1, 0), np.float32)
    best = COARSE[_closeness(centred, COARSE[:, None]).argmax(0)]
    near = best + FINE[:, None]
    return np.asarray(np.take_along_axis(near, _closeness(centred, near).argmax(0)[None], 0)[0])


def _closeness(xy: NDArray[np.float32], angle: Array) -> NDArray[np.float32]:
    """How close [A,K] the points [2,P,K] lie to the sides of their boxes at angles [A,K] or [A,1].

    The area decides between boxes that fit alike, as they do around a handful of points.
    """
    c, s = np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)
    x, y = xy[0][:, None], xy[1][:, None]
    from_end, length = _from_ends(x * c + y * s)
    from_side, width = _from_ends(y * c - x * s)
    close = (1 / np.maximum(np.minimum(from_end, from_side), CLOSE)).sum(0)
    return np.asarray(close / (np.maximum(length, CLOSE) * np.maximum(width, CLOSE)) ** AREA)


def _from_ends(along: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Metres of each place from the nearer end of all places on the first axis, and from end to end."""
    low, high = along.min(0), along.max(0)
    return np.minimum(along - low, high - along), high - low


def _around(points: Array, count: Indices, heading: Array, T_lidar_street: Array) -> list[Box]:
    """Boxes at headings [K] around groups of points."""
    first = np.cumsum(count) - count
    turned = np.repeat(heading, count)
    c, s = np.cos(turned), np.sin(turned)
    along = np.stack([points[:, 0] * c + points[:, 1] * s, points[:, 1] * c - points[:, 0] * s, points[:, 2]], 1)
    low, high = np.minimum.reduceat(along, first), np.maximum.reduceat(along, first)
    size = np.maximum(high - low, SMALLEST)
    T = np.tile(np.eye(4), (len(count), 1, 1))
    T[:, :3, :3] = _about_up(heading)
    T[:, :3, 3] = (T[:, :3, :3] @ ((low + high) / 2)[..., None])[..., 0]
    wide = size[:, 1] > size[:, 0]
    size[wide] = size[wide][:, [1, 0, 2]]
    heading = np.pi / 2 - (np.pi / 2 - heading - wide * np.pi / 2) % np.pi
    T[:, :3, :3] = _about_up(heading)
    return [
        Box(pose, (length, width, height), angle)
        for pose, (length, width, height), angle in zip(
            T_lidar_street @ T, size.tolist(), heading.tolist(), strict=True
        )
    ]


def _about_up(angle: Array) -> Array:
    """Rotations [K,3,3] about z."""
    R = np.tile(np.eye(3), (len(angle), 1, 1))
    R[:, 0, 0] = R[:, 1, 1] = np.cos(angle)
    R[:, 1, 0] = np.sin(angle)
    R[:, 0, 1] = -R[:, 1, 0]
    return R
