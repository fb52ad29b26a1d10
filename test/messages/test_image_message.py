"""Images of every encoding that a camera driver sends, and those that cannot be used."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from fm_ood_ros.errors import InputError
from fm_ood_ros.messages.image_message import ENCODINGS, decode_image

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


@pytest.mark.parametrize("padding", [0, 5])
@pytest.mark.parametrize(("encoding", "channels"), [("rgb8", [0, 1, 2]), ("bgr8", [2, 1, 0])])
def test_three_channels_with_and_without_padded_rows(encoding: str, channels: list[int], padding: int):
    image = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    decoded = decode_image(raw(encoding, image[..., channels], padding))
    np.testing.assert_array_equal(decoded, image)
    assert decoded.flags.c_contiguous


@pytest.mark.parametrize(("encoding", "channels"), [("rgba8", [0, 1, 2, 3]), ("bgra8", [2, 1, 0, 3])])
def test_alpha_is_left_out(encoding: str, channels: list[int]):
    image = np.random.default_rng(0).integers(0, 256, (5, 7, 4), np.uint8)
    np.testing.assert_array_equal(decode_image(raw(encoding, image[..., channels], 3)), image[..., :3])


def test_grey_images_become_three_channels():
    grey = np.arange(30, dtype=np.uint8).reshape(5, 6)
    np.testing.assert_array_equal(decode_image(raw("mono8", grey, 2)), np.stack([grey] * 3, 2))


@pytest.mark.parametrize(("order", "flag"), [("<u2", 0), (">u2", 1)])
def test_sixteen_bits_of_either_byte_order_keep_their_upper_eight(order: str, flag: int):
    grey = np.array([[0, 255, 256], [40_000, 65_535, 511]], order)
    decoded = decode_image(raw("mono16", grey, 4, is_bigendian=flag))
    np.testing.assert_array_equal(decoded[..., 1], [[0, 0, 1], [156, 255, 1]])


@pytest.mark.parametrize(("encoding", "order"), [("uyvy", "uyvy"), ("yuv422", "uyvy"), ("yuyv", "yuyv")])
def test_yuv_keeps_the_colour(encoding: str, order: str):
    r, g, b = COLOR  # BT.601, studio range, as OpenCV reads these
    values = {
        "y": 16 + 0.257 * r + 0.504 * g + 0.098 * b,
        "u": 128 - 0.148 * r - 0.291 * g + 0.439 * b,
        "v": 128 + 0.439 * r - 0.368 * g - 0.071 * b,
    }
    pixels = np.tile(np.array([values[c] for c in order]).round().astype(np.uint8).reshape(1, 2, 2), (6, 4, 1))
    decoded = decode_image(raw(encoding, pixels, 6))
    assert np.abs(decoded.astype(int) - FLAT).max() <= 4


@pytest.mark.parametrize("pattern", ["rggb", "bggr", "gbrg", "grbg"])
def test_bayer_patterns_as_ros_names_them(pattern: str):
    np.testing.assert_array_equal(decode_image(raw(f"bayer_{pattern}8", mosaic(pattern), 1)), FLAT)
    wide = mosaic(pattern).astype("<u2") << 8
    np.testing.assert_array_equal(decode_image(raw(f"bayer_{pattern}16", wide)), FLAT)


def test_compressed_png_and_jpeg():
    image = cv2.resize(np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8), (40, 32))
    png = cv2.imencode(".png", image[..., ::-1])[1].tobytes()
    np.testing.assert_array_equal(decode_image(compressed(png, "rgb8; png compressed bgr8")), image)
    jpeg = cv2.imencode(".jpg", image[..., ::-1])[1].tobytes()
    assert np.abs(decode_image(compressed(jpeg)).astype(int) - image).mean() < 10


WRONG = {
    "unknown encoding": (raw("32FC1", FLAT), "encoding is '32FC1', expected one of rgb8"),
    "no encoding": (raw("", FLAT), "encoding is ''"),
    "step too small": (raw("rgb8", FLAT, step=23), "step of the image is 23, expected at least 24"),
    "cut off": (raw("rgb8", FLAT, data=FLAT.tobytes()[:-1]), "holds 143 bytes, expected 144"),
    "no pixels": (raw("rgb8", FLAT, width=0), "0x6"),
    "odd yuv": (raw("uyvy", FLAT[:, :7, :2]), "not uyvy"),
    "not a picture": (compressed(b"\xff\xd8\xff\xe0 this was a JPEG"), "are no picture"),
    "nothing": (compressed(b""), "0 bytes of format 'jpeg'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_images_are_refused_with_what_was_found(case: str):
    message, words = WRONG[case]
    with pytest.raises(InputError, match=words):
        decode_image(message)


def test_every_listed_encoding_decodes():
    for encoding in ENCODINGS:
        shape = (6, 8, 8)  # wide enough for any of them
        decoded = decode_image(raw(encoding, np.zeros(shape, np.uint8)))
        assert decoded.shape == FLAT.shape
