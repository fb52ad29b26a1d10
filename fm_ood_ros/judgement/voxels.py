"""Neighbours in a cloud: cells whose size grows with the range, as the distance between a LiDAR's points does."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]
LOWEST, HIGHEST = -5.0, 20.0  # metres over the ground: what is beyond lies in the last cell
HALF_OF_26 = [step for step in product((-1, 0, 1), repeat=3) if step > (0, 0, 0)]


def polar(xyz: Values) -> Values:
    """Points [M,3] (street frame) as [4,M]: horizontal distance r in metres, its logarithm, azimuth, height."""
    x, y, z = np.ascontiguousarray(xyz.T)
    r = np.sqrt(x * x + y * y)  # a hypot that minds overflow takes four times as long
    return np.stack([r, np.log(np.maximum(r, np.float32(1e-3))), np.arctan2(y, x), z])


def lattice(points: Values, metres: float, share: float, rise: float) -> Values:
    """Coordinates [3,M] in cells of points as `polar` gives them: outwards, around, upwards.

    A cell is max(metres, share * r) wide and max(metres, rise * r) high at the horizontal distance r. The way outwards
    is the integral of dr over the width, so that neighbouring cells are neighbours at every range.
    """
    r, log_r, azimuth, z = points
    knee, least = np.float32(metres / share), np.float32(metres)
    out = np.empty((3, points.shape[1]), np.float32)
    np.subtract(log_r, np.log(knee) - np.float32(1), out=out[0])
    out[0] /= np.float32(share)
    np.copyto(out[0], r / least, where=r < knee)
    np.multiply(azimuth, r / np.maximum(least, np.float32(share) * r), out=out[1])
    np.divide(np.clip(z, LOWEST, HIGHEST), np.maximum(least, np.float32(rise) * r), out=out[2])
    return out


@dataclass(frozen=True)
class Voxels:
    """Points gathered in cells.

    of: [M] the cell of each point; count: [V] points in each; table, keys, strides: where neighbours are looked up
    """

    of: NDArray[np.intp]
    count: NDArray[np.int64]
    keys: NDArray[np.int64]
    table: NDArray[np.int32]
    strides: tuple[int, int]

    @classmethod
    def gather(cls, cells: Values, shift: float = 0.0) -> Voxels:
        """From coordinates [3,M] in cells, at least one point; shift: of the whole lattice, in cells."""
        index = np.floor(cells + np.float32(shift)).astype(np.int32)
        index -= index.min(1, keepdims=True) - 1  # an empty cell all round, so that no neighbour wraps
        _, rows, columns = (int(n) for n in index.max(1) + 2)
        strides = rows * columns, columns
        key = index[0].astype(np.int64) * strides[0] + index[1] * columns + index[2]
        table = np.full((int(index[0].max()) + 2) * strides[0], -1, np.int32)
        table[key] = 0
        keys = np.flatnonzero(table == 0)
        table[keys] = np.arange(len(keys), dtype=np.int32)
        of = table[key].astype(np.intp)  # as what counts and takes wants it, once
        return cls(of, np.bincount(of, minlength=len(keys)), keys, table, strides)

    def mean(self, values: Values) -> Values:
        """Mean [..,V] of values [..,M] over the points of each cell."""
        rows = values.reshape(-1, len(self.of))
        total = np.array([np.bincount(self.of, row, len(self.keys)) for row in rows])
        return (total / self.count).astype(np.float32).reshape(*values.shape[:-1], -1)

    def neighbours(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs of cells that touch, if only at a corner, each once."""
        pairs = []
        for outwards, around, upwards in HALF_OF_26:
            beside = self.table[self.keys + outwards * self.strides[0] + around * self.strides[1] + upwards]
            there = np.flatnonzero(beside >= 0)
            pairs.append((there, beside[there].astype(np.int64)))
        first, second = zip(*pairs, strict=True)
        return np.concatenate(first), np.concatenate(second)


def shared(values: Values, cells: Values, tilings: int) -> Values:
    """Values [..,M] as means over the cells of coordinates [3,M], of so many shifted lattices; none leaves them."""
    if not tilings or not cells.shape[1]:
        return values
    total = _means_at(values, cells, 0.0)
    for tiling in range(1, tilings):
        total += _means_at(values, cells, tiling / tilings)  # in place: fresh memory costs more than the sum
    total /= np.float32(tilings)
    return total


def _means_at(values: Values, cells: Values, shift: float) -> Values:
    voxels = Voxels.gather(cells, shift)
    return voxels.mean(values).take(voxels.of, -1)


def connected(count: int, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """The smallest member [count] of each one's component, of pairs that are connected."""
    root = np.arange(count)
    while True:
        low, high = np.minimum(root[first], root[second]), np.maximum(root[first], root[second])
        apart = low != high
        if not apart.any():
            return root
        first, second = first[apart], second[apart]
        np.minimum.at(root, high[apart], low[apart])
        while not (root == (above := root[root])).all():
            root = above
