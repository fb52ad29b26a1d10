"""Whether a JPEG is whole, by its markers; what lies between them only a decoder can judge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError

Bytes = NDArray[np.uint8]

_START, _SCAN, _END, _QUANTISATION = 0xD8, 0xDA, 0xD9, 0xDB
_RESTARTS = range(0xD0, 0xD8)


def is_jpeg(data: Bytes) -> bool:
    """Whether the bytes [N] begin as a JPEG does."""
    return data[:2].tobytes() == bytes((0xFF, _START))


def picture_of_jpeg(data: Bytes) -> Bytes:
    """The JPEG [N] uint8 without what cameras leave between its headers and after its end.

    Decoders warn of such bytes once and then of nothing else, so they would hide damage. Raises InputError for a JPEG
    that was cut off or whose segments are no JPEG's.
    """
    marks = _marks(data)
    kept, position = [data[:2]], 2
    scan = 0
    while True:
        index = int(np.searchsorted(marks, position))
        if index == len(marks):
            raise _damaged(data, "it has no end marker")
        start = int(marks[index])
        marker = int(data[start + 1])
        if marker == _END:
            break
        position = _segment_end(data, start)
        if marker == _QUANTISATION:
            _check_quantisation(data, data[start + 4 : position])
        if marker == _SCAN:
            scan = scan or start
        if not scan:
            kept.append(data[start:position])
    if not scan:
        raise _damaged(data, "it has no picture before its end marker")
    return np.concatenate([*kept, data[scan : start + 2]])


def _marks(data: Bytes) -> NDArray[np.intp]:
    """Where markers may stand: 0xFF that is no stuffing, no fill and no restart."""
    at = np.flatnonzero(data[:-1] == 0xFF)
    following = data[at + 1]
    restart = (following >= _RESTARTS[0]) & (following <= _RESTARTS[-1])
    marks: NDArray[np.intp] = at[(following != 0) & (following != 0xFF) & ~restart]
    return marks


def _segment_end(data: Bytes, start: int) -> int:
    marker = int(data[start + 1])
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
        low = steps if not wide else steps[: len(steps) // 2 * 2].reshape(-1, 2).any(axis=1)
        if not low.all():
            raise _damaged(data, "a quantisation step of zero")


def _damaged(data: Bytes, found: str) -> InputError:
    return InputError(
        f"the JPEG of {len(data)} bytes is damaged or cut off ({found}), expected a whole one; "
        "check the connection to the camera"
    )
