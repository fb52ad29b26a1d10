"""Things that lean: a flat shape from its foot at -x up to its top at +x."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.unknown.kind import Size


class Slant(NamedTuple):
    """half: of the slanted length, metres; middle: [3]; rotation: [3,3] and quat: [4], to turn an upright shape by"""

    half: float
    middle: NDArray[np.float64]
    rotation: NDArray[np.float64]
    quat: tuple[float, float, float, float]

    def at(self, along: float, across: float = 0.0, out: float = 0.0) -> NDArray[np.float64]:
        """A point [3]: along the slope (-1 foot, 1 top), across it (y, metres) and out of its upper side (metres)."""
        return np.asarray(self.middle + self.rotation @ [-out, across, along * self.half])


def slant(size: Size, thickness: float) -> Slant:
    """How a plate of a thickness fills a box of length, width, height."""
    rise, run = size[2] - thickness / 2, size[0] - thickness
    angle = float(np.arctan2(run, rise))
    c, s = np.cos(angle), np.sin(angle)
    rotation = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    quat = (float(np.cos(angle / 2)), 0.0, float(np.sin(angle / 2)), 0.0)
    return Slant(float(np.hypot(rise, run)) / 2, np.array([0, 0, size[2] / 2]), rotation, quat)
