"""What a LiDAR's intensities are measured against, so that a model bears every sensor's scale."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

CLOUDS = 20  # over which the scale is taken
BRIGHT = 95  # percentile of the positive intensities that becomes 1: stray returns cannot move it
ENOUGH = 8000  # points are enough for it
FEWEST = 50  # points
FLAT = 1e-3  # share of the scale by which intensities must differ to say anything


class IntensityScale:
    """Divides intensities by a robust statistic of the sensor, taken over its clouds.

    fixed: the scale where it is known, 0 to find it
    clouds: over how many clouds it is taken

    scale: what the last cloud was divided by, 0 when its intensities say nothing (none, all alike)
    """

    def __init__(self, fixed: float = 0.0, clouds: int = CLOUDS) -> None:
        self._fixed = fixed
        self._seen: deque[float] = deque(maxlen=clouds)
        self.scale = fixed

    def __call__(self, intensity: NDArray[np.float32], largest: float) -> NDArray[np.float32]:
        """Scaled intensities [N] float32 within [0, largest] of a cloud's [N]; zeros where they say nothing."""
        self.scale = self._fixed or self._measured(intensity)
        if not self.scale:
            return np.zeros(len(intensity), np.float32)
        with np.errstate(invalid="ignore", over="ignore"):
            scaled = np.clip(intensity * np.float32(1 / self.scale), 0, np.float32(largest))
        return np.asarray(np.where(np.isfinite(intensity), scaled, np.float32(0)))

    def _measured(self, intensity: NDArray[np.float32]) -> float:
        some = intensity[:: max(1, len(intensity) // ENOUGH) | 1]  # odd: 32 rings in turn must all be heard
        with np.errstate(invalid="ignore"):
            some = some[np.isfinite(some) & (some > 0)]
        if len(some) >= FEWEST:
            dark, bright = np.percentile(some.astype(np.float64), (100 - BRIGHT, BRIGHT))
            self._seen.append(float(bright) if bright - dark > FLAT * bright else 0.0)
        return float(np.median(self._seen)) if self._seen else 0.0

    def __str__(self) -> str:
        if self._fixed:
            return f"intensity / {self._fixed:g} (given)"
        if not self.scale:
            return "intensity left out: the cloud has none, or all alike"
        return f"intensity / {self.scale:.4g} (measured over {len(self._seen)} clouds)"
