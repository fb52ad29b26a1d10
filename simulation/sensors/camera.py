"""The cameras: MuJoCo's classic renderer behind one OpenGL context."""

from __future__ import annotations

import mujoco as mj
import numpy as np
from numpy.typing import NDArray

from simulation.sensors.lens import Lens, lens_of
from simulation.world.scene import Scene

NEAR, FAR = 0.3, 400.0
VISIBLE, HIDDEN = 0, 5  # geom groups
SHADOW_SLACK = 10.0  # metres beside the view
SHADOW_REACH = 50.0  # metres up to which things cast shadows
SMALLEST = 0.7  # pixels of radius
_CONTEXT: list[mj.GLContext] = []


def _make_current(width: int, height: int) -> None:
    """One OpenGL context per process, current from then on."""
    if not _CONTEXT:
        _CONTEXT.append(mj.GLContext(width, height))
    _CONTEXT[0].make_current()


class Camera:
    """Looks at one scene through each camera of its rig; `which` counts them, 0 the main one."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._lenses = [lens_of(camera) for camera in scene.rig.cameras]
        width, height = max(lens.width for lens in self._lenses), max(lens.height for lens in self._lenses)
        scene.model.vis.global_.offwidth, scene.model.vis.global_.offheight = width, height
        _make_current(width, height)
        self._gl = mj.MjrContext(scene.model, mj.mjtFontScale.mjFONTSCALE_100.value)
        self._view = mj.MjvScene(scene.model, maxgeom=scene.model.ngeom)
        self._option, self._free = mj.MjvOption(), mj.MjvCamera()
        self._option.geomgroup[:] = 1
        self._option.geomgroup[HIDDEN] = 0
        self._sun = mj.mj_name2id(scene.model, mj.mjtObj.mjOBJ_LIGHT, "sun")

    def close(self) -> None:
        """Frees the scene's share of the graphics memory."""
        self._gl.free()

    def render(self, base: NDArray[np.float64], which: int = 0) -> NDArray[np.uint8]:
        """The image [H,W,3] of the scene as it stands, from a pose [4,4] of base_link; without sensor effects."""
        self._look(base, which)
        flags = self._view.flags
        flags[mj.mjtRndFlag.mjRND_FOG] = 1
        flags[mj.mjtRndFlag.mjRND_SHADOW] = int(self._scene.shadows)
        if self._scene.shadows:
            self._spare_far_shadows(base[:3, 3])
        flags[mj.mjtRndFlag.mjRND_SEGMENT] = flags[mj.mjtRndFlag.mjRND_IDCOLOR] = 0
        lens = self._lenses[which]
        return lens.bend(self._read(lens))

    def _spare_far_shadows(self, eye: NDArray[np.float64]) -> None:
        """Far things cast none, as MuJoCo's decoration: the shadow pass is the dearest one."""
        far = np.linalg.norm(self._scene.data.geom_xpos - eye, axis=1) > SHADOW_REACH + self._scene.model.geom_rbound
        for geom in self._view.geoms[: self._view.ngeom]:
            if far[geom.objid]:
                geom.category = mj.mjtCatBit.mjCAT_DECOR.value

    def segment(self, base: NDArray[np.float64], which: int = 0) -> NDArray[np.uint16]:
        """The raw class id [H,W] of every pixel, 0 where there is sky."""
        self._look(base, which)
        flags = self._view.flags
        flags[mj.mjtRndFlag.mjRND_FOG] = flags[mj.mjtRndFlag.mjRND_SHADOW] = 0
        flags[mj.mjtRndFlag.mjRND_SEGMENT] = flags[mj.mjtRndFlag.mjRND_IDCOLOR] = 1
        lens = self._lenses[which]
        colors = self._read(lens).astype(np.int64) @ [1, 256, 65536]
        geoms = np.array([g.objid for g in self._view.geoms[: self._view.ngeom]])
        order = np.array([g.segid for g in self._view.geoms[: self._view.ngeom]])
        labels = np.zeros(self._view.ngeom + 2, np.uint16)
        labels[order + 1] = self._scene.label[geoms]
        return lens.bend(labels[colors], nearest=True)

    def _read(self, lens: Lens) -> NDArray[np.uint8]:
        mj.mjr_setBuffer(mj.mjtFramebuffer.mjFB_OFFSCREEN.value, self._gl)
        view = mj.MjrRect(0, 0, lens.width, lens.height)
        mj.mjr_render(view, self._view, self._gl)
        image = np.empty((lens.height, lens.width, 3), np.uint8)
        mj.mjr_readPixels(image, None, view, self._gl)
        return image[::-1]

    def _look(self, base: NDArray[np.float64], which: int) -> None:
        scene, model, data = self._scene, self._scene.model, self._scene.data
        pose, lens = base @ scene.rig.cameras[which].T_base_camera, self._lenses[which]
        self._cull(pose, lens)
        mj.mj_camlight(model, data)
        data.light_xpos[self._sun] = base[:3, 3] + base[:3, 0] * 25 - data.light_xdir[self._sun] * 40
        mj.mjv_updateScene(model, data, self._option, None, self._free, mj.mjtCatBit.mjCAT_ALL, self._view)
        self._view.flags[mj.mjtRndFlag.mjRND_HAZE] = 0
        for eye in self._view.camera:
            eye.pos[:], eye.forward[:], eye.up[:] = pose[:3, 3], pose[:3, 2], -pose[:3, 1]
            set_frustum(eye, lens)

    def _cull(self, pose: NDArray[np.float64], lens: Lens) -> None:
        """Hides what lies outside the view (but for what may cast a shadow into it) or is less than a pixel."""
        model, data = self._scene.model, self._scene.data
        across, _, ahead = ((data.geom_xpos - pose[:3, 3]) @ pose[:3, :3]).T
        reach = model.geom_rbound
        slack = reach + (SHADOW_SLACK if self._scene.shadows else 1.0)
        edge = max(lens.K[0, 2], lens.width - lens.K[0, 2]) / lens.K[0, 0]
        seen = (ahead > -slack) & (np.abs(across) < np.maximum(ahead, 0) * edge + 1.4 * slack)
        seen &= reach * lens.K[0, 0] > SMALLEST * ahead
        model.geom_group[:] = np.where(seen | (reach > 30), VISIBLE, HIDDEN)


def set_frustum(eye: mj.MjvGLCamera, lens: Lens) -> None:
    """OpenGL's frustum for pixel centres at whole numbers."""
    fx, fy, cx, cy = lens.K[0, 0], lens.K[1, 1], lens.K[0, 2] + 0.5, lens.K[1, 2] + 0.5
    left, right = -cx / fx * NEAR, (lens.width - cx) / fx * NEAR
    eye.frustum_near, eye.frustum_far = NEAR, FAR
    eye.frustum_center, eye.frustum_width = (left + right) / 2, (right - left) / 2
    eye.frustum_top, eye.frustum_bottom = cy / fy * NEAR, -(lens.height - cy) / fy * NEAR
