"""The camera: MuJoCo's classic renderer behind one OpenGL context, and what a real sensor adds."""

from __future__ import annotations

from functools import cache

import mujoco as mj
import numpy as np
from numpy.typing import NDArray

from simulation.scene import Scene
from simulation.sensors.rigs import Rig

NEAR, FAR = 0.3, 400.0
VISIBLE, HIDDEN = 0, 5  # geom groups
MAX_GEOMS = 8000
NOISES = 6
SHADOW_SLACK = 10.0  # metres beside the view
SMALLEST = 0.7  # pixels of radius
_CONTEXT: list[mj.GLContext] = []


def _make_current(width: int, height: int) -> None:
    """One OpenGL context per process, current from then on."""
    if not _CONTEXT:
        _CONTEXT.append(mj.GLContext(width, height))
    _CONTEXT[0].make_current()


class Camera:
    """Looks at one scene."""

    def __init__(self, scene: Scene) -> None:
        self._scene, self._rig = scene, scene.rig
        visual = scene.model.vis.global_
        visual.offwidth, visual.offheight = self._rig.width, self._rig.height
        _make_current(self._rig.width, self._rig.height)
        self._gl = mj.MjrContext(scene.model, mj.mjtFontScale.mjFONTSCALE_100.value)
        mj.mjr_setBuffer(mj.mjtFramebuffer.mjFB_OFFSCREEN.value, self._gl)
        self._view = mj.MjvScene(scene.model, maxgeom=MAX_GEOMS)
        self._option, self._free = mj.MjvOption(), mj.MjvCamera()
        self._option.geomgroup[:] = 1
        self._option.geomgroup[HIDDEN] = 0
        self._sun = mj.mj_name2id(scene.model, mj.mjtObj.mjOBJ_LIGHT, "sun")

    def close(self) -> None:
        """Frees the scene's share of the graphics memory."""
        self._gl.free()

    def render(self, base: NDArray[np.float64]) -> NDArray[np.uint8]:
        """The image [H,W,3] of the scene as it stands, from a pose [4,4] of base_link; without sensor effects."""
        self._look(base)
        flags = self._view.flags
        flags[mj.mjtRndFlag.mjRND_FOG] = 1
        flags[mj.mjtRndFlag.mjRND_SHADOW] = int(self._scene.shadows)
        flags[mj.mjtRndFlag.mjRND_SEGMENT] = flags[mj.mjtRndFlag.mjRND_IDCOLOR] = 0
        return self._read()

    def segment(self, base: NDArray[np.float64]) -> NDArray[np.uint16]:
        """The raw class id [H,W] of every pixel, 0 where there is sky."""
        self._look(base)
        flags = self._view.flags
        flags[mj.mjtRndFlag.mjRND_FOG] = flags[mj.mjtRndFlag.mjRND_SHADOW] = 0
        flags[mj.mjtRndFlag.mjRND_SEGMENT] = flags[mj.mjtRndFlag.mjRND_IDCOLOR] = 1
        colors = self._read().astype(np.int64) @ [1, 256, 65536]
        geoms = np.array([g.objid for g in self._view.geoms[: self._view.ngeom]])
        order = np.array([g.segid for g in self._view.geoms[: self._view.ngeom]])
        labels = np.zeros(self._view.ngeom + 2, np.uint16)
        labels[order + 1] = self._scene.label[geoms]
        return np.asarray(labels[colors])

    def _read(self) -> NDArray[np.uint8]:
        view = mj.MjrRect(0, 0, self._rig.width, self._rig.height)
        mj.mjr_render(view, self._view, self._gl)
        image = np.empty((self._rig.height, self._rig.width, 3), np.uint8)
        mj.mjr_readPixels(image, None, view, self._gl)
        return image[::-1]

    def _look(self, base: NDArray[np.float64]) -> None:
        scene, model, data = self._scene, self._scene.model, self._scene.data
        pose = base @ self._rig.T_base_camera
        self._cull(pose)
        mj.mj_camlight(model, data)
        data.light_xpos[self._sun] = base[:3, 3] + base[:3, 0] * 25 - data.light_xdir[self._sun] * 40
        mj.mjv_updateScene(model, data, self._option, None, self._free, mj.mjtCatBit.mjCAT_ALL, self._view)
        self._view.flags[mj.mjtRndFlag.mjRND_HAZE] = 0
        for eye in self._view.camera:
            eye.pos[:], eye.forward[:], eye.up[:] = pose[:3, 3], pose[:3, 2], -pose[:3, 1]
            set_frustum(eye, scene.rig)

    def _cull(self, pose: NDArray[np.float64]) -> None:
        """Hides what lies outside the view (but for what may cast a shadow into it) or is less than a pixel."""
        model, data, rig = self._scene.model, self._scene.data, self._rig
        across, _, ahead = ((data.geom_xpos - pose[:3, 3]) @ pose[:3, :3]).T
        reach = model.geom_rbound
        slack = reach + (SHADOW_SLACK if self._scene.shadows else 1.0)
        edge = max(rig.K[0, 2], rig.width - rig.K[0, 2]) / rig.K[0, 0]
        seen = (ahead > -slack) & (np.abs(across) < np.maximum(ahead, 0) * edge + 1.4 * slack)
        seen &= reach * rig.K[0, 0] > SMALLEST * ahead
        model.geom_group[:] = np.where(seen | (reach > 30), VISIBLE, HIDDEN)


def set_frustum(eye: mj.MjvGLCamera, rig: Rig) -> None:
    """OpenGL's frustum for pixel centres at whole numbers."""
    fx, fy, cx, cy = rig.K[0, 0], rig.K[1, 1], rig.K[0, 2] + 0.5, rig.K[1, 2] + 0.5
    left, right = -cx / fx * NEAR, (rig.width - cx) / fx * NEAR
    eye.frustum_near, eye.frustum_far = NEAR, FAR
    eye.frustum_center, eye.frustum_width = (left + right) / 2, (right - left) / 2
    eye.frustum_top, eye.frustum_bottom = cy / fy * NEAR, -(rig.height - cy) / fy * NEAR


class ImageSensor:
    """Gain, gamma, noise and rain streaks of one recording."""

    def __init__(self, scene: Scene, rng: np.random.Generator) -> None:
        self._rng, self._streaks = rng, scene.weather.streaks
        gain, gamma, tint = rng.uniform(0.85, 1.15), rng.uniform(0.85, 1.12), rng.uniform(0.96, 1.04, 3)
        levels = np.arange(256) / 255
        curve = 255 * (gain * levels[:, None] ** gamma * tint)
        self._curve = curve.astype(np.float32)
        self._strength = scene.weather.noise * rng.uniform(0.5, 1.5)

    def expose(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The image as the sensor would give it."""
        rng = self._rng
        noise = _noise_bank(image.shape[:2])[rng.integers(NOISES)]
        shift = rng.integers(0, image.shape[0]), rng.integers(0, image.shape[1])
        noisy = np.stack([self._curve[image[..., c], c] for c in range(3)], -1)
        noisy += np.roll(noise, shift, (0, 1)) * np.float32(self._strength)
        if self._streaks:
            _rain(noisy, rng, self._streaks)
        return np.asarray(np.clip(noisy, 0, 255).astype(np.uint8))


@cache
def _noise_bank(size: tuple[int, int]) -> NDArray[np.float32]:
    """Noise pictures [NOISES,H,W,3] of unit strength, made once a process: grey and a little colour."""
    rng = np.random.default_rng(0)
    gray = rng.standard_normal((NOISES, *size, 1), np.float32)
    return gray + np.float32(0.6) * rng.standard_normal((NOISES, *size, 3), np.float32)


def _rain(image: NDArray[np.float32], rng: np.random.Generator, count: int) -> None:
    height, width = image.shape[:2]
    rows, columns, lengths = (
        rng.integers(0, height - 16, count),
        rng.integers(0, width, count),
        rng.integers(5, 15, count),
    )
    for row, column, length in zip(rows, columns, lengths, strict=True):
        streak = image[row : row + length, column]
        streak *= 0.6
        streak += 70
