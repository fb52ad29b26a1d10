"""Where things stand: footprints that never overlap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rectangle = NDArray[np.float64]  # [4,2] corners in order


def corners(x: float, y: float, yaw: float, length: float, width: float) -> Rectangle:
    """Corners [4,2] of a footprint."""
    half = np.array([(1, 1), (1, -1), (-1, -1), (-1, 1)]) * [length / 2, width / 2]
    c, s = np.cos(yaw), np.sin(yaw)
    return np.asarray(half @ np.array([[c, s], [-s, c]]) + [x, y])


def overlaps(many: NDArray[np.float64], one: Rectangle) -> NDArray[np.bool_]:
    """Which of many rectangles [M,4,2] overlap one (no axis separates them)."""
    apart = np.zeros(len(many), bool)
    for edges in (np.broadcast_to(one[1:3] - one[0:2], (len(many), 2, 2)), many[:, 1:3] - many[:, 0:2]):
        for k in (0, 1):
            normal = np.stack([-edges[:, k, 1], edges[:, k, 0]], 1)
            a = np.einsum("mij,mj->mi", many, normal)
            b = np.einsum("ij,mj->mi", one, normal)
            apart |= (a.max(1) <= b.min(1)) | (b.max(1) <= a.min(1))
    return ~apart


class Ground:
    """Footprints taken so far; moving things take the whole of their way."""

    def __init__(self) -> None:
        self.taken: NDArray[np.float64] = np.zeros((0, 4, 2))

    def claim(self, footprint: Rectangle) -> bool:
        """Takes a footprint if it is free."""
        if overlaps(self.taken, footprint).any():
            return False
        self.reserve(footprint)
        return True

    def reserve(self, footprint: Rectangle) -> None:
        """Takes a footprint whatever stands there."""
        self.taken = np.concatenate([self.taken, footprint[None]])
