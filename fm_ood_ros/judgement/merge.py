"""One verdict a point, by the view that sees it best."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.rig import Sight


def best_views(sights: Sequence[Sight], points: int) -> NDArray[np.int32]:
    """Index [N] of the view by which each point is judged, -1 for none: where it lies nearest to the image's middle.

    A lens is sharpest there, and what lies at an image's edge is cut off.
    """
    if len(sights) == 1:
        return np.where(sights[0].projection.source >= 0, np.int32(0), np.int32(-1))
    best = np.full(points, -1, np.int32)
    off = np.full(points, np.inf, np.float32)
    for index, sight in enumerate(sights):
        source = sight.projection.source
        seen = np.flatnonzero(source >= 0)
        height, width = sight.view.size
        row, column = np.divmod(source[seen], width)
        here = np.maximum(np.abs(2 * column / (width - 1) - 1), np.abs(2 * row / (height - 1) - 1)).astype(np.float32)
        better = here < off[seen]
        best[seen[better]], off[seen[better]] = index, here[better]
    return best
