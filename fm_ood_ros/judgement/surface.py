"""What the views of a frame saw of the street: patches, one for every cell of the network that shows something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.frame import Frame
from fm_ood_ros.judgement.at_points import logits_at
from fm_ood_ros.judgement.merge import best_views
from fm_ood_ros.judgement.voxels import polar
from fm_ood_ros.rig import Sight

Values = NDArray[np.float32]
Value = TypeVar("Value", bound=np.generic)


@dataclass(frozen=True)
class Surface:
    """Patches, and which of them each point of the cloud lies on.

    xyz: [M,3] street frame (x along the first camera's view over the ground, y left, z up, origin on the ground below
        the camera), metres; distance: [M] metres from the camera that saw it
    logits: [C,M], finite; patch: [N] int32 of the cloud's points, -1 for those that are not judged
    cells: for every view the patch [H*W] that each cell shows, by whichever view it is judged, -1 for none
    """

    xyz: Values
    distance: Values
    logits: Values
    patch: NDArray[np.int32]
    cells: tuple[NDArray[np.int32], ...]

    @cached_property
    def judged(self) -> NDArray[np.intp]:
        """Indices of the cloud's points that lie on a patch."""
        return np.flatnonzero(self.patch >= 0)

    def at_points(self, values: NDArray[Value], fill: float) -> NDArray[Value]:
        """Values [N] of the cloud's points by those of their patches [M]; `fill` where there is none."""
        out = np.full(len(self.patch), fill, values.dtype)
        out[self.judged] = values[self.patch[self.judged]]
        return out

    @cached_property
    def polar(self) -> Values:
        """[4,M], see voxels.polar."""
        return polar(self.xyz)


def surface(frame: Frame, sights: Sequence[Sight], logits: Sequence[Values]) -> Surface:
    """The patches of a frame; logits: [C,h,w] of each view, whose cells that are not finite show nothing."""
    best = best_views(sights, len(frame.points))
    patch = np.full(len(frame.points), -1, np.int32)
    shown, told, count = [], [], 0
    for index, (sight, said) in enumerate(zip(sights, logits, strict=True)):
        mine = np.flatnonzero(best == index)
        source = sight.projection.source[mine]
        used, at = _told(said, source, sight.view.size)
        number = np.full(sight.view.size[0] * sight.view.size[1], -1, np.int32)
        number[used] = np.arange(count, count + len(used), dtype=np.int32)
        patch[mine] = number[source]
        shown.append(sight.projection.nearest[used])
        told.append(at)
        count += len(used)
    xyz = _in_street(frame, sights, np.concatenate(shown))
    distance = np.concatenate([s.projection.range[i] for s, i in zip(sights, shown, strict=True)])
    of = np.append(patch, np.int32(-1))  # and of no point
    cells = tuple(of[sight.projection.nearest] for sight in sights)  # of whichever view judges the point that is seen
    return Surface(xyz, distance, np.concatenate(told, 1), patch, cells)


def _told(logits: Values, source: NDArray[np.int32], size: tuple[int, int]) -> tuple[NDArray[np.int64], Values]:
    """Cells [M] among the sources for which the network has something to say, and what, [C,M]."""
    seen = np.zeros(size[0] * size[1], bool)
    seen[source] = True
    used = np.flatnonzero(seen)
    with np.errstate(invalid="ignore"):
        at = logits_at(logits, used, size)
    finite = np.isfinite(at).all(0)  # no guess leaves as a judgement
    return (used, at) if finite.all() else (used[finite], at[:, finite])


def street_from_lidar(frame: Frame, sights: Sequence[Sight]) -> NDArray[np.float64]:
    """T_street_lidar [4,4]: the street frame is the first camera's mount."""
    return np.asarray(sights[0].mount.T @ frame.views[0].calibration.T_camera_lidar)


def _in_street(frame: Frame, sights: Sequence[Sight], points: NDArray[np.int32]) -> Values:
    T = street_from_lidar(frame, sights).astype(np.float32)
    return np.asarray(frame.points.take(points, 0)[:, :3] @ T[:3, :3].T + T[:3, 3])
