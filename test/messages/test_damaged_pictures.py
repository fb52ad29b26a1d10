"""Row 20: pictures that lost bytes on their way are refused, whole ones of any encoder are not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from picture_messages import compressed, scene

from fm_ood_ros.errors import InputError
from fm_ood_ros.messages.decoder_warnings import decode_and_listen
from fm_ood_ros.messages.image_message import decode_image
from fm_ood_ros.messages.jpeg_stream import picture_of_jpeg

ROOT = Path(__file__).parents[2]
STREET = scene(240, 320)
NIGHT = STREET // 12 * (np.arange(240) > 120)[:, None, None].astype(np.uint8)
FLAT = np.full((240, 320, 3), (3, 4, 5), np.uint8)
PICTURES = {"street": STREET, "night": NIGHT, "flat": FLAT, "grey": STREET[..., 0], "black": FLAT * 0}
NOTHING = np.zeros(0, np.uint8)
WAYS: dict[str, list[int]] = {
    "usual": [],
    "quality 30": [cv2.IMWRITE_JPEG_QUALITY, 30],
    "quality 100": [cv2.IMWRITE_JPEG_QUALITY, 100],
    "own Huffman tables": [cv2.IMWRITE_JPEG_OPTIMIZE, 1],
    "progressive": [cv2.IMWRITE_JPEG_PROGRESSIVE, 1],
    "restarts": [cv2.IMWRITE_JPEG_RST_INTERVAL, 8],
    "full chroma": [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444],
}


def jpeg(picture: np.ndarray, way: str = "usual") -> bytes:
    return cv2.imencode(".jpg", picture, WAYS[way])[1].tobytes()


def segments(data: bytes) -> list[tuple[int, int]]:
    """Marker and place of every segment up to the first scan."""
    found, at = [], 2
    while not found or found[-1][0] != 0xDA:
        found.append((data[at + 1], at))
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return [*found, (0, at)]


def zeroed(data: bytes, at: int, count: int = 2000) -> bytes:
    return data[:at] + bytes(count) + data[at + count :]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("picture", PICTURES)
def test_row_20_whole_jpegs_are_taken(picture: str, way: str, capfd: pytest.CaptureFixture[str]):
    data = jpeg(PICTURES[picture], way)
    expected = cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    np.testing.assert_array_equal(decode_image(compressed(data)), expected)
    np.testing.assert_array_equal(decode_image(compressed(data + bytes(3000))), expected, "padded by the driver")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("way", [way for way in WAYS if way != "progressive"])
def test_row_20_a_jpeg_with_2000_zeroed_bytes_is_refused(way: str):
    data = jpeg(STREET, way)
    scan = segments(data)[-1][1]
    for at in np.linspace(scan + 50, len(data) - 2100, 8).astype(int):
        with pytest.raises(InputError, match=r"JPEG of .* damaged.*check the connection to the camera"):
            decode_image(compressed(zeroed(data, at)))


@pytest.mark.parametrize("way", ["usual", "own Huffman tables"])
@pytest.mark.parametrize("lost", [65, 200])
def test_row_20_a_hole_is_found_by_its_zeros_alone(way: str, lost: int):
    data = jpeg(STREET, way)
    for at in np.linspace(segments(data)[-1][1] + 50, len(data) - 300, 8).astype(int):
        with pytest.raises(InputError, match="hole of zeros"):
            picture_of_jpeg(np.frombuffer(zeroed(data, at, lost), np.uint8))


def test_row_20_zeros_that_code_a_flat_picture_are_no_hole():
    data = jpeg(np.zeros((1200, 1920), np.uint8), "own Huffman tables")
    assert bytes(64) in data[segments(data)[-1][1] :], "the case is not met"
    assert not decode_image(compressed(data)).any()


def test_row_20_a_progressive_jpeg_with_2000_zeroed_bytes_is_refused_or_merely_coarse():
    """Its later scans hold single bits of precision: zeros there are legal, and nearly the right ones."""
    data = jpeg(STREET, "progressive")
    refused = 0
    for at in np.linspace(segments(data)[-1][1] + 50, len(data) - 2100, 16).astype(int):
        try:
            decoded = decode_image(compressed(zeroed(data, at)))
        except InputError:
            refused += 1
            continue
        assert np.abs(decoded[..., ::-1].astype(int) - STREET).mean() < 5
    assert refused >= 8


@pytest.mark.parametrize("way", WAYS)
def test_row_20_a_jpeg_that_was_cut_off_is_refused(way: str):
    data = jpeg(STREET, way)
    for end in (*np.linspace(2, len(data) - 1, 9).astype(int), len(data) - 2):
        for padding in (b"", bytes(500)):
            with pytest.raises(InputError, match="damaged or cut off"):
                decode_image(compressed(data[:end] + padding))


def test_row_20_bytes_that_are_lost_doubled_or_strange():
    data = jpeg(STREET, "quality 30")
    a = segments(data)[-1][1] + 500
    noise = np.random.default_rng(0).integers(0, 255, 300, np.uint8).tobytes()
    for broken in (data[:a] + data[a + 300 :], data[: a + 300] + data[a:], data[:a] + noise + data[a + 300 :]):
        with pytest.raises(InputError, match="damaged"):
            decode_image(compressed(broken))


def test_row_20_the_end_of_a_thumbnail_is_not_the_end_of_the_picture():
    data, thumbnail = jpeg(STREET), jpeg(STREET[::8, ::8])
    exif = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    whole = data[:2] + exif + data[2:]
    np.testing.assert_array_equal(decode_image(compressed(whole)), decode_image(compressed(data)))
    with pytest.raises(InputError, match="no end marker"):
        decode_image(compressed(whole[:-2]))


@pytest.mark.parametrize("marker", [0xDB, 0xC4, 0xC0, 0xDA])
def test_row_20_zeroed_headers_are_refused(marker: int):
    data = jpeg(STREET)
    for (found, start), (_, end) in pairwise(segments(data)):
        if found == marker:
            with pytest.raises(InputError):
                decode_image(compressed(zeroed(data, start + 5, end - start - 5)))


def test_row_20_bytes_between_headers_hide_no_damage():
    """Some webcams leave a byte there: libjpeg warns of it and then of nothing else."""
    data = jpeg(STREET)
    at = next(at for marker, at in segments(data) if marker == 0xC4)
    webcam = data[:at] + b"\0" + data[at:]
    np.testing.assert_array_equal(decode_image(compressed(webcam)), decode_image(compressed(data)))
    with pytest.raises(InputError, match="damaged"):
        decode_image(compressed(zeroed(webcam, at + 2000)))


def test_row_20_a_scan_filled_up_to_a_round_length_is_whole(capfd: pytest.CaptureFixture[str]):
    data = jpeg(STREET)
    for padding in (1, 9, 40, 1000):
        padded = data[:-2] + bytes(padding) + data[-2:]
        np.testing.assert_array_equal(decode_image(compressed(padded)), decode_image(compressed(data)))
    assert capfd.readouterr().err == ""


def test_row_20_markers_may_be_filled_up_with_ones():
    data = jpeg(STREET)
    filled = data[:2] + b"\xff\xff" + data[2:-2] + b"\xff\xff\xff" + data[-2:]
    np.testing.assert_array_equal(decode_image(compressed(filled)), decode_image(compressed(data)))


def test_row_20_segments_that_no_jpeg_has_are_named():
    data = jpeg(STREET)
    at = next(at for marker, at in segments(data) if marker == 0xC4)
    with pytest.raises(InputError, match=f"a segment of 0 bytes at byte {at}"):
        decode_image(compressed(zeroed(data, at + 2, 2)))
    for marker in (b"\xff\x3a", b"\xff\xd8"):
        with pytest.raises(InputError, match=f"marker {marker[1]:#x} at byte 3000"):
            decode_image(compressed(data[:3000] + marker + data[3002:]))


def test_row_20_a_scan_of_which_a_little_is_left_over_is_refused():
    data = jpeg(STREET)
    with pytest.raises(InputError, match="extraneous bytes"):
        decode_image(compressed(data[:-2] + data[-42:-2] + data[-2:]))


def test_row_20_frames_of_mjpeg_without_huffman_tables_are_taken():
    data = jpeg(STREET)
    for (marker, start), (_, end) in reversed(list(pairwise(segments(data)))):
        data = data[:start] + data[end:] if marker == 0xC4 else data
    np.testing.assert_array_equal(decode_image(compressed(data)), decode_image(compressed(jpeg(STREET))))


@pytest.mark.parametrize("change", [lambda d: zeroed(d, 3000), lambda d: d[:5000], lambda d: d[:-12]])
def test_row_20_damaged_pngs_are_refused(change: Callable[[bytes], bytes]):
    data = cv2.imencode(".png", STREET)[1].tobytes()
    assert decode_image(compressed(data + bytes(100), "png")).shape == STREET.shape
    with pytest.raises(InputError, match="no picture"):
        decode_image(compressed(change(data), "png"))


def test_row_20_a_single_wrong_bit_of_a_png_is_found_by_its_checksum():
    data = bytearray(cv2.imencode(".png", STREET, [cv2.IMWRITE_PNG_COMPRESSION, 0])[1].tobytes())
    data[len(data) // 2] ^= 1
    with pytest.raises(InputError, match="no picture"):
        decode_image(compressed(bytes(data), "png"))


def test_what_others_say_meanwhile_is_passed_on(capfd: pytest.CaptureFixture[str]):
    def decode(_: np.ndarray) -> int:
        os.write(2, b"first\nCorrupt JPEG data: bad Huffman code\nlast\n")
        return 7

    assert decode_and_listen(decode, NOTHING) == (7, "Corrupt JPEG data: bad Huffman code")
    assert capfd.readouterr().err == "first\nlast\n"
    print("after", file=sys.stderr)
    assert capfd.readouterr().err == "after\n"


def test_an_exception_while_decoding_leaves_standard_error_as_it_was(capfd: pytest.CaptureFixture[str]):
    with pytest.raises(ZeroDivisionError):
        decode_and_listen(lambda _: 1 // 0, NOTHING)
    os.write(2, b"still here")
    assert capfd.readouterr().err == "still here"


def test_a_process_without_standard_error_decodes_all_the_same():
    code = (
        "import os\n"
        "from fm_ood_ros.messages.decoder_warnings import decode_and_listen\n"
        "os.close(2)\n"
        "print(decode_and_listen(lambda data: data + 7, 0))"
    )
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT, timeout=60)
    assert said.stdout == "(7, '')\n"
