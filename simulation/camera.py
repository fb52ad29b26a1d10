"""The camera: exposure, noise and rain on a rendered image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulation.weather import Weather


def expose(rng: np.random.Generator, image: NDArray[np.uint8], weather: Weather) -> NDArray[np.uint8]:
    """A rendered image [H,W,3] as a real camera would show it."""
    curve = 255 * (np.arange(256) / 255 * rng.uniform(0.85, 1.15)).clip(0, 1) ** rng.uniform(0.85, 1.1)
    exposed = curve.astype(np.float32)[image]
    height, width = image.shape[:2]
    for _ in range(weather.streaks):
        top, left, length = rng.integers(0, height - 14), rng.integers(0, width - 3), rng.integers(5, 14)
        exposed[top : top + length, left] = exposed[top : top + length, left] * 0.6 + 90
    gray = rng.standard_normal((height, width, 1), dtype=np.float32) * weather.noise * rng.uniform(0.5, 1.3)
    color = rng.standard_normal((height, width, 3), dtype=np.float32) * weather.noise * rng.uniform(0.2, 0.8)
    return np.clip(exposed + gray + color, 0, 255).astype(np.uint8)
