"""A scene with its sensors: frames at any time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.frame import Frame, View
from simulation.sensors.camera import Camera
from simulation.sensors.image import ImageSensor
from simulation.sensors.lidar import Lidar, Scan
from simulation.world.scene import Scene, SceneRequest, build_scene


class Recording:
    """Takes frames of one scene; use it as a context, since it holds graphics memory."""

    def __init__(self, request: SceneRequest) -> None:
        self.scene: Scene = build_scene(request)
        light, pulses = np.random.SeedSequence([*request.seed, 1]).spawn(2)
        self.camera = Camera(self.scene)
        self._sensors = [
            ImageSensor((camera.height, camera.width), self.scene.weather, np.random.default_rng(seed))
            for camera, seed in zip(self.scene.rig.cameras, light.spawn(len(self.scene.rig.cameras)), strict=True)
        ]
        self._lidar = Lidar(self.scene, np.random.default_rng(pulses))

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        self.camera.close()

    def frame(self, t: float) -> tuple[Frame, Scan]:
        """The main camera's image and the cloud stamped t (seconds), and the cloud with its instances."""
        (image,) = self._images(t, [0])
        scan = self._lidar.scan(t)
        stamp = round(t * 1e9)
        return Frame(stamp, scan.points, (View(image, self.scene.rig.calibration),), scan.label), scan

    def further_images(self, t: float) -> list[NDArray[np.uint8]]:
        """The images [H,W,3] of the rig's other cameras at that moment, in their order."""
        return self._images(t, range(1, len(self._sensors)))

    def _images(self, t: float, cameras: Sequence[int]) -> list[NDArray[np.uint8]]:
        if not cameras:
            return []
        base = self.scene.at(t + self.scene.rig.image_delay)
        return [self._sensors[i].expose(self.camera.render(base, i)) for i in cameras]
