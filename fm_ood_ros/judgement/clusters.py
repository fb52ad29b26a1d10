"""Objects: what is connected above the ground."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.judgement.voxels import Voxels, connected, lattice
from fm_ood_ros.model.judgement_spec import JudgementSpec

Values = NDArray[np.float32]
PATCH = 1.0  # metres: width of the squares in which the lowest point is looked for
FARTHEST = 120.0  # metres


def clusters(xyz: Values, logits: Values, spec: JudgementSpec) -> NDArray[np.int32]:
    """The cluster [M] of each point of [M,3] (street frame), -1 on the ground; logits: [C,M]."""
    out = np.full(len(xyz), -1, np.int32)
    above = np.flatnonzero(above_ground(xyz) >= spec.height)
    if not spec.objects.tilings or not len(above):
        return out
    cells = lattice(xyz[above], spec.objects.metres, spec.objects.share, spec.rise)
    voxels = Voxels.gather(cells)
    root = connected(len(voxels.keys), *voxels.neighbours())
    out[above] = np.unique(root, return_inverse=True)[1][voxels.of]
    return out


def above_ground(xyz: Values) -> Values:
    """Metres [M] by which points [M,3] lie above the lowest one of the squares about them."""
    square = np.floor(np.clip(xyz[:, :2], -FARTHEST, FARTHEST) / PATCH).astype(np.int32)
    square -= square.min(0) if len(square) else 0
    size = tuple(square.max(0) + 1) if len(square) else (1, 1)
    lowest = np.full(size, np.inf, np.float32)
    np.minimum.at(lowest, (square[:, 0], square[:, 1]), xyz[:, 2])
    lowest = cv2.erode(lowest, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=np.inf)
    return np.asarray(xyz[:, 2] - lowest[square[:, 0], square[:, 1]])
