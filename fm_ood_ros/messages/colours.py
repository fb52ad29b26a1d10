"""Pixels of every colour order as RGB."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError

Pixels = NDArray[Any]

# OpenCV names a Bayer pattern after its second row and column, ROS after its first.
_CODES = {
    "bgr": cv2.COLOR_BGR2RGB, "rgba": cv2.COLOR_RGBA2RGB, "bgra": cv2.COLOR_BGRA2RGB, "mono": cv2.COLOR_GRAY2RGB,
    "bayer_rggb": cv2.COLOR_BayerBG2RGB, "bayer_bggr": cv2.COLOR_BayerRG2RGB,
    "bayer_gbrg": cv2.COLOR_BayerGR2RGB, "bayer_grbg": cv2.COLOR_BayerGB2RGB,
    "uyvy": cv2.COLOR_YUV2RGB_UYVY, "yuyv": cv2.COLOR_YUV2RGB_YUY2,
    "nv12": cv2.COLOR_YUV2RGB_NV12, "nv21": cv2.COLOR_YUV2RGB_NV21,
}  # fmt: skip
ORDERS = ("rgb", *_CODES)


def to_rgb(pixels: Pixels, order: str) -> NDArray[np.uint8]:
    """[H,W,3] uint8 RGB; pixels: [H,W] or [H,W,C] uint8 (nv12, nv21: [1.5 H,W]), order: one of ORDERS.

    Raises InputError for sizes that the order cannot have.
    """
    pixels = np.ascontiguousarray(pixels)
    if order == "rgb":
        return pixels
    try:
        return np.asarray(cv2.cvtColor(pixels, _CODES[order]), np.uint8)
    except cv2.error as error:
        size = f"{pixels.shape[1]}x{pixels.shape[0]}"
        raise InputError(f"{size} pixels are not {order} ({error.err}); correct the camera driver") from error


class EightBits:
    """Brings 16-bit pixels to 8 bits by as many bits as they really use; 8-bit pixels stay as they are.

    Nothing in a message tells 12-bit values from 16-bit ones, so the brightest pixel does. The bits found only grow:
    a dark picture among bright ones keeps its darkness, and the brightness never goes back and forth.

    bits: found so far, 0 before the first 16-bit picture
    """

    DEPTHS = (10, 12, 14, 16)  # what cameras put into 16 bits

    def __init__(self) -> None:
        self.bits = 0

    def __call__(self, pixels: Pixels) -> NDArray[np.uint8]:
        """The pixels as uint8, same shape; alpha tells no depth and need not survive."""
        if pixels.dtype.itemsize == 1:
            return pixels
        brightest = int(pixels[..., :3].max()) if pixels.ndim == 3 else int(pixels.max())
        used = next(bits for bits in self.DEPTHS if brightest < 1 << bits)
        self.bits = max(self.bits, used)
        return (pixels >> (self.bits - 8)).astype(np.uint8)

    @property
    def note(self) -> str:
        """What was found, in one sentence, or "" for plain 8-bit and 16-bit pixels."""
        if self.bits in (0, self.DEPTHS[-1]):
            return ""
        return f"16-bit pixels hold {self.bits}-bit values, as no pixel so far was brighter"
