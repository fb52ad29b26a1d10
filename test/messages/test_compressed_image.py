"""CompressedImage by the format that image_transport writes, and what only looks like one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from picture_messages import FLAT, compressed, mosaic, scene

from fm_ood_ros.errors import InputError
from fm_ood_ros.messages.image_message import ImageDecoder, decode_image


def png(pixels: np.ndarray) -> bytes:
    return cv2.imencode(".png", pixels)[1].tobytes()


def jpeg(pixels: np.ndarray, *parameters: int) -> bytes:
    return cv2.imencode(".jpg", pixels, parameters)[1].tobytes()


@pytest.mark.parametrize("form", ["jpeg", "jpg", "rgb8; jpeg compressed bgr8", "bgr8; jpeg compressed bgr8", ""])
def test_row_17_colour_jpegs_under_every_name(form: str):
    image = scene(40, 32)
    assert np.abs(decode_image(compressed(jpeg(image[..., ::-1]), form)).astype(int) - image).mean() < 10


@pytest.mark.parametrize("form", ["png", "rgb8; png compressed bgr8", "bgra8; png compressed bgr8"])
def test_row_17_colour_pngs_under_every_name(form: str):
    image = scene(40, 32)
    np.testing.assert_array_equal(decode_image(compressed(png(image[..., ::-1]), form)), image)
    alpha = np.dstack([image[..., ::-1], np.zeros((40, 32), np.uint8)])
    np.testing.assert_array_equal(decode_image(compressed(png(alpha), form)), image)


@pytest.mark.parametrize(
    "form", ["mono8; jpeg compressed ", "8UC1; jpeg compressed", "jpeg", "mono16; jpeg compressed"]
)
def test_row_17_mono_stays_mono(form: str):
    grey = np.full((16, 24), 77, np.uint8)
    np.testing.assert_array_equal(decode_image(compressed(jpeg(grey), form)), np.full((16, 24, 3), 77))


@pytest.mark.parametrize("pattern", ["rggb", "bggr", "gbrg", "grbg"])
@pytest.mark.parametrize("codec", ["png", "jpeg"])
def test_row_17_bayer_patterns_in_a_picture_are_debayered(pattern: str, codec: str):
    data = png(mosaic(pattern)) if codec == "png" else jpeg(mosaic(pattern), cv2.IMWRITE_JPEG_QUALITY, 100)
    decoded = decode_image(compressed(data, f"bayer_{pattern}8; {codec} compressed "))
    assert np.abs(decoded.astype(int) - FLAT).max() <= (0 if codec == "png" else 8)


def test_row_17_what_was_debayered_before_compression_is_not_debayered_again():
    data = png(FLAT[..., ::-1])
    np.testing.assert_array_equal(decode_image(compressed(data, "bayer_rggb8; png compressed bgr8")), FLAT)


def test_row_17_sixteen_bits_in_a_png_are_handled_as_raw_ones():
    grey = np.linspace(0, 4095, 48).round().astype(np.uint16).reshape(6, 8)
    decode = ImageDecoder()
    decoded = decode(compressed(png(grey), "mono16; png compressed "))
    np.testing.assert_array_equal(decoded[..., 2], grey >> 4)
    assert "12-bit" in decode.note
    wide = mosaic("gbrg").astype(np.uint16) << 4
    np.testing.assert_array_equal(decode_image(compressed(png(wide), "bayer_gbrg16; png compressed ")), FLAT)
    wide = FLAT[..., ::-1].astype(np.uint16) << 4
    np.testing.assert_array_equal(decode_image(compressed(png(wide), "rgb16; png compressed bgr16")), FLAT)


def test_a_picture_is_not_turned_by_its_exif_as_camera_info_is_not():
    turned = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    data = jpeg(FLAT)
    message = compressed(data[:2] + b"\xff\xe1" + (len(turned) + 2).to_bytes(2, "big") + turned + data[2:])
    assert cv2.imdecode(np.frombuffer(message.data, np.uint8), cv2.IMREAD_COLOR).shape == (8, 6, 3)
    assert decode_image(message).shape == (6, 8, 3)


DEPTH = {
    "16UC1; png compressed": "'16UC1', as depth images have it",
    "16UC1; png compressed ": "'16UC1', as depth images have it",
    "32FC1; png compressed": "'32FC1', as depth images have it",
    "16UC1; jpeg compressed": "'16UC1', as depth images have it",
    "16UC1; compressedDepth png": "a depth image",
    "32FC1; compressedDepth": "a depth image",
    "png": "one channel of 16 bits",
}


@pytest.mark.parametrize("form", DEPTH)
def test_row_17_depth_is_refused_with_the_remedy(form: str):
    data = png(np.arange(1000, 1048, dtype=np.uint16).reshape(6, 8))
    with pytest.raises(InputError, match=f"{DEPTH[form]}.*choose the topic of the colour camera"):
        decode_image(compressed(data, form))


VIDEO = {
    "h264": b"\0\0\0\1\x67\x42",
    "H.265": b"",
    "hevc": b"\0\0\1\x40",
    "libx264; bgr8": b"\x42",
    "theora": b"OggS\0\2",
    "av1": b"\x12\0",
    "jpeg": b"\0\0\0\1\x67\x42",
}


@pytest.mark.parametrize("form", VIDEO)
def test_row_21_video_is_refused_with_the_remedy(form: str):
    with pytest.raises(InputError, match=f"format is '{form}', a packet of video.*image_transport republish"):
        decode_image(compressed(VIDEO[form], form))


@pytest.mark.parametrize("form", ["mjpeg", "jpeg", "avif"])
def test_row_21_names_of_pictures_are_not_taken_for_video(form: str):
    assert decode_image(compressed(jpeg(FLAT), form)).shape == FLAT.shape


@pytest.mark.parametrize("data", [b"", b"picture", b"\x89PNG\r\n\x1a\n", bytes(500)])
def test_what_is_no_picture_is_refused(data: bytes):
    with pytest.raises(InputError, match=f"^{len(data)} bytes of format 'jpeg' are no picture, expected JPEG or PNG"):
        decode_image(compressed(data))


WHOLE = {
    "jpeg": jpeg(scene(40, 48)),
    "progressive": jpeg(scene(40, 48), cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "png": png(scene(40, 48)),
    "nothing": b"",
}


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_bytes_are_decoded_or_refused(data: st.DataObject):
    whole = WHOLE[data.draw(st.sampled_from(list(WHOLE)))]
    at, until = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    message = compressed(whole[:at] + data.draw(st.binary(max_size=40)) + whole[until:])
    message.format = data.draw(st.sampled_from(["jpeg", "bayer_rggb8; jpeg compressed", "mono16; png"]) | st.text())
    try:
        decoded = decode_image(message)
    except InputError:
        return
    assert decoded.dtype == np.uint8
    assert decoded.ndim == 3
