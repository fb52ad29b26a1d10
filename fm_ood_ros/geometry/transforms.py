"""Static transforms: from one frame to another through the tree of a bag's /tf_static."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.pose import checked_pose, pose_matrix

Matrix = NDArray[np.float64]


class TransformTree:
    """Static transforms by frame name (geometry_msgs/TransformStamped: parent T child).

    What a transform says is read when it lies on the way between two frames: a broken one elsewhere does no harm.
    """

    def __init__(self) -> None:
        self._transforms: dict[tuple[str, str], Any] = {}
        self._neighbours: dict[str, list[str]] = {}

    def add(self, transforms: Iterable[Any]) -> None:
        """Adds the transforms of a TFMessage; a later one takes the place of an earlier."""
        for stamped in transforms:
            parent, child = stamped.header.frame_id.lstrip("/"), stamped.child_frame_id.lstrip("/")
            self._transforms[parent, child] = stamped.transform
            self._neighbours.setdefault(parent, []).append(child)
            self._neighbours.setdefault(child, []).append(parent)

    def lookup(self, target: str, source: str) -> Matrix:
        """[4,4] that takes points of `source` to `target`; raises CalibrationError when nothing sound joins them."""
        target, source = target.lstrip("/"), source.lstrip("/")
        if target == source:
            raise CalibrationError(
                f"camera and LiDAR share the frame '{target}', expected one frame each; give --calibration FILE"
            )
        T = np.eye(4)
        for parent, child in pairwise(self._way(target, source)):
            T = T @ self._step(parent, child)
        return T

    def _way(self, target: str, source: str) -> list[str]:
        """Frames from target to source."""
        ways, queue = {target: [target]}, deque([target])
        while queue:
            frame = queue.popleft()
            for neighbour in self._neighbours.get(frame, []):
                if neighbour not in ways:
                    ways[neighbour] = [*ways[frame], neighbour]
                    queue.append(neighbour)
        if source not in ways:
            raise CalibrationError(
                f"/tf_static joins {sorted(self._neighbours) or 'no frames'}, expected a way from '{source}' to "
                f"'{target}'; record /tf_static with the bag or give --calibration FILE"
            )
        return ways[source]

    def _step(self, a: str, b: str) -> Matrix:
        """a T b, of either direction in which it was sent."""
        forward = (a, b) in self._transforms
        transform = self._transforms[(a, b) if forward else (b, a)]
        t, q = transform.translation, transform.rotation
        try:
            T = checked_pose(pose_matrix((t.x, t.y, t.z), (q.x, q.y, q.z, q.w)), "the transform")
        except CalibrationError as error:
            raise CalibrationError(f"/tf_static from '{a}' to '{b}': {error}") from error
        return T if forward else np.asarray(np.linalg.inv(T), np.float64)
