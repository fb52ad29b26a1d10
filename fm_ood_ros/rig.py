"""From a frame to the network's input: what is known of a rig, learnt over its clouds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame, View
from fm_ood_ros.geometry.cone import Cone
from fm_ood_ros.geometry.crop import ALIKE, Crop, expected_rows
from fm_ood_ros.geometry.ground import Plane
from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.geometry.lidar_image import lidar_image
from fm_ood_ros.geometry.mount import Mount, Mounting
from fm_ood_ros.geometry.projection import Projection
from fm_ood_ros.geometry.view import CameraView
from fm_ood_ros.messages.intensity import IntensityScale
from fm_ood_ros.model.input_spec import InputSpec

ORIGIN = 0.1  # metres about a cloud's origin within which points mean that nothing came back
MISSED = 20  # clouds without a ground in a row that are worth a word
Points = NDArray[np.float32]


@dataclass(frozen=True)
class Sight:
    """What the network sees through one camera.

    image: [H,W,3] uint8; lidar: [5,H,W] float32, range from the camera, x, y, z, intensity, zeros where empty
    view, projection: how to get back to points and pixels; mount: the frame of x, y, z
    """

    view: CameraView
    projection: Projection
    mount: Mount
    image: NDArray[np.uint8]
    lidar: NDArray[np.float32]


@dataclass(frozen=True)
class RigFacts:
    """What a user knows of a rig; None and 0 leave it to be measured.

    ground: under the camera; rows: of the image that the LiDAR covers; intensity: the sensor's scale
    clouds: over how many clouds is measured what is not given; 1 takes every frame by itself
    """

    ground: Plane | None = None
    rows: tuple[int, int] | None = None
    intensity: float = 0.0
    clouds: int | None = None


ALONE = RigFacts(clouds=1)  # a frame by itself


class Rig:
    """Sees frames as a model's input asks, by one way for node, recordings, training and export.

    spec: the model's input; facts: what is known of the rig
    vary: a change of the ground's plane that training makes to bear mounts that are not quite as measured
    """

    def __init__(
        self, spec: InputSpec, facts: RigFacts | None = None, vary: Callable[[Plane], Plane] | None = None
    ) -> None:
        self.spec = spec
        self.facts = facts or RigFacts()
        window = {} if self.facts.clouds is None else {"clouds": self.facts.clouds}
        self.intensity = IntensityScale(self.facts.intensity, **window)
        self.cameras: list[RigCamera] = []
        self._vary = vary

    def see(self, frame: Frame) -> list[Sight]:
        """The network's input for every view of a frame."""
        if len(self.cameras) != len(frame.views) or self.facts.clouds == 1:  # views are known by their place alone
            self._forget(len(frame.views))
        returned = _returned(frame.points)
        intensity = self.intensity(np.where(returned, frame.points[:, 3], np.float32(0)), self.spec.intensity)
        return [
            camera.see(view, frame.points, intensity, returned)
            for camera, view in zip(self.cameras, frame.views, strict=True)
        ]

    def _forget(self, views: int) -> None:
        self.cameras = [RigCamera(self.spec, self.facts, self._vary) for _ in range(views)]
        if self.facts.clouds == 1:
            self.intensity = IntensityScale(self.facts.intensity, 1)


def _returned(points: Points) -> NDArray[np.bool_]:
    """Whether points [N,>=3] are more than a mark of nothing at the cloud's own origin, which some drivers send."""
    return np.asarray(_squared(points.T) > ORIGIN**2)


class RigCamera:
    """One camera of a rig: its mount and its crop, as far as its clouds have shown them."""

    def __init__(self, spec: InputSpec, facts: RigFacts, vary: Callable[[Plane], Plane] | None) -> None:
        window = {} if facts.clouds is None else {"clouds": facts.clouds}
        self._spec, self._facts, self._vary = spec, facts, vary
        self._mounting = Mounting(facts.ground, **window)
        self._cone: Cone | None = None
        self._crop: Crop | None = None
        self._view: CameraView | None = None
        self.mount: Mount | None = None

    @property
    def ground_missed(self) -> int:
        """How many of the last clouds in a row, if many, showed no ground."""
        return self._mounting.missed if self._mounting.missed >= MISSED else 0

    @property
    def ground(self) -> Plane | None:
        """The ground that its clouds have shown, None where none has or where it is given."""
        return self._mounting.measured

    @property
    def crop_text(self) -> str:
        """Which rows go into the network, and whence that is known."""
        if self._view is None or self._crop is None:
            return "not known yet"
        known = "given" if self._facts.rows else "measured" if self._crop.rows else "from the model"
        return f"rows {self._view.top} to {self._view.bottom} of {self._view.lens.height} ({known})"

    def see(self, view: View, points: Points, intensity: Points, returned: NDArray[np.bool_]) -> Sight:
        """See Rig.see."""
        lens = view.calibration.lens
        xyz = _in_camera(points, view.calibration.T_camera_lidar)
        distance = np.sqrt(_squared(xyz.T))
        with np.errstate(invalid="ignore"):
            usable = returned & (distance >= self._spec.range[0]) & (distance <= self._spec.range[1])
        if self._cone is None or not lens.same_as(self._cone.lens):
            self._meet(lens)
        assert self._cone is not None
        uv = self._cone.pixels(xyz, distance, usable)
        mount = self.mount = self._mount(xyz, np.where(usable, distance, np.float32(np.inf)))
        grid = self._grid(lens, mount, uv)
        projection = grid.project(uv, distance, mount.plane.height)
        lidar = lidar_image(points, xyz, intensity, projection, mount, self._spec)
        return Sight(grid, projection, mount, grid.camera_image(view.image), lidar)

    def _meet(self, lens: Lens) -> None:
        """Another lens: what was learnt of its image no longer holds."""
        window = {} if self._facts.clouds is None else {"clouds": self._facts.clouds, "agreeing": 1}
        self._cone, self._crop, self._view = Cone(lens), Crop(lens.height, **window), None

    def _mount(self, xyz: Points, distance: Points) -> Mount:
        mount = self._mounting(xyz, distance)
        return mount if self._vary is None else Mount.on(self._vary(mount.plane), mount.source)

    def _grid(self, lens: Lens, mount: Mount, uv: NDArray[np.float64]) -> CameraView:
        rows = self._facts.rows
        assert self._crop is not None
        if rows is None:
            with np.errstate(invalid="ignore"):
                self._crop.update(uv[(uv[:, 0] >= 0) & (uv[:, 0] < lens.width), 1])
            rows = self._crop.rows
        elif rows[1] > lens.height:
            found = f"{rows[0]} to {rows[1]}"
            raise InputError(f"lidar_rows are {found}, but the image has {lens.height} rows; correct them")
        slack = 0.0 if rows else ALIKE * lens.height  # a mount that is measured a little otherwise moves no crop
        rows = rows or expected_rows(lens, mount, self._spec.elevation)
        if self._view is None or np.abs(np.subtract(rows, self._view.rows)).max() > slack:
            self._view = CameraView(lens, self._spec.size, rows)
        return self._view


def _in_camera(points: Points, T: NDArray[np.float64]) -> Points:
    """Points [N,3] float32 in the optical frame, column by column in memory, since columns are what is asked for."""
    with np.errstate(invalid="ignore", over="ignore"):
        xyz = T[:3, :3].astype(np.float32) @ np.ascontiguousarray(points[:, :3].T)
        xyz += T[:3, 3:].astype(np.float32)
    return np.asarray(xyz.T)


def _squared(columns: Points) -> Points:
    x, y, z = columns[:3]
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(x * x + y * y + z * z)
