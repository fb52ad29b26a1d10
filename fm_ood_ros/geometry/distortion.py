"""Lens distortion: from ideal rays to where the raw image shows them (models of sensor_msgs/CameraInfo)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def plumb_bob(x: Array, y: Array, d: Array) -> tuple[Array, Array]:
    """Brown-Conrady with k1 k2 p1 p2 [k3] (REP 104)."""
    k1, k2, p1, p2, k3 = np.pad(d, (0, 5 - len(d)))
    r2 = x * x + y * y
    return _tangential(x, y, r2, 1 + r2 * (k1 + r2 * (k2 + r2 * k3)), p1, p2)


def rational_polynomial(x: Array, y: Array, d: Array) -> tuple[Array, Array]:
    """Brown-Conrady with a rational radial term, k1 k2 p1 p2 k3 k4 k5 k6 (OpenCV calib3d)."""
    k1, k2, p1, p2, k3, k4, k5, k6 = np.pad(d, (0, 8 - len(d)))
    r2 = x * x + y * y
    radial = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1 + r2 * (k4 + r2 * (k5 + r2 * k6)))
    return _tangential(x, y, r2, radial, p1, p2)


def equidistant(x: Array, y: Array, d: Array) -> tuple[Array, Array]:
    """Kannala-Brandt fisheye with k1..k4 (OpenCV fisheye)."""
    k1, k2, k3, k4 = np.pad(d, (0, 4 - len(d)))
    r = np.hypot(x, y)
    theta = np.arctan(r)
    t2 = theta * theta
    bent = theta * (1 + t2 * (k1 + t2 * (k2 + t2 * (k3 + t2 * k4))))
    scale = np.where(r > 1e-12, bent / np.maximum(r, 1e-12), 1.0)
    return x * scale, y * scale


def _tangential(x: Array, y: Array, r2: Array, radial: Array, p1: float, p2: float) -> tuple[Array, Array]:
    return (
        x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
        y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
    )


MODELS: dict[str, Callable[[Array, Array, Array], tuple[Array, Array]]] = {
    "plumb_bob": plumb_bob,
    "rational_polynomial": rational_polynomial,
    "equidistant": equidistant,
}
COEFFICIENTS = {"plumb_bob": (0, 4, 5), "rational_polynomial": (0, 8), "equidistant": (0, 4)}


def field_radius(model: str, d: Array) -> float:
    """Radius (tangent of the angle to the optical axis) up to which a lens model is one-to-one.

    Beyond it a polynomial folds rays from outside the picture back into it.
    """
    if not d.any():
        return float("inf")
    radial = d.copy()
    if model != "equidistant":
        radial[2:4] = 0.0
    r = np.tan(np.linspace(0.0, np.radians(89.0), 4000))
    bent, _ = MODELS[model](r, np.zeros_like(r), radial)
    folds = np.flatnonzero(np.diff(bent) <= 0)
    return float(r[folds[0]]) if len(folds) else float("inf")
