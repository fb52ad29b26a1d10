"""A scene with its sensors: frames at any time."""

from __future__ import annotations

import numpy as np

from fm_ood_ros.frame import Frame
from simulation.scene import Scene, SceneRequest, build_scene
from simulation.sensors.camera import Camera, ImageSensor
from simulation.sensors.lidar import Lidar, Scan


class Recording:
    """Takes frames of one scene; use it as a context, since it holds graphics memory."""

    def __init__(self, request: SceneRequest) -> None:
        self.scene: Scene = build_scene(request)
        light, pulses = np.random.SeedSequence([*request.seed, 1]).spawn(2)
        self.camera = Camera(self.scene)
        self._sensor = ImageSensor(self.scene, np.random.default_rng(light))
        self._lidar = Lidar(self.scene, np.random.default_rng(pulses))

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        self.camera.close()

    def frame(self, t: float) -> tuple[Frame, Scan]:
        """Image and cloud of one moment (seconds), and the cloud with its instances."""
        base = self.scene.at(t)
        image = self._sensor.expose(self.camera.render(base))
        scan = self._lidar.scan(base)
        stamp = round(t * 1e9)
        return Frame(stamp, image, scan.points, self.scene.rig.calibration, scan.label), scan
