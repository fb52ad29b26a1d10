"""Static transforms: from one frame to another through the tree of a bag's /tf_static."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import CalibrationError

Matrix = NDArray[np.float64]


def pose_matrix(translation: tuple[float, float, float], quaternion: tuple[float, float, float, float]) -> Matrix:
    """[4,4] of a translation in metres and a quaternion x y z w; raises CalibrationError when it has no length."""
    x, y, z, w = quaternion
    n = x * x + y * y + z * z + w * w
    if not np.isfinite(n) or n < 1e-6:
        raise CalibrationError(f"quaternion is {quaternion}, expected x y z w of length one; correct the extrinsics")
    s = 2.0 / n
    T = np.eye(4)
    T[:3, :3] = [
        [1 - s * (y * y + z * z), s * (x * y - z * w), s * (x * z + y * w)],
        [s * (x * y + z * w), 1 - s * (x * x + z * z), s * (y * z - x * w)],
        [s * (x * z - y * w), s * (y * z + x * w), 1 - s * (x * x + y * y)],
    ]
    T[:3, 3] = translation
    return T


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
