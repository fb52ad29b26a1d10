"""sensor_msgs/Image and CompressedImage as RGB arrays; knows no ROS library."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError

Pixels = NDArray[Any]

# OpenCV names a Bayer pattern after its second row and column, ROS after its first.
_CODES = {
    "bgr8": cv2.COLOR_BGR2RGB, "rgba8": cv2.COLOR_RGBA2RGB, "bgra8": cv2.COLOR_BGRA2RGB,
    "mono8": cv2.COLOR_GRAY2RGB, "mono16": cv2.COLOR_GRAY2RGB,
    "yuv422": cv2.COLOR_YUV2RGB_UYVY, "uyvy": cv2.COLOR_YUV2RGB_UYVY,
    "yuv422_yuy2": cv2.COLOR_YUV2RGB_YUY2, "yuyv": cv2.COLOR_YUV2RGB_YUY2,
    "bayer_rggb8": cv2.COLOR_BayerBG2RGB, "bayer_rggb16": cv2.COLOR_BayerBG2RGB,
    "bayer_bggr8": cv2.COLOR_BayerRG2RGB, "bayer_bggr16": cv2.COLOR_BayerRG2RGB,
    "bayer_gbrg8": cv2.COLOR_BayerGR2RGB, "bayer_gbrg16": cv2.COLOR_BayerGR2RGB,
    "bayer_grbg8": cv2.COLOR_BayerGB2RGB, "bayer_grbg16": cv2.COLOR_BayerGB2RGB,
}  # fmt: skip
_CHANNELS = {
    "rgb8": 3, "bgr8": 3, "rgba8": 4, "bgra8": 4, "yuv422": 2, "uyvy": 2, "yuv422_yuy2": 2, "yuyv": 2,
}  # fmt: skip
ENCODINGS = ("rgb8", *_CODES)
_AS_SENT = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION  # camera_info knows nothing of EXIF


def decode_image(message: Any) -> NDArray[np.uint8]:
    """[H,W,3] uint8 RGB of an Image or CompressedImage (of rclpy or rosbags).

    Sixteen-bit pixels keep their upper eight bits. Raises InputError for unknown encodings, data that do not fit the
    size and step, and pictures that cannot be decoded.
    """
    return _decode_raw(message) if hasattr(message, "encoding") else _decode_compressed(message)


def _decode_raw(message: Any) -> NDArray[np.uint8]:
    encoding = str(message.encoding)
    if encoding not in ENCODINGS:
        raise InputError(f"image encoding is '{encoding}', expected one of {', '.join(ENCODINGS)}; convert the image")
    pixels = _grid(message, _CHANNELS.get(encoding, 1), 2 if "16" in encoding else 1)
    if pixels.dtype.itemsize == 2:
        pixels = (pixels >> 8).astype(np.uint8)
    if encoding == "rgb8":
        return np.ascontiguousarray(pixels)
    try:
        return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), _CODES[encoding]), np.uint8)
    except cv2.error as error:
        raise InputError(f"a {message.width}x{message.height} image is not {encoding} ({error.err})") from error


def _grid(message: Any, channels: int, depth: int) -> Pixels:
    """[H,W] or [H,W,channels] of depth bytes each, without the padding of the rows."""
    height, width, step = int(message.height), int(message.width), int(message.step)
    row = width * channels * depth
    data = np.frombuffer(message.data, np.uint8)
    if not height or not width:
        raise InputError(f"the image is {width}x{height}, expected pixels; check the camera driver")
    if step < row:
        raise InputError(
            f"step of the image is {step}, expected at least {row} bytes for {width} pixels of {message.encoding}; "
            "correct the camera driver"
        )
    if len(data) < (height - 1) * step + row:
        raise InputError(
            f"the image holds {len(data)} bytes, expected {height * step} for {height} rows of {step}; "
            "it was cut off on its way"
        )
    dtype = np.dtype("u1" if depth == 1 else ">u2" if message.is_bigendian else "<u2")
    shape = (height, width) if channels == 1 else (height, width, channels)
    strides = (step, depth) if channels == 1 else (step, channels * depth, depth)
    return np.ndarray(shape, dtype, data, strides=strides)


def _decode_compressed(message: Any) -> NDArray[np.uint8]:
    data = np.frombuffer(message.data, np.uint8)
    picture = cv2.imdecode(data, _AS_SENT) if len(data) else None
    if picture is None:
        raise InputError(
            f"{len(data)} bytes of format '{message.format}' are no picture, expected JPEG or PNG; "
            "check the image transport"
        )
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
