"""sensor_msgs/CompressedImage as pixels and the order of their colours; knows no ROS library."""

from __future__ import annotations

import re
from typing import Any

import cv2
import numpy as np

from fm_ood_ros.errors import InputError
from fm_ood_ros.messages.colours import Pixels
from fm_ood_ros.messages.decoder_warnings import decode_and_listen
from fm_ood_ros.messages.jpeg_stream import is_jpeg, picture_of_jpeg
from fm_ood_ros.messages.raw_image import refuse_measures

# As the file has them: no alpha, and unturned, since camera_info knows nothing of EXIF.
_AS_SENT = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION
_VIDEO = re.compile(r"[hx][.]?26[345]|hevc|\bavc|\bav1\b|\bvp[89]\b|theora|mpeg-?[124]", re.IGNORECASE)
_VIDEO_STARTS = (b"\0\0\1", b"\0\0\0\1", b"OggS")
_BAYER = re.compile(r"(bayer_(?:rggb|bggr|gbrg|grbg))(?:8|16)")


def compressed_pixels(message: Any) -> tuple[Pixels, str]:
    """[H,W] or [H,W,3] uint8 or uint16 of a CompressedImage and their order of colours, one of colours.ORDERS.

    The format is read as image_transport writes it: the encoding before compression, then the codec. Raises
    InputError for depth images, video, and pictures that are damaged or none.
    """
    form = str(message.format)
    encoding = form.split(";")[0].strip()
    _refuse_other_transports(form, bytes(message.data[:4]))
    refuse_measures(encoding)
    pixels = _decode(np.frombuffer(message.data, np.uint8), form)
    if pixels.ndim == 3:
        return pixels, "bgr"
    bayer = _BAYER.fullmatch(encoding)
    if pixels.dtype.itemsize == 2 and not bayer and encoding != "mono16":
        raise InputError(
            f"a picture of format '{form}' has one channel of 16 bits, expected its encoding to be named, as it may be "
            "a depth image; choose the topic of the colour camera, or name it 'mono16; png compressed'"
        )
    return pixels, bayer[1] if bayer else "mono"


def _refuse_other_transports(form: str, start: bytes) -> None:
    if "compresseddepth" in form.lower():
        raise InputError(
            f"the image's format is '{form}', a depth image, expected a colour or grey picture; "
            "choose the topic of the colour camera"
        )
    if _VIDEO.search(form) or start.startswith(_VIDEO_STARTS):
        raise InputError(
            f"the image's format is '{form}', a packet of video, expected JPEG or PNG; "
            "decode it first with `ros2 run image_transport republish`"
        )


def _decode(data: Pixels, form: str) -> Pixels:
    """[H,W] or [H,W,3] BGR, uint8 or uint16, of a picture file [N] uint8."""
    if is_jpeg(data):
        pixels, damage = decode_and_listen(_read, picture_of_jpeg(data))
    else:
        pixels, damage = _read(data), ""
    if damage:
        raise InputError(
            f"the JPEG of {len(data)} bytes is damaged ({damage}), expected a whole one; "
            "check the connection to the camera"
        )
    if pixels is None or pixels.dtype not in (np.uint8, np.uint16):
        raise InputError(
            f"{len(data)} bytes of format '{form}' are no picture, expected JPEG or PNG; check the image transport"
        )
    return pixels


def _read(data: Pixels) -> Pixels | None:
    try:
        pixels: Pixels | None = cv2.imdecode(data, _AS_SENT) if len(data) else None
    except cv2.error:  # a size that OpenCV refuses
        return None
    return pixels
