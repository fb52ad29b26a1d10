"""A compiled scene: moves its bodies, draws its images and casts its rays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import mujoco as mj
import numpy as np
from numpy.typing import NDArray

from simulation.camera import expose
from simulation.lidar import returns
from simulation.rig import Rig
from simulation.scene import Scene
from simulation.soup import Soup

_GL: dict[tuple[int, int], mj.GLContext] = {}
FAR = 95.0  # metres: smaller things beyond are not drawn
SIGN = 81


@dataclass(frozen=True)
class Snapshot:
    """image [H,W,3] uint8; points [N,4] float32; labels [N] uint32 (raw id, instance in the high 16 bits)."""

    image: NDArray[np.uint8]
    points: NDArray[np.float32]
    labels: NDArray[np.uint32]


class Stage:
    """One scene seen by one rig; use `open_stage`."""

    def __init__(self, scene: Scene, rig: Rig) -> None:
        self.scene, self.rig = scene, rig
        spec = scene.world.spec
        spec.visual.global_.offwidth, spec.visual.global_.offheight = rig.width, rig.height
        spec.worldbody.add_camera(name="camera", pos=[0, 0, 2], mode=mj.mjtCamLight.mjCAMLIGHT_FIXED)
        self.model = spec.compile()
        self.data = mj.MjData(self.model)
        self.model.cam_fovy[0] = np.degrees(2 * np.arctan(rig.height / 2 / rig.focal))
        self._mocap = {m.body: self.model.body(m.body).mocapid[0] for m in scene.movers}
        self._read_geoms()
        self._open_gl()
        moving = self.model.body_mocapid[self.model.geom_bodyid] >= 0
        self._still = Soup(self.model, np.flatnonzero(~moving))
        self._moving = Soup(self.model, np.flatnonzero(moving)) if moving.any() else None
        mj.mj_kinematics(self.model, self.data)
        self._still.place(self.data)
        self._rays = rig.rays()

    def _read_geoms(self) -> None:
        model = self.model
        names = [model.geom(i).name.split("|") for i in range(model.ngeom)]
        self.labels = np.array([int(n[0]) | int(n[1]) << 16 for n in names], np.uint32)
        material = model.geom_matid
        albedo = model.mat_rgba[:, :3].mean(1)
        for k in range(model.nmat):
            texture = model.mat_texid[k, mj.mjtTextureRole.mjTEXROLE_RGB]
            if texture >= 0:
                start, size = model.tex_adr[texture], model.tex_width[texture] * model.tex_height[texture] * 3
                albedo[k] *= model.tex_data[start : start + size].mean() / 255
        for name, value in self.scene.reflectivity.items():
            albedo[model.material(name).id] = value
        spread = np.random.default_rng(self.scene.seed).uniform(0.7, 1.3, model.ngeom)
        self._albedo = np.clip(0.12 + 0.6 * albedo[material] * spread, 0.03, 1).astype(np.float32)
        self._albedo[(self.labels & 0xFFFF) == SIGN] = 1.5
        self._glass = model.mat_specular[material] > 0.85

    def _open_gl(self) -> None:
        size = (self.rig.width, self.rig.height)
        if size not in _GL:
            _GL[size] = mj.GLContext(*size)
        _GL[size].make_current()
        self._context = mj.MjrContext(self.model, mj.mjtFontScale.mjFONTSCALE_100.value)
        mj.mjr_setBuffer(mj.mjtFramebuffer.mjFB_OFFSCREEN.value, self._context)
        self._view = mj.MjvScene(self.model, maxgeom=6000)
        self._option = mj.MjvOption()
        self._camera = mj.MjvCamera()
        self._camera.type, self._camera.fixedcamid = mj.mjtCamera.mjCAMERA_FIXED, 0

    def close(self) -> None:
        """Frees the scene's textures and meshes on the renderer."""
        self._context.free()

    def move_to(self, t: float) -> None:
        """Brings bodies, camera and LiDAR to t seconds."""
        scene, data, model = self.scene, self.data, self.model
        for mover in scene.movers:
            k = self._mocap[mover.body]
            data.mocap_pos[k], data.mocap_quat[k] = mover.pose(scene.street, t)
        x = scene.ego_speed * t
        place, yaw = scene.street.at(x, scene.ego_offset), scene.street.yaw(x)
        self._ego = np.array([*place, 0.0])
        c, s = np.cos(yaw), np.sin(yaw)
        self._R = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])
        model.cam_pos[0] = self._ego + [0, 0, self.rig.camera_height]
        axes = np.stack([-self._R[:, 1], [0, 0, 1.0], -self._R[:, 0]], 1)
        mj.mju_mat2Quat(model.cam_quat[0], axes.ravel())
        mj.mj_kinematics(model, data)
        mj.mj_camlight(model, data)
        data.light_xpos[0] = self._ego + 25 * self._R[:, 0] - 40 * data.light_xdir[0]

    def render(self, segmentation: bool = False) -> NDArray[np.uint8]:
        """The image [H,W,3] uint8 as drawn; with `segmentation` the geom index in its bytes (see segments)."""
        forward = (self.data.geom_xpos - self._ego) @ self._R[:, 0]
        large = self.model.geom_rbound > 8
        self.model.geom_group[:] = np.where(large | ((forward > -6) & (forward < FAR)), 0, 5)
        self._option.geomgroup[:] = 1
        self._option.geomgroup[5] = 0
        everything = mj.mjtCatBit.mjCAT_ALL
        mj.mjv_updateScene(self.model, self.data, self._option, None, self._camera, everything, self._view)
        flags, weather = self._view.flags, self.scene.weather
        flags[mj.mjtRndFlag.mjRND_FOG] = int(not segmentation)
        flags[mj.mjtRndFlag.mjRND_HAZE] = 0
        flags[mj.mjtRndFlag.mjRND_SHADOW] = int(weather.shadows and not segmentation)
        flags[mj.mjtRndFlag.mjRND_SEGMENT] = flags[mj.mjtRndFlag.mjRND_IDCOLOR] = int(segmentation)
        image = np.empty((self.rig.height, self.rig.width, 3), np.uint8)
        port = mj.MjrRect(0, 0, self.rig.width, self.rig.height)
        mj.mjr_render(port, self._view, self._context)
        mj.mjr_readPixels(image, None, port, self._context)
        return image[::-1]

    def segments(self) -> NDArray[np.uint32]:
        """Label [H,W] uint32 of what is drawn at each pixel, 0 for the sky."""
        code = self.render(segmentation=True).astype(np.int64) @ [1, 256, 65536] - 1
        geom_of = np.zeros(self._view.ngeom + 1, np.int64)
        for geom in self._view.geoms[: self._view.ngeom]:
            if geom.segid >= 0:
                geom_of[geom.segid] = geom.objid
        return np.where(code >= 0, self.labels[geom_of[np.maximum(code, 0)]], 0).astype(np.uint32)

    def scan(self, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.uint32]]:
        """Points and labels of one turn of the LiDAR."""
        directions = (self._rays @ self._R.T).astype(np.float32)
        origin = self._ego - self.rig.lidar_behind * self._R[:, 0] + [0, 0, self.rig.lidar_height]
        origins = np.broadcast_to(origin.astype(np.float32), directions.shape).copy()
        distance, geom, normal = self._still.cast(origins, directions)
        if self._moving:
            self._moving.place(self.data)
            other = self._moving.cast(origins, directions)
            nearer = other[0] < distance
            distance = np.where(nearer, other[0], distance)
            geom, normal = np.where(nearer, other[1], geom), np.where(nearer[:, None], other[2], normal)
        incidence = np.abs((normal * directions).sum(1)) / (np.linalg.norm(normal, axis=1) + 1e-9)
        return returns(
            rng, self._rays, distance, incidence, self._albedo[geom], self._glass[geom], self.labels[geom],
            self.scene.weather,
        )  # fmt: skip

    def snapshot(self, t: float, index: int, image_delay: float = 0.0) -> Snapshot:
        """What the rig sees at t seconds; the camera may look a little later than the LiDAR."""
        rng = np.random.default_rng([self.scene.seed, index])
        self.move_to(t)
        points, labels = self.scan(rng)
        if image_delay:
            self.move_to(t + image_delay)
        return Snapshot(expose(rng, self.render(), self.scene.weather), points, labels)


@contextmanager
def open_stage(scene: Scene, rig: Rig) -> Iterator[Stage]:
    """A stage that is closed again."""
    stage = Stage(scene, rig)
    try:
        yield stage
    finally:
        stage.close()
