"""Rays against things that move: each thing is a scene of its own, which rays enter in its frame at their own time."""

from __future__ import annotations

from typing import NamedTuple

import mujoco as mj
import numpy as np
from numpy.typing import NDArray

from simulation.sensors.soup import Soup
from simulation.sensors.sweep import Sweep, along
from simulation.world.scene import Scene

SLACK = 1.0  # metres that a thing may come nearer to a ray than where it stands at the scan's stamp
Floats = NDArray[np.float64]
Hits = tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]


class _Part(NamedTuple):
    """soup: the thing where it stood when it was built; start: [4,4] its pose

    centre [4], radius: a ball about it in its own frame
    """

    soup: Soup
    start: Floats
    centre: Floats
    radius: float


class MovingThings:
    """The movers of a scene; each is built when it first comes within reach."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._bodies = [mj.mj_name2id(scene.model, mj.mjtObj.mjOBJ_BODY, m.body) for m in scene.movers]
        self._parts: dict[int, _Part] = {}

    def poses(self) -> Floats:
        """[M,4,4] of the movers in the world as it stands."""
        data, T = self._scene.data, np.tile(np.eye(4), (len(self._bodies), 1, 1))
        T[:, :3, :3], T[:, :3, 3] = data.xmat[self._bodies].reshape(-1, 3, 3), data.xpos[self._bodies]
        return T

    def _part(self, i: int) -> _Part:
        if i not in self._parts:
            model, data = self._scene.model, self._scene.data
            geoms = np.flatnonzero(model.geom_bodyid == self._bodies[i])
            soup = Soup(model, geoms.tolist())
            soup.place(data, np.ones(model.ngeom, bool))
            centre = data.geom_xpos[geoms].mean(0)
            radius = (np.linalg.norm(data.geom_xpos[geoms] - centre, axis=1) + model.geom_rbound[geoms]).max()
            start = self.poses()[i]
            self._parts[i] = _Part(soup, start, np.linalg.inv(start) @ np.append(centre, 1.0), float(radius))
        return self._parts[i]

    def cast(
        self,
        sweep: Sweep,
        poses: Floats,
        lidar: Floats,
        origins: NDArray[np.float32],
        rays: NDArray[np.float32],
        hits: Hits,
    ) -> None:
        """Puts nearer hits into those of the still world: distance [B*C], geom [B*C], normal [B*C,3].

        poses: [K,M,4,4] of the movers, lidar: [K,4,4] of the LiDAR at the sweep's moments; origins, rays: [B,C,3].
        """
        beams, columns = rays.shape[:2]
        distance, geom, normal = (
            hits[0].reshape(beams, columns),
            hits[1].reshape(beams, columns),
            hits[2].reshape(rays.shape),
        )
        middle = len(sweep.moments) // 2
        away = np.linalg.norm(poses[middle, :, :3, 3] - lidar[middle, :3, 3], axis=1)
        to_lidar = np.linalg.inv(lidar[middle])
        for i in np.flatnonzero(away < self._scene.rig.range + 20):
            part = self._part(int(i))
            rows, seen = self._window(part, to_lidar @ poses[middle, i])
            if not len(rows) or not len(seen):
                continue
            window = np.ix_(rows, seen)
            back = part.start @ np.linalg.inv(along(sweep, poses[:, i])[seen if len(poses) > 1 else slice(None)])
            turn, shift = back[:, :3, :3].astype(np.float32), back[:, :3, 3].astype(np.float32)
            start = np.einsum("cij,bcj->bci", np.broadcast_to(turn, (len(seen), 3, 3)), origins[window]) + shift
            ray = np.einsum("cij,bcj->bci", np.broadcast_to(turn, (len(seen), 3, 3)), rays[window])
            found = part.soup.cast(np.ascontiguousarray(start.reshape(-1, 3)), np.ascontiguousarray(ray.reshape(-1, 3)))
            row, column = np.nonzero(found[0].reshape(len(rows), -1) < distance[window])
            pick, to = row * len(seen) + column, (rows[row], seen[column])
            distance[to], geom[to] = found[0][pick], found[1][pick]
            normal[to] = np.einsum("nji,nj->ni", np.broadcast_to(turn, (len(seen), 3, 3))[column], found[2][pick])

    def _window(self, part: _Part, pose: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Beams and columns whose rays may meet a thing with a pose [4,4] in the LiDAR's frame."""
        x, y, z, _ = pose @ part.centre
        level, radius = np.hypot(x, y), part.radius + SLACK
        turned = self._scene.rig.columns - np.arctan2(y, x)
        aside = np.abs((turned + np.pi) % (2 * np.pi) - np.pi)
        above = np.abs(self._scene.rig.beams - np.arctan2(z, level))
        rows = np.flatnonzero(above <= _half_angle(radius, np.hypot(level, z)))
        return rows, np.flatnonzero(aside <= _half_angle(radius, level))


def _half_angle(radius: float, away: float) -> float:
    """Under which a ball is seen from so far away, radians."""
    return float(np.arcsin(radius / away)) if away > radius else np.pi
