"""Point Cloud Library's .pcd files: DATA binary and binary_compressed, fields of one number each.

Readers on PyPI need a compiler at installation (pypcd4 through python-lzf) or are young; this reads what CARLA's
recorders write and no more.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError

KINDS = {"F": "f", "I": "i", "U": "u"}
LITERAL = 32  # control bytes below copy that many bytes and one more, the others point back


def read_pcd(path: Path) -> NDArray[np.void]:
    """Points [N] as a structured array with the file's fields; raises InputError naming the file."""
    try:
        data = path.read_bytes()
        header, body = _split(data)
        dtype = np.dtype([
            (name, f"<{KINDS[kind]}{size}")
            for name, kind, size in zip(header["FIELDS"], header["TYPE"], header["SIZE"], strict=True)
        ])  # fmt: skip
        count, form = int(header["POINTS"][0]), header["DATA"][0]
        if set(header.get("COUNT", "1")) != {"1"} or form not in ("binary", "binary_compressed"):
            raise ValueError(f"DATA is {form} with COUNT {header.get('COUNT')}")
        return _compressed(body, dtype, count) if form == "binary_compressed" else np.frombuffer(body, dtype, count)
    except (OSError, KeyError, IndexError, ValueError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} cannot be read ({error}); expected a whole .pcd, binary or binary_compressed, one number a field"
        ) from error


def _split(data: bytes) -> tuple[dict[str, list[str]], bytes]:
    """The header's entries by name, and what follows it."""
    start = data.index(b"\nDATA ") + 1
    end = data.index(b"\n", start) + 1
    lines = (line.split() for line in data[:end].decode("ascii").splitlines() if not line.startswith("#"))
    return {name: values for name, *values in lines}, data[end:]


def _compressed(body: bytes, dtype: np.dtype[np.void], count: int) -> NDArray[np.void]:
    """Compressed data lie field by field: all x, then all y and so on."""
    packed, size = (int(n) for n in np.frombuffer(body, "<u4", 2))
    if size != count * dtype.itemsize or len(body) < 8 + packed:
        raise ValueError(f"{len(body) - 8} of {packed} bytes, {size} unpacked for {count} points")
    data = decompress_lzf(body[8 : 8 + packed], size)
    rows, at = np.empty(count, dtype), 0
    for name in dtype.names or ():
        rows[name] = np.frombuffer(data, dtype[name], count, at)
        at += count * dtype[name].itemsize
    return rows


def decompress_lzf(data: bytes, size: int) -> bytearray:
    """Lehmann's LZF: runs of literal bytes and references back; raises ValueError when not `size` bytes come out."""
    out, at, end = bytearray(), 0, len(data)
    while at < end:
        control = data[at]
        at += 1
        if control < LITERAL:
            out += data[at : at + control + 1]
            at += control + 1
            continue
        length = control >> 5
        if length == 7:
            length += data[at]
            at += 1
        start = len(out) - ((control & 31) << 8) - data[at] - 1
        at += 1
        if start < 0:
            raise ValueError("a reference points before the data")
        piece = out[start : start + length + 2]
        whole, rest = divmod(length + 2, len(piece))
        out += piece * whole + piece[:rest]  # a piece that reaches the end repeats itself
    if len(out) != size:
        raise ValueError(f"{len(out)} bytes came out, expected {size}")
    return out
