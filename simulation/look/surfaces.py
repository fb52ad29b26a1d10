"""What a LiDAR makes of a material."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Surface:
    """reflectivity: returned intensity at normal incidence and no distance; lost: share of pulses never returned."""

    reflectivity: float
    lost: float = 0.0
