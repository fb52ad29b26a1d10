"""Boxes around the things of a scene, for audits: a turned rectangle on the ground and a range of heights."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco as mj
import numpy as np
from numpy.typing import NDArray

from simulation.sensors.soup import local_triangles
from simulation.world.scene import Scene
from simulation.world.world import Placed

HIGH = 2.0  # metres above the ground; what begins above hangs over other things and cannot touch them


@dataclass(frozen=True)
class Box:
    """placed: what it is; corners: [4,2] of its rectangle, metres in the world; axes: [2,2] unit vectors of its sides

    size: length and width along the axes, height, metres
    """

    placed: Placed
    corners: NDArray[np.float64]
    axes: NDArray[np.float64]
    size: tuple[float, float, float]

    def overlaps(self, other: Box, tolerance: float = 0.02) -> bool:
        """Whether two rectangles share more than the tolerance (separating axes)."""
        for axis in np.concatenate([self.axes, other.axes]):
            a, b = self.corners @ axis, other.corners @ axis
            if min(a.max(), b.max()) - max(a.min(), b.min()) <= tolerance:
                return False
        return True


def boxes(scene: Scene) -> list[Box]:
    """Boxes of all bodies where they stand now, around the parts of their own class that reach below HIGH."""
    model, found = scene.model, []
    for placed in scene.placed:
        body = mj.mj_name2id(model, mj.mjtObj.mjOBJ_BODY, placed.body)
        geoms = np.flatnonzero((model.geom_bodyid == body) & (scene.label == placed.raw_id))
        ground = scene.data.xpos[body][2]
        parts = [v for v in (_world(scene, int(g)) for g in geoms) if v[:, 2].min() < ground + HIGH]
        if parts:
            found.append(_box(placed, np.concatenate(parts), scene.data.xmat[body].reshape(3, 3)[:2, :2]))
    return found


def _world(scene: Scene, geom: int) -> NDArray[np.float64]:
    vertices, _ = local_triangles(scene.model, geom)
    return np.asarray(vertices @ scene.data.geom_xmat[geom].reshape(3, 3).T + scene.data.geom_xpos[geom])


def _box(placed: Placed, points: NDArray[np.float64], rotation: NDArray[np.float64]) -> Box:
    own = points[:, :2] @ rotation
    low, high = own.min(0), own.max(0)
    corners = np.array([[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]]]) @ rotation.T
    length, width = high - low
    return Box(placed, corners, rotation.T, (float(length), float(width), float(np.ptp(points[:, 2]))))
