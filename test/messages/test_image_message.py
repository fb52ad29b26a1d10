"""Images of every encoding that a camera driver sends, and those that cannot be used."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from picture_messages import COLOR, FLAT, mosaic, raw

from fm_ood_ros.errors import InputError
from fm_ood_ros.messages.image_message import ImageDecoder, decode_image
from fm_ood_ros.messages.raw_image import ENCODINGS


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


WRONG = {
    "unknown encoding": (raw("xyz8", FLAT), "encoding is 'xyz8', expected one of rgb8"),
    "no encoding": (raw("", FLAT), "encoding is ''"),
    "step too small": (raw("rgb8", FLAT, step=23), "step of the image is 23, expected at least 24"),
    "cut off": (raw("rgb8", FLAT, data=FLAT.tobytes()[:-1]), "holds 143 bytes, expected 144"),
    "no pixels": (raw("rgb8", FLAT, width=0), "0x6"),
    "odd yuv": (raw("uyvy", FLAT[:, :7, :2]), "not uyvy"),
    "odd rows of nv12": (raw("nv12", FLAT[..., 0], height=3), "not nv12"),
    "nv12 without chroma": (raw("nv12", FLAT[..., 0]), "holds 48 bytes, expected 72 for 9 rows of 8"),
    "neither raw nor compressed": (SimpleNamespace(b_o_s=1, data=b""), "image is a SimpleNamespace, expected Image"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_images_are_refused_with_what_was_found(case: str):
    message, words = WRONG[case]
    with pytest.raises(InputError, match=words):
        decode_image(message)


def test_every_listed_encoding_decodes():
    for encoding in ENCODINGS:
        most = np.zeros((9, 8, 8), np.uint8)  # of rows and bytes that any of them needs
        decoded = decode_image(raw(encoding, most, height=6))
        assert decoded.shape == FLAT.shape


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_row_18_the_depth_of_grey_pixels_is_found_and_said(bits: int):
    grey = np.linspace(0, 2**bits - 1, 48).round().astype("<u2").reshape(6, 8)
    decode = ImageDecoder()
    decoded = decode(raw("mono16", grey))
    np.testing.assert_array_equal(decoded[..., 0], grey >> (bits - 8))
    assert decoded.max() == 255
    assert (f"{bits}-bit" in decode.note) == (bits < 16)


@pytest.mark.parametrize("encoding", ["rgb16", "bgr16", "rgba16", "bgra16", "bayer_rggb16", "bayer_grbg16"])
def test_row_18_twelve_bits_of_colour_are_not_black(encoding: str):
    rgb = {"r": COLOR[0], "g": COLOR[1], "b": COLOR[2], "a": 4095}
    if encoding.startswith("bayer"):
        pixels = mosaic(encoding[6:10]).astype(np.uint16)
    else:
        pixels = np.stack([np.full((6, 8), rgb[c], np.uint16) for c in encoding[:-2]], 2)
    pixels = np.where(pixels < 4095, pixels << 4, pixels)
    for order, flag in ((">u2", 1), ("<u2", 0)):
        decoded = decode_image(raw(encoding, pixels.astype(order), 6, is_bigendian=flag))
        np.testing.assert_array_equal(decoded, FLAT)


def test_row_18_opaque_alpha_of_sixteen_bits_hides_no_depth():
    pixels = np.stack([np.full((6, 8), value, np.uint16) for value in (800, 400, 160, 65535)], 2)
    np.testing.assert_array_equal(decode_image(raw("rgba16", pixels)), FLAT)


def test_row_18_the_depth_never_falls_back_so_that_brightness_does_not_flicker():
    day, night = np.full((6, 8), 60_000, np.uint16), np.full((6, 8), 900, np.uint16)
    decode = ImageDecoder()
    assert decode(raw("mono16", night)).max() == 225
    assert "10-bit" in decode.note
    assert decode(raw("mono16", day)).max() == 234
    assert decode.note == ""
    assert decode(raw("mono16", night)).max() == 3
    assert decode_image(raw("mono16", night)).max() == 225, "another topic knows nothing of it"


def test_row_18_eight_bits_have_nothing_to_say():
    decode = ImageDecoder()
    decode(raw("mono8", FLAT[..., 0]))
    assert decode.note == ""


def test_row_19_types_without_a_colour_order():
    image = np.random.default_rng(0).integers(0, 256, (5, 7, 4), np.uint8)
    np.testing.assert_array_equal(decode_image(raw("8UC1", image[..., 0], 3)), np.stack([image[..., 0]] * 3, 2))
    for encoding, channels in (("8UC3", 3), ("8UC4", 4)):
        decode = ImageDecoder()
        np.testing.assert_array_equal(decode(raw(encoding, image[..., :channels])), image[..., 2::-1])
        assert encoding in decode.note
        decode(raw("rgb8", FLAT))
        assert decode.note == ""


@pytest.mark.parametrize(("encoding", "chroma"), [("nv12", "uv"), ("nv21", "vu")])
@pytest.mark.parametrize("padding", [0, 5])
def test_row_19_semi_planar_yuv_keeps_the_colour(encoding: str, chroma: str, padding: int):
    y, u, v = 122, 87, 176  # COLOR by BT.601, studio range
    rows = np.full((9, 8), y, np.uint8)
    rows[6:] = np.tile([{"u": u, "v": v}[c] for c in chroma], 4)
    decoded = decode_image(raw(encoding, rows, padding, height=6))
    assert np.abs(decoded.astype(int) - FLAT).max() <= 4


@pytest.mark.parametrize("encoding", ["16UC1", "32FC1", "64FC1", "16SC1", "32SC1", "8SC1", "16UC3"])
def test_row_19_depth_images_are_refused_with_the_remedy(encoding: str):
    with pytest.raises(InputError, match=rf"'{encoding}', as depth images have it.*topic of the colour camera"):
        decode_image(raw(encoding, np.zeros((6, 8, 8), np.uint16)))


class Bridge:
    """Stands for cv_bridge.CvBridge."""

    def imgmsg_to_cv2(self, message: Any, desired_encoding: str) -> np.ndarray:
        assert desired_encoding == "rgb8"
        if message.encoding == "only_cv_bridge":
            return FLAT
        if message.encoding == "grey":
            return FLAT[..., 0]
        raise TypeError("no such encoding")


def test_row_19_cv_bridge_decodes_what_is_not_known_here(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "cv_bridge", SimpleNamespace(CvBridge=Bridge))
    np.testing.assert_array_equal(decode_image(raw("only_cv_bridge", FLAT)), FLAT)
    with pytest.raises(InputError, match=r"encoding is 'xyz8', expected one of rgb8.*cv_bridge: no such encoding"):
        decode_image(raw("xyz8", FLAT))
    with pytest.raises(InputError, match=r"cv_bridge gave uint8 of shape \(6, 8\)"):
        decode_image(raw("grey", FLAT))
    with pytest.raises(InputError, match="depth image"):
        decode_image(raw("16UC1", FLAT))


def test_row_19_without_cv_bridge_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "cv_bridge", None)
    with pytest.raises(InputError, match=r"encoding is 'only_cv_bridge', expected one of rgb8.*convert the image"):
        decode_image(raw("only_cv_bridge", FLAT))


def test_row_21_packets_of_video_that_name_an_encoding_are_refused_with_the_remedy():
    packet = SimpleNamespace(encoding="h264", width=8, height=6, pts=0, flags=1, is_bigendian=False, data=b"\0\0\0\1g")
    with pytest.raises(InputError, match=r"'h264'.*image_transport republish"):
        decode_image(packet)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_image_is_decoded_or_refused(data: st.DataObject):
    small = st.integers(0, 40)
    message = SimpleNamespace(
        encoding=data.draw(st.sampled_from(ENCODINGS) | st.text(max_size=6)),
        **{name: data.draw(small) for name in ("height", "width", "step")},
        is_bigendian=data.draw(st.booleans()),
        data=data.draw(st.binary(max_size=4000)),
    )
    try:
        decoded = decode_image(message)
    except InputError:
        return
    assert decoded.shape == (message.height, message.width, 3)
    assert decoded.dtype == np.uint8
