"""sensor_msgs/Image as pixels and the order of their colours; knows no ROS library."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from fm_ood_ros.errors import InputError
from fm_ood_ros.messages.colours import ORDERS, Pixels

_CHANNELS = {"rgb": 3, "bgr": 3, "rgba": 4, "bgra": 4, "uyvy": 2, "yuyv": 2}
_PLANAR = ("nv12", "nv21")  # half as many rows of chroma follow the rows of the picture
_DEEP = [order for order in ORDERS if order not in ("uyvy", "yuyv", *_PLANAR)]
_ORDERS = {
    **{f"{order}{bits}": order for order in _DEEP for bits in (8, 16)},
    "uyvy": "uyvy", "yuv422": "uyvy", "yuyv": "yuyv", "yuv422_yuy2": "yuyv", "nv12": "nv12", "nv21": "nv21",
    "8UC1": "mono", "8UC3": "bgr", "8UC4": "bgra",
}  # fmt: skip
ENCODINGS = tuple(_ORDERS)
# Types without a colour order come from an OpenCV image sent as it is, and OpenCV's order is BGR.
UNNAMED = ("8UC3", "8UC4")
_MEASURES = re.compile(r"(8S|16U|16S|32S|32F|64F)C\d*")


def raw_pixels(message: Any) -> tuple[Pixels, str]:
    """[H,W] or [H,W,C] uint8 or uint16 of an Image and their order of colours, one of colours.ORDERS.

    What is not known here goes through cv_bridge, where that is installed. Raises InputError for depth images,
    unknown encodings and data that do not fit the size and step.
    """
    encoding = str(message.encoding)
    refuse_measures(encoding)
    if encoding not in _ORDERS:
        return _by_cv_bridge(message), "rgb"
    order = _ORDERS[encoding]
    return _grid(message, order, _CHANNELS.get(order, 1), 2 if encoding.endswith("16") else 1), order


def refuse_measures(encoding: str) -> None:
    """Raises InputError for encodings whose values are distances or of no stated meaning, such as 16UC1."""
    if _MEASURES.fullmatch(encoding):
        raise InputError(
            f"image encoding is '{encoding}', as depth images have it, expected colour or grey pixels; "
            "choose the topic of the colour camera, or publish grey 16-bit pixels as mono16"
        )


def _by_cv_bridge(message: Any) -> Pixels:
    """[H,W,3] uint8 RGB of an encoding that only cv_bridge may know."""
    refused = (
        f"image encoding is '{message.encoding}', expected one of {', '.join(ENCODINGS)}; "
        "convert the image to rgb8, with `ros2 run image_transport republish` if it is compressed video"
    )
    try:
        from cv_bridge import CvBridge
    except Exception as error:  # one built for another NumPy fails in its own ways
        raise InputError(refused) from error
    try:
        pixels = np.asarray(CvBridge().imgmsg_to_cv2(message, "rgb8"))
    except Exception as error:  # what it raises differs between ROS releases
        raise InputError(f"{refused} (cv_bridge: {error})") from error
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise InputError(f"{refused} (cv_bridge gave {pixels.dtype} of shape {pixels.shape})")
    return pixels


def _grid(message: Any, order: str, channels: int, depth: int) -> Pixels:
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
    if order in _PLANAR:
        height += height // 2
    if len(data) < (height - 1) * step + row:
        raise InputError(
            f"the image holds {len(data)} bytes, expected {height * step} for {height} rows of {step}; "
            "it was cut off on its way"
        )
    dtype = np.dtype("u1" if depth == 1 else ">u2" if message.is_bigendian else "<u2")
    shape = (height, width) if channels == 1 else (height, width, channels)
    strides = (step, depth) if channels == 1 else (step, channels * depth, depth)
    return np.ndarray(shape, dtype, data, strides=strides)
