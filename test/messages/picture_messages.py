"""Messages with pictures, made in memory, of the attributes that rclpy and rosbags give them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np

COLOR = (200, 100, 40)
FLAT = np.full((6, 8, 3), COLOR, np.uint8)


def raw(encoding: str, pixels: np.ndarray, padding: int = 0, **changes: Any) -> Any:
    height, width = pixels.shape[:2]
    rows = [row.tobytes() + b"\xaa" * padding for row in pixels]
    values = {"height": height, "width": width, "step": len(rows[0]), "data": b"".join(rows), "is_bigendian": 0}
    return SimpleNamespace(encoding=encoding, **{**values, **changes})


def compressed(data: bytes, form: str = "jpeg") -> Any:
    return SimpleNamespace(format=form, data=data)


def mosaic(pattern: str) -> np.ndarray:
    """A flat colour through a Bayer filter, by its definition in sensor_msgs/image_encodings."""
    out = np.zeros(FLAT.shape[:2], np.uint8)
    for place, letter in enumerate(pattern):
        out[place // 2 :: 2, place % 2 :: 2] = COLOR["rgb".index(letter)]
    return out


def scene(height: int, width: int) -> np.ndarray:
    """Smooth colours with a camera's noise, [height,width,3]."""
    rng = np.random.default_rng(0)
    smooth = cv2.resize(rng.integers(20, 236, (6, 8, 3), np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
    return smooth + rng.integers(0, 12, smooth.shape, np.uint8)
