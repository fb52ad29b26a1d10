"""Does the LiDAR's intensity come on the scale that the model was trained with?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

FACTOR = 5.0  # sensors differ by less than this on one scale; the usual scales (1, 255, 65535) differ by far more
ENOUGH = 200  # points


def intensity_trouble(intensity: NDArray[np.float32] | None, trained: Mapping[str, float]) -> str:
    """One sentence on what is wrong with the intensities [N] of judged points, or "".

    intensity: None when the cloud has no such field; trained: statistics of the training set, of which p99 counts
    """
    expected = float(trained.get("p99", 0.0))
    if expected <= 0:
        return ""
    if intensity is None:
        return "the cloud has no intensity field, but the model was trained with one: expect worse verdicts"
    finite = intensity[np.isfinite(intensity)]
    if len(finite) < ENOUGH:
        return ""
    found = float(np.percentile(finite, 99))
    if expected / FACTOR <= found <= expected * FACTOR:
        return ""
    return (
        f"99 % of the intensities lie below {found:g}, in training below {expected:g}: the scale is another one; "
        "rescale it in the driver or expect worse verdicts"
    )
