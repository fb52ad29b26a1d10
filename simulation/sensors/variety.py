"""What differs from scene to scene in a rig that varies (`vary` in its file)."""

from __future__ import annotations

from typing import Any

import numpy as np


def draw_variety(vary: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """camera, lidar: offsets by name (metres, degrees), each within +- what the block says; every: which beams stay.

    Drawn by sorted names, so that the order in the file decides nothing.
    """
    drawn: dict[str, Any] = {}
    for part in ("camera", "lidar"):
        most = vary.get(part, {})
        drawn[part] = {name: float(most[name] * rng.uniform(-1, 1)) for name in sorted(most)}
    drawn["every"] = int(rng.choice(vary.get("every", [1])))
    return drawn


def moved_camera(camera: dict[str, Any], height: float = 0.0, pitch: float = 0.0, yaw: float = 0.0) -> dict[str, Any]:
    """A camera of a rig file, raised by metres and turned by degrees (pitch down positive, yaw left positive)."""
    x, y, z = camera["at"]
    turned = {"pitch": camera.get("pitch", 0.0) + pitch, "yaw": camera.get("yaw", 0.0) + yaw}
    return {**camera, "at": [x, y, z + height], **turned}
