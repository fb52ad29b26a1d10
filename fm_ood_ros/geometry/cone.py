"""How far off its axis a camera looks: most points of a cloud need not go through its lens at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.geometry.lens import Lens

STEP = 2.0  # degrees between the rays that are tried, and what is added to the widest of them


class Cone:
    """The directions that a lens may show; cosine: of the widest angle off its axis, within a few degrees."""

    def __init__(self, lens: Lens) -> None:
        self.lens = lens
        self._axis = lens.R[2].astype(np.float32)
        self.cosine = _cosine(lens)

    def pixels(
        self, xyz: NDArray[np.float32], distance: NDArray[np.float32], usable: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Pixels [N,2] of points [N,3] at distances [N] (optical frame, metres).

        NaN for those that are not usable [N] or that the image cannot show; some beside the image have one too.
        """
        uv = np.full((2, len(xyz)), np.nan).T  # columns in one piece are read faster
        with np.errstate(invalid="ignore"):
            some = np.flatnonzero(usable & (xyz @ self._axis >= distance * np.float32(self.cosine)))
        uv[some] = self.lens.project(xyz[some])
        return uv


def _cosine(lens: Lens) -> float:
    off, around = np.radians(np.meshgrid(np.arange(0.0, 180.0, STEP), np.arange(0.0, 360.0, STEP)))
    off, around = off.reshape(-1), around.reshape(-1)
    rays = np.stack([np.sin(off) * np.cos(around), np.sin(off) * np.sin(around), np.cos(off)], 1)
    uv = lens.project(rays @ lens.R)
    with np.errstate(invalid="ignore"):
        shown = ((uv >= -0.5) & (uv < [lens.width - 0.5, lens.height - 0.5])).all(1)
    if not shown.any():  # an image narrower than the rays stand apart
        return -1.0
    widest = off[shown].max()
    return float(np.cos(min(np.pi, widest + np.radians(2 * STEP))))
