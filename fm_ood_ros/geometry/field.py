"""Where a lens model ends: beyond, a polynomial folds rays from outside the picture back into it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.geometry.distortion import MODELS, bent_angle

Array = NDArray[np.float64]
WIDEST = 89.0  # degrees: no flat picture reaches further, and a distorted one is not followed there
ANGLES, AZIMUTHS = 2000, 64


def field_of(model: str, d: Array) -> float:
    """The largest angle off axis in degrees up to which a lens model is one-to-one, whatever the azimuth.

    90 for a pinhole and 180 for a fisheye, both open, where nothing folds before.
    """
    return _field(model, tuple(d.tolist()))


@lru_cache(maxsize=64)
def _field(model: str, coefficients: tuple[float, ...]) -> float:
    d = np.array(coefficients)
    if model == "equidistant":
        return _fisheye_field(d)
    return _flat_field(model, d) if d.any() else 90.0


def _fisheye_field(d: Array) -> float:
    angle = np.linspace(0, np.pi, ANGLES)
    return _before(np.diff(bent_angle(angle, d)) > 0, angle)


def _flat_field(model: str, d: Array) -> float:
    """Where the first cell of a polar grid on the image plane turns over, as the map's Jacobian does there."""
    angle = np.linspace(0, np.radians(WIDEST), ANGLES)
    azimuth = np.linspace(0, 2 * np.pi, AZIMUTHS + 1)[:, None]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        x, y = MODELS[model](np.tan(angle) * np.cos(azimuth), np.tan(angle) * np.sin(azimuth), d)
        (x_out, x_round), (y_out, y_round) = ((np.diff(c)[:-1], np.diff(c, axis=0)[:, 1:]) for c in (x, y))
        area = x_out * y_round - x_round * y_out
    return _before(np.all(area > 0, axis=0), angle)


def _before(upright: Any, angle: Array) -> float:
    """Degrees at the inner edge of the first step that is not upright."""
    folds = np.flatnonzero(~upright)
    return float(np.degrees(angle[folds[0]] if len(folds) else angle[-1]))
