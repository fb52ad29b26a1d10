"""What the model says about a frame."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

NOT_JUDGED = 255


@dataclass(frozen=True)
class Prediction:
    """Verdicts per point and per pixel; what was not judged says so and is never a guess.

    class_id: [N] uint8, 255 = not judged
    probability: [N] float32 of that class, NaN = not judged
    anomaly_score: [N] float32 in [0,1], higher is stranger, NaN = not judged
    class_map: [h,w] uint8 over the raw image, 255 = not judged (no LiDAR point near)
    anomaly_map: [h,w] float32 over the raw image, NaN = not judged
    timings: milliseconds per stage
    """

    class_id: NDArray[np.uint8]
    probability: NDArray[np.float32]
    anomaly_score: NDArray[np.float32]
    class_map: NDArray[np.uint8]
    anomaly_map: NDArray[np.float32]
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def judged(self) -> int:
        """How many points got a verdict."""
        return int(np.count_nonzero(self.class_id != NOT_JUDGED))
