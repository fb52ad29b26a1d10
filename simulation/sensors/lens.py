"""Lenses: the flat picture to render, and where every pixel of the raw image lies in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.distortion import MODELS
from fm_ood_ros.geometry.field import field_of
from simulation.sensors.camera_model import CameraModel

WIDEST = np.radians(76)  # angle to the axis that one flat picture can show
NEWTON_STEPS, STEP = 12, 1e-6
Floats = NDArray[np.float64]
Model = Callable[[Floats, Floats, Floats], tuple[Floats, Floats]]
Pixels = TypeVar("Pixels", NDArray[np.uint8], NDArray[np.uint16])


@dataclass(frozen=True)
class Lens:
    """width, height, K [3,3]: of the pinhole picture to render; u, v: its pixel per raw one, [H,W] float32, or None."""

    width: int
    height: int
    K: Floats
    u: NDArray[np.float32] | None = None
    v: NDArray[np.float32] | None = None

    def bend(self, picture: Pixels, nearest: bool = False) -> Pixels:
        """The raw image of a pinhole picture; nearest: for labels, which cannot be mixed."""
        if self.u is None or self.v is None:
            return picture
        mode = cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR
        bent = cv2.remap(picture, self.u, self.v, mode, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(bent).astype(picture.dtype, copy=False)


def lens_of(camera: CameraModel) -> Lens:
    """The lens of a camera, made once a process for equal intrinsics.

    Raises InputError when the image shows rays that the lens model or one flat picture cannot give.
    """
    K = tuple(map(float, camera.K.reshape(-1)))
    return _lens(camera.width, camera.height, K, camera.distortion_model, tuple(map(float, camera.distortion)))


@cache
def _lens(width: int, height: int, K: tuple[float, ...], model: str, distortion: tuple[float, ...]) -> Lens:
    matrix, d = np.array(K).reshape(3, 3), np.array(distortion)
    if model != "equidistant" and not d.any():
        return Lens(width, height, matrix)
    (fx, fy), (cx, cy) = (matrix[0, 0], matrix[1, 1]), matrix[:2, 2]
    v, u = np.mgrid[:height, :width].astype(float)
    x, y = undistort((u - cx) / fx, (v - cy) / fy, model, d)
    _check(x, y, model, d)
    left, right = np.floor(x.min() * fx) - 1, np.ceil(x.max() * fx) + 1
    top, bottom = np.floor(y.min() * fy) - 1, np.ceil(y.max() * fy) + 1
    flat = np.array([[fx, 0, -left], [0, fy, -top], [0, 0, 1]])
    at = (fx * x - left).astype(np.float32), (fy * y - top).astype(np.float32)
    return Lens(int(right - left) + 1, int(bottom - top) + 1, flat, *at)


def _check(x: Floats, y: Floats, model: str, d: Floats) -> None:
    r = np.hypot(x, y)
    widest = min(WIDEST, np.radians(field_of(model, d)))
    if not np.isfinite(r).all() or r.max() > np.tan(widest):
        found = np.degrees(np.arctan(r[np.isfinite(r)].max(initial=0)))
        raise InputError(
            f"the corners of a {model} image with distortion {d.tolist()} lie {found:.0f} degrees or more off axis, "
            f"expected at most {np.degrees(widest):.0f}, where the lens model or a flat picture ends; "
            "give a longer focal length, a smaller image or other coefficients"
        )


def undistort(xd: Floats, yd: Floats, model: str, d: Floats) -> tuple[Floats, Floats]:
    """Ideal rays (x/z, y/z) that a lens shows at xd, yd, by Newton's method; NaN where none is found."""
    x, y = _radial_guess(xd, yd, model, d)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _newton(MODELS[model], x, y, xd, yd, d)


def _newton(project: Model, x: Floats, y: Floats, xd: Floats, yd: Floats, d: Floats) -> tuple[Floats, Floats]:
    for _ in range(NEWTON_STEPS):
        fx, fy = project(x, y, d)
        ax, ay = project(x + STEP, y, d)
        bx, by = project(x, y + STEP, d)
        a, b, c, e = (ax - fx) / STEP, (bx - fx) / STEP, (ay - fy) / STEP, (by - fy) / STEP
        rx, ry, determinant = xd - fx, yd - fy, a * e - b * c
        x, y = x + (e * rx - b * ry) / determinant, y + (a * ry - c * rx) / determinant
    fx, fy = project(x, y, d)
    lost = ~(np.hypot(fx - xd, fy - yd) < 1e-6)
    return np.where(lost, np.nan, x), np.where(lost, np.nan, y)


def _radial_guess(xd: Floats, yd: Floats, model: str, d: Floats) -> tuple[Floats, Floats]:
    """Start of the search: the radial part alone, from a table."""
    radial = d.copy()
    if model != "equidistant":
        radial[2:4] = 0.0
    r = np.linspace(0, np.tan(np.radians(min(85, 0.999 * field_of(model, d)))), 4000)
    bent, _ = MODELS[model](r, np.zeros_like(r), radial)
    rd = np.hypot(xd, yd)
    scale = np.interp(rd, bent, r) / np.maximum(rd, 1e-12)
    return xd * scale, yd * scale
