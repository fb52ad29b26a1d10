"""The unknown objects that an annotated cloud tells of, point by point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.mount import Mounting
from fm_ood_ros.judgement.boxes import boxes
from fm_ood_ros.objects import UnknownObject

FIELD = "object_id"


def objects_in(cloud: NDArray[np.void], calibration: Calibration) -> list[UnknownObject]:
    """Objects of a cloud [N] (structured, as the node sends it), with boxes on the ground that this cloud shows."""
    if FIELD not in (cloud.dtype.names or ()):
        return []
    points = np.flatnonzero(cloud[FIELD] >= 0)
    ids, owner = np.unique(cloud[FIELD][points], return_inverse=True)
    T = calibration.T_camera_lidar
    xyz = np.stack([cloud[axis] for axis in ("x", "y", "z")], 1).astype(np.float32)
    seen = (xyz @ T[:3, :3].T + T[:3, 3]).astype(np.float32)
    distance = np.linalg.norm(seen, axis=1)
    mount = Mounting(clouds=1)(seen, distance)
    around = boxes(mount(seen[points]), owner.astype(np.int32), np.asarray(np.linalg.inv(mount.T @ T), np.float64))
    members = [points[owner == k] for k in range(len(ids))]
    return [
        UnknownObject(
            points=mine.astype(np.int32),
            score=float(cloud["anomaly_score"][mine].mean()),
            evidence=np.zeros(0, np.float32),
            box=box,
            distance=float(distance[mine].min()),
            id=int(number),
        )
        for mine, box, number in zip(members, around, ids, strict=True)
    ]
