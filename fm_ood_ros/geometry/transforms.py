"""Static transforms: from one frame to another through the tree of a bag's /tf_static."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.pose import pose_matrix

Matrix = NDArray[np.float64]


class TransformTree:
    """Static transforms by frame name (geometry_msgs/TransformStamped: parent T child)."""

    def __init__(self) -> None:
        self._edges: dict[str, dict[str, Matrix]] = {}

    def add(self, transforms: Iterable[Any]) -> None:
        """Adds the transforms of a TFMessage."""
        for stamped in transforms:
            t, q = stamped.transform.translation, stamped.transform.rotation
            T = pose_matrix((t.x, t.y, t.z), (q.x, q.y, q.z, q.w))
            parent, child = stamped.header.frame_id.lstrip("/"), stamped.child_frame_id.lstrip("/")
            self._edges.setdefault(parent, {})[child] = T
            self._edges.setdefault(child, {})[parent] = np.asarray(np.linalg.inv(T), np.float64)

    def lookup(self, target: str, source: str) -> Matrix:
        """[4,4] that takes points of `source` to `target`; raises CalibrationError when nothing joins them."""
        target, source = target.lstrip("/"), source.lstrip("/")
        if target == source:
            raise CalibrationError(
                f"camera and LiDAR share the frame '{target}', expected one frame each; give --calibration FILE"
            )
        ways: dict[str, Matrix] = {target: np.eye(4)}
        queue = deque([target])
        while queue:
            frame = queue.popleft()
            for neighbour, T in self._edges.get(frame, {}).items():
                if neighbour not in ways:
                    ways[neighbour] = ways[frame] @ T
                    queue.append(neighbour)
        if source not in ways:
            raise CalibrationError(
                f"/tf_static joins {sorted(self._edges) or 'no frames'}, expected a way from '{source}' to '{target}'; "
                "record /tf_static with the bag or give --calibration FILE"
            )
        return ways[source]
