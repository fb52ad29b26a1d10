"""Objects: what is connected above the ground, of one kind, and no larger than a vehicle."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.judgement.scores import largest, probabilities
from fm_ood_ros.judgement.surface import Surface
from fm_ood_ros.judgement.voxels import Voxels, connected, lattice
from fm_ood_ros.model.judgement_spec import JudgementSpec

Values = NDArray[np.float32]
PATCH = 1.0  # metres: width of the squares in which the lowest point is looked for
FARTHEST = 120.0  # metres


def clusters(surface: Surface, height: Values, logits: Values, spec: JudgementSpec) -> NDArray[np.int32]:
    """The cluster [M] of each patch, -1 for what is ground or a large surface.

    height: [M] metres above the ground; logits: [C,M] of the classes

    Neighbours belong together unless the network is sure that they are of different classes, or one of them is
    overhead: a wall does not swallow what stands before it, nor a tree what stands below.
    """
    out = np.full(len(height), -1, np.int32)
    above = np.flatnonzero(height >= spec.height)
    if not spec.objects.tilings or not len(above):
        return out
    cells = lattice(surface.polar[:, above], spec.objects.metres, spec.objects.share, spec.rise)
    voxels = Voxels.gather(cells)
    root = connected(len(voxels.keys), *_links(voxels, height[above], logits[:, above], spec))
    group = np.unique(root, return_inverse=True)[1]
    middles = voxels.mean(np.ascontiguousarray(surface.xyz[above, :2].T))
    out[above] = np.where(extent(middles, group)[group] > spec.largest, -1, group)[voxels.of]
    return out


def _links(
    voxels: Voxels, height: Values, logits: Values, spec: JudgementSpec
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of neighbouring cells that may be one thing."""
    first, second = voxels.neighbours()
    overhead = voxels.mean(height) > spec.overhead
    level = overhead[first] == overhead[second]
    first, second = first[level], second[level]
    kinds = probabilities(voxels.mean(logits))
    kind, kinds = largest(kinds), kinds.T.copy()
    alike = kind[first] == kind[second]
    other = np.flatnonzero(~alike)
    alike[other] = np.minimum(kinds[first[other]], kinds[second[other]]).sum(1) > spec.alike
    return first[alike], second[alike]


def extent(xy: Values, group: NDArray[np.int64]) -> Values:
    """Metres [K] from corner to corner of the upright box over the ground about each group of points [2,V]."""
    order = np.argsort(group, kind="stable")
    start = np.flatnonzero(np.diff(group[order], prepend=-1))
    ordered = xy[:, order]
    sides = np.maximum.reduceat(ordered, start, 1) - np.minimum.reduceat(ordered, start, 1)
    return np.asarray(np.hypot(*sides), np.float32)


def above_ground(xyz: Values) -> Values:
    """Metres [M] by which points [M,3] lie above the lowest one of the squares about them."""
    if not len(xyz):
        return np.zeros(0, np.float32)
    x, y, z = np.ascontiguousarray(xyz.T)
    square = np.floor(np.clip(np.stack([x, y]), -FARTHEST, FARTHEST) / PATCH).astype(np.intp)
    square -= square.min(1, keepdims=True)
    rows, columns = square.max(1) + 1
    lowest = np.full(rows * columns, np.inf, np.float32)
    at = square[0] * columns + square[1]
    downwards = np.argsort(-z)
    lowest[at[downwards]] = z[downwards]  # the last that is written is the lowest
    around = np.ones((3, 3), np.uint8)
    ground = cv2.erode(lowest.reshape(rows, columns), around, borderType=cv2.BORDER_CONSTANT, borderValue=np.inf)
    return np.asarray(z - ground.reshape(-1)[at])
