"""Lens distortion: from ideal rays to where the raw image shows them (models of sensor_msgs/CameraInfo)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import CalibrationError

Array = NDArray[np.float64]


def brown_conrady(x: Array, y: Array, d: Array) -> tuple[Array, Array]:
    """k1 k2 p1 p2 [k3 [k4 k5 k6 [s1 s2 s3 s4 [tx ty]]]]: radial, tangential, thin prism, tilt (OpenCV calib3d).

    x, y: of rays at z = 1
    """
    k1, k2, p1, p2, k3, k4, k5, k6, s1, s2, s3, s4, tx, ty = np.pad(d, (0, 14 - len(d)))
    r2 = x * x + y * y
    radial = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1 + r2 * (k4 + r2 * (k5 + r2 * k6)))
    xd = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x) + r2 * (s1 + r2 * s2)
    yd = y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y + r2 * (s3 + r2 * s4)
    return _tilted(xd, yd, tx, ty) if tx or ty else (xd, yd)


def _tilted(x: Array, y: Array, tx: float, ty: float) -> tuple[Array, Array]:
    """Onto a sensor turned by tx about x and then ty about y (Scheimpflug; OpenCV calib3d)."""
    (cx, sx), (cy, sy) = (np.cos(tx), np.sin(tx)), (np.cos(ty), np.sin(ty))
    R = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]]) @ np.array([[1, 0, 0], [0, cx, sx], [0, -sx, cx]])
    T = np.array([[R[2, 2], 0, -R[0, 2]], [0, R[2, 2], -R[1, 2]], [0, 0, 1]]) @ R
    u, v, w = np.tensordot(T, np.stack([x, y, np.ones_like(x)]), 1)
    return np.asarray(u / w), np.asarray(v / w)


def equidistant(x: Array, y: Array, d: Array, z: Array | float = 1.0) -> tuple[Array, Array]:
    """Kannala-Brandt fisheye with k1..k4 (OpenCV fisheye); z may be negative: rays beyond 90 degrees off axis."""
    r = np.hypot(x, y)
    scale = np.where(r > 1e-12, bent_angle(np.arctan2(r, z), d) / np.maximum(r, 1e-12), 1.0)
    return x * scale, y * scale


def bent_angle(theta: Array, d: Array) -> Array:
    """How far from the centre of a fisheye image, in focal lengths, a ray `theta` radians off axis is shown."""
    k1, k2, k3, k4 = np.pad(d, (0, 4 - len(d)))
    t2 = theta * theta
    return np.asarray(theta * (1 + t2 * (k1 + t2 * (k2 + t2 * (k3 + t2 * k4)))))


MODELS: dict[str, Callable[[Array, Array, Array], tuple[Array, Array]]] = {
    "plumb_bob": brown_conrady,
    "rational_polynomial": brown_conrady,
    "equidistant": equidistant,
}
COEFFICIENTS = {"plumb_bob": (0, 4, 5), "rational_polynomial": (0, 4, 5, 8, 12, 14), "equidistant": (0, 4)}

ALIASES = {
    "": "plumb_bob",
    "radtan": "plumb_bob",
    "brown_conrady": "plumb_bob",
    "equi": "equidistant",
    "fisheye": "equidistant",
    "kannala_brandt": "equidistant",
    "kannala_brandt4": "equidistant",
}
STRAIGHT = ("none", "pinhole", "modified_brown_conrady", "inverse_brown_conrady")  # sure only where nothing is bent


def canonical(model: str, d: Array) -> tuple[str, Array]:
    """A model's name in MODELS and its coefficients, without the zeros that drivers pad them with.

    Raises CalibrationError for names that mean no known model, and for coefficients that a model does not have.
    """
    name = model.strip().lower().replace(" ", "_").replace("-", "_")
    name = ALIASES.get(name, name)
    if name in STRAIGHT and not d.any():
        name = "plumb_bob"
    elif name == "modified_brown_conrady" and not d[2:4].any():
        name = "plumb_bob"  # it differs in how the tangential terms enter
    if name not in MODELS:
        bent = f" with coefficients {d.tolist()}" if name in STRAIGHT else ""
        raise CalibrationError(
            f"distortion model is '{model}'{bent}, expected one of {sorted(MODELS)}; "
            "rectify the image or recalibrate with one of these"
        )
    allowed = COEFFICIENTS[name]
    d = d[: max(allowed)] if not d[max(allowed) :].any() else d
    if len(d) not in allowed:
        raise CalibrationError(
            f"{name} has {len(d)} coefficients, expected one of {allowed}; "
            "correct the camera_info or the calibration file (8, 12 and 14 are rational_polynomial's)"
        )
    if not np.isfinite(d).all():
        raise CalibrationError("distortion has coefficients that are not finite; recalibrate the camera")
    return name, d if d.any() else np.zeros(0)
