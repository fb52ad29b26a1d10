"""The LiDAR: rays, and what weather and materials leave of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulation.weather import Weather

OUTLIER = 1  # SemanticKITTI's raw id of returns from nothing
REACH = 100.0  # metres
NOISE = 0.02  # metres


def returns(
    rng: np.random.Generator,
    directions: NDArray[np.float32],
    distance: NDArray[np.float32],
    incidence: NDArray[np.float32],
    albedo: NDArray[np.float32],
    glass: NDArray[np.bool_],
    labels: NDArray[np.uint32],
    weather: Weather,
) -> tuple[NDArray[np.float32], NDArray[np.uint32]]:
    """Points [N,4] (LiDAR frame, metres, intensity in [0,1]) and labels [N] of the rays that come back.

    distance: [R] metres, inf for none; incidence: cosine of the angle to the surface; albedo: of what was hit
    """
    seen = np.minimum(distance, 300.0)
    strength = np.clip(albedo * incidence**0.7, 0, 1.5) * np.exp(-2 * weather.attenuation * seen)
    strength = strength / (1 + (seen / 70) ** 2) + rng.normal(0, 0.02, len(seen))
    lost = rng.random(len(seen)) < np.clip(0.35 - 4 * strength, 0.01, 0.9)
    lost |= glass & (rng.random(len(seen)) < 0.7)
    keep = (distance < REACH) & ~lost
    measured = seen + rng.normal(0, NOISE, len(seen))
    labels = labels.copy()
    if weather.backscatter:
        drop = rng.random(len(seen)) < weather.backscatter
        near = rng.exponential(5, len(seen)) + 1.5
        drop &= near < seen
        measured[drop], labels[drop] = near[drop], OUTLIER
        strength[drop] = rng.uniform(0, 0.25, int(drop.sum()))
        keep |= drop
    points = np.c_[directions * measured[:, None], np.clip(strength, 0, 1)][keep]
    points[:, :3] = np.round(points[:, :3], 3)
    points[:, 3] = np.round(points[:, 3] * 255) / 255
    return points.astype(np.float32), labels[keep]
