"""The LiDAR: Embree's rays, and what a real sensor makes of the returns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.sensors.moving import MovingThings
from simulation.sensors.soup import Soup
from simulation.sensors.sweep import aim, sweep_of
from simulation.world.scene import Scene

Floats = NDArray[np.floating]
OUTLIER = 1
NEAREST = 1.0  # metres


class Scan(NamedTuple):
    """points [N,4] float32 x y z intensity in the LiDAR frame; label, instance [N] uint16.

    cosine: [N] float32, of the angle between ray and surface normal; 1 for backscatter
    """

    points: NDArray[np.float32]
    label: NDArray[np.uint16]
    instance: NDArray[np.uint16]
    cosine: NDArray[np.float32]


class Lidar:
    """Scans one scene."""

    def __init__(self, scene: Scene, rng: np.random.Generator) -> None:
        self._scene, self._rng = scene, rng
        rig = scene.rig
        elevation, azimuth = np.meshgrid(rig.beams, rig.columns, indexing="ij")
        self._rays = np.stack(
            [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)], -1
        ).astype(np.float32)  # fmt: skip
        geoms = np.arange(scene.model.ngeom)
        self._still = Soup(scene.model, geoms[~scene.moving_geom].tolist())
        self._still.place(scene.data, self._reachable(np.eye(4), scene.ego.speed * scene.duration))
        self._moving = MovingThings(scene)
        self._gain = rng.uniform(0.8, 1.15) * rng.uniform(0.85, 1.15, len(rig.beams)).repeat(len(rig.columns))

    def _reachable(self, base: NDArray[np.float64], way: float) -> NDArray[np.bool_]:
        """Geoms [G] that rays can hit from a pose or within `way` metres of it."""
        scene = self._scene
        offset, reach = scene.data.geom_xpos - base[:3, 3], scene.model.geom_rbound
        backward = -float((self._rays @ scene.rig.T_base_lidar[0, :3]).min())  # of a tilted scanner's half turn
        ahead = offset @ base[:3, 0] > -reach - 3 - 0.3 * way - max(0.0, backward) * scene.rig.range
        return np.asarray(ahead & (np.linalg.norm(offset, axis=1) < scene.rig.range + way + reach))

    def scan(self, t: float) -> Scan:
        """The half of a revolution around the vehicle's front, stamped t, in the LiDAR's frame of each point's moment.

        In a rolling scan every column meets the world, and what moves in it, at its own time.
        """
        sweep, scene = sweep_of(self._scene.rig, t), self._scene
        bases, movers = [], []
        for moment in sweep.moments:
            bases.append(scene.at(moment))
            movers.append(self._moving.poses())
        if scene.rig.rolling:
            scene.at(t)
        lidar = np.stack(bases) @ scene.rig.T_base_lidar
        origins, rays = aim(sweep, lidar, self._rays)
        distance, geom, normal = self._still.cast(origins.reshape(-1, 3), rays.reshape(-1, 3))
        self._moving.cast(sweep, np.stack(movers), lidar, origins, rays, (distance, geom, normal))
        rays = rays.reshape(-1, 3)
        cosine = np.abs(np.einsum("ni,ni->n", normal, rays)) / (np.linalg.norm(normal, axis=1) + 1e-9)
        return self._sense(distance, geom, cosine)

    def _sense(self, distance: Floats, geom: NDArray[np.int64], cosine: Floats) -> Scan:
        """Intensity, lost pulses, noise and backscatter."""
        rng, scene, n = self._rng, self._scene, len(distance)
        intensity, chance_lost = self._strength(distance, geom, cosine)
        kept = (distance < scene.rig.range) & (distance > NEAREST)
        kept &= rng.random(n, np.float32) > chance_lost
        kept &= rng.random(n, np.float32) >= scene.lost[geom]
        distance = distance + np.float32(scene.rig.range_noise) * rng.standard_normal(n, np.float32)
        label, instance = scene.label[geom], scene.instance[geom]
        if scene.weather.backscatter:
            drops = rng.random(n, np.float32) < scene.weather.backscatter
            at = NEAREST + 0.5 + rng.exponential(5, n).astype(np.float32)
            drops &= at < distance
            faint = 0.05 * rng.random(n, np.float32)
            distance, intensity = np.where(drops, at, distance), np.where(drops, faint, intensity)
            label, instance = np.where(drops, OUTLIER, label), np.where(drops, 0, instance)
            cosine = np.where(drops, 1.0, cosine)
            kept |= drops
        points = np.empty((n, 4), np.float32)
        with np.errstate(invalid="ignore"):
            points[:, :3] = self._rays.reshape(-1, 3) * distance[:, None]
        points[:, 3] = np.clip(intensity, 0, 1)
        label, instance = label[kept].astype(np.uint16), instance[kept].astype(np.uint16)
        return Scan(points[kept], label, instance, cosine[kept].astype(np.float32))

    def _strength(self, distance: Floats, geom: NDArray[np.int64], cosine: Floats) -> tuple[Floats, Floats]:
        """Reported intensity [N], most of whose geometry the sensor calibrates away, and chance [N] of no return."""
        far = np.minimum(distance, 200)
        signal = self._scene.reflectivity[geom] * np.exp(-2 * self._scene.weather.attenuation * far)
        intensity = signal * cosine**0.12 / (1 + (far / 160) ** 2)
        intensity *= self._gain * (1 + 0.2 * self._rng.standard_normal(len(distance), np.float32))
        signal *= cosine**0.6 / (1 + (far / 60) ** 2)
        return intensity, np.clip(0.3 - 6 * signal, 0.01, 0.9)
