"""Whether a JPEG is whole, as far as its segments tell; what lies between them the decoder judges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError

Bytes = NDArray[np.uint8]

_START, _SCAN, _END, _HUFFMAN, _QUANTISATION = 0xD8, 0xDA, 0xD9, 0xC4, 0xDB
_SEQUENTIAL = {0xC0, 0xC1}
_RESTARTS = range(0xD0, 0xD8)
_HOLE = bytes(64)


@dataclass(frozen=True)
class _Segment:
    """A marker, its first byte and the byte after its parameters."""

    marker: int
    start: int
    end: int


def is_jpeg(data: Bytes) -> bool:
    """Whether the bytes [N] begin as a JPEG does."""
    return data[:2].tobytes() == bytes((0xFF, _START))


def picture_of_jpeg(data: Bytes) -> Bytes:
    """The JPEG [N] uint8 without what cameras leave between its headers and after its end.

    Decoders warn of such bytes once and then of nothing else, so they would hide damage. Raises InputError for a JPEG
    that was cut off, that holds segments or steps that no JPEG has, or zeros that no picture is coded by.
    """
    segments = list(_segments(data))
    for segment in segments:
        if segment.marker == _QUANTISATION:
            _check_quantisation(data, data[segment.start + 4 : segment.end])
    scans = [segment.start for segment in segments if segment.marker == _SCAN]
    if not scans:
        raise _damaged(data, "it has no picture before its end marker")
    scan = data[scans[0] : segments[-1].end]
    if len(scans) == 1 and any(segment.marker in _SEQUENTIAL for segment in segments):
        _check_zeros(data, segments, scan)
    headers = [data[segment.start : segment.end] for segment in segments if segment.start < scans[0]]
    return np.concatenate([data[:2], *headers, scan])


def _segments(data: Bytes) -> Iterator[_Segment]:
    """All of a JPEG up to its end marker, which comes last."""
    marks, position = _marks(data), 2
    while True:
        index = int(np.searchsorted(marks, position))
        if index == len(marks):
            raise _damaged(data, "it has no end marker")
        start = int(marks[index])
        marker = int(data[start + 1])
        if marker == _END:
            yield _Segment(marker, start, start + 2)
            return
        position = _segment_end(data, marker, start)
        yield _Segment(marker, start, position)


def _marks(data: Bytes) -> NDArray[np.intp]:
    """Where markers may stand: 0xFF that is no stuffing, no fill and no restart."""
    at = np.flatnonzero(data[:-1] == 0xFF)
    following = data[at + 1]
    restart = (following >= _RESTARTS[0]) & (following <= _RESTARTS[-1])
    marks: NDArray[np.intp] = at[(following != 0) & (following != 0xFF) & ~restart]
    return marks


def _segment_end(data: Bytes, marker: int, start: int) -> int:
    if marker < 0xC0 or marker == _START:
        raise _damaged(data, f"marker {marker:#x} at byte {start}")
    length = int.from_bytes(data[start + 2 : start + 4].tobytes(), "big")
    if length < 2:
        raise _damaged(data, f"a segment of {length} bytes at byte {start}")
    return start + 2 + length


def _check_quantisation(data: Bytes, tables: Bytes) -> None:
    """Refuses steps of zero, which decoders take without a word and show as flat colour."""
    while len(tables):
        wide = int(tables[0]) >> 4 != 0
        steps, tables = tables[1 : 65 + 64 * wide], tables[65 + 64 * wide :]
        sound = steps[: len(steps) // 2 * 2].reshape(-1, 2).any(axis=1) if wide else steps
        if not sound.all():
            raise _damaged(data, "a quantisation step of zero")


def _check_zeros(data: Bytes, segments: list[_Segment], scan: Bytes) -> None:
    """Refuses a hole of zeros within the only scan, unless they are the code of blocks without detail.

    Of a Huffman table the first symbol has the code of zeros only, and symbol 0 ends a block; with any other, a hole
    means hundreds of equal coefficients in a row. A JPEG without tables has the standard's, whose first is another.
    """
    tables = [data[segment.start + 4 : segment.end] for segment in segments if segment.marker == _HUFFMAN]
    first = [symbol for table in tables for symbol in _first_of_detail(table)]
    flat = bool(first) and not any(first)
    if not flat and _HOLE in scan[:-2].tobytes().rstrip(b"\0"):
        raise _damaged(data, "a hole of zeros")


def _first_of_detail(tables: Bytes) -> Iterator[int]:
    """First symbol of every table for AC coefficients in a segment."""
    while len(tables) > 17:
        if tables[0] >> 4:
            yield int(tables[17])
        tables = tables[17 + int(tables[1:17].sum()) :]


def _damaged(data: Bytes, found: str) -> InputError:
    return InputError(
        f"the JPEG of {len(data)} bytes is damaged or cut off ({found}), expected a whole one; "
        "check the connection to the camera"
    )
