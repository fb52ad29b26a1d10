"""sensor_msgs/Image and CompressedImage as RGB arrays; knows no ROS library."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.messages.colours import EightBits, to_rgb
from fm_ood_ros.messages.compressed_image import compressed_pixels
from fm_ood_ros.messages.raw_image import UNNAMED, raw_pixels


class ImageDecoder:
    """Images of one topic as RGB; remembers of earlier images how many bits their pixels really use.

    note: what had to be concluded because the messages do not say it, in one sentence, or ""
    """

    def __init__(self) -> None:
        self._eight_bits = EightBits()
        self._unnamed = ""

    def __call__(self, message: Any) -> NDArray[np.uint8]:
        """[H,W,3] uint8 RGB of an Image or CompressedImage (of rclpy or rosbags).

        Raises InputError for unknown encodings, depth images, video, data that do not fit the size and step, and
        pictures that are damaged or cannot be decoded.
        """
        if hasattr(message, "encoding"):
            pixels, order = raw_pixels(message)
            self._unnamed = str(message.encoding) if message.encoding in UNNAMED else ""
        elif hasattr(message, "format"):
            pixels, order = compressed_pixels(message)
        else:
            raise InputError(
                f"the image is a {type(message).__name__}, expected Image or CompressedImage; "
                "decode it first with `ros2 run image_transport republish`"
            )
        return to_rgb(self._eight_bits(pixels), order)

    @property
    def note(self) -> str:
        """Constant as long as the conclusion is, so that it can be said when it changes."""
        if self._unnamed:
            return f"{self._unnamed} names no order of colours and is read as OpenCV has it, blue first"
        return self._eight_bits.note


def decode_image(message: Any) -> NDArray[np.uint8]:
    """[H,W,3] uint8 RGB of a single Image or CompressedImage, by an ImageDecoder that knows no others."""
    return ImageDecoder()(message)
