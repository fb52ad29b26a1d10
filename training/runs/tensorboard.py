"""Scalars in TensorBoard's event files, written without it: the package would bring ten others along.

Records as TensorFlow frames them (length, checksum, data, checksum), each holding an Event of its event.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

VERSION = b"brain.Event:2"
_DOUBLE, _BYTES, _FLOAT = 1, 2, 5  # wire types of protocol buffers; 0 is a varint


class EventFile:
    """A file of scalars by step, which TensorBoard shows when it is given the folder above."""

    def __init__(self, path: Path, time: float) -> None:
        self.path = path
        path.write_bytes(record(_double(1, time) + _bytes(3, VERSION)))

    def add(self, step: int, values: Mapping[str, float], time: float) -> None:
        """Appends scalars by name; time: seconds since 1970."""
        summary = b"".join(_bytes(1, _bytes(1, name.encode()) + _float(2, value)) for name, value in values.items())
        with self.path.open("ab") as file:
            file.write(record(_double(1, time) + _key(2, 0) + varint(step) + _bytes(5, summary)))


def record(data: bytes) -> bytes:
    """Data as one record of an event file."""
    length = struct.pack("<Q", len(data))
    return length + _masked(length) + data + _masked(data)


def varint(value: int) -> bytes:
    """A number, 0 or more, in groups of seven bits, the lowest first."""
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])


def crc32c(data: bytes) -> int:
    """Castagnoli's checksum (RFC 3720), reflected polynomial 0x82F63B78."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[crc & 0xFF ^ byte]
    return crc ^ 0xFFFFFFFF


def _shifted(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value


_TABLE = [_shifted(byte) for byte in range(256)]


def _masked(data: bytes) -> bytes:
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _key(number: int, wire: int) -> bytes:
    return varint(number << 3 | wire)


def _double(number: int, value: float) -> bytes:
    return _key(number, _DOUBLE) + struct.pack("<d", value)


def _float(number: int, value: float) -> bytes:
    return _key(number, _FLOAT) + struct.pack("<f", value)


def _bytes(number: int, value: bytes) -> bytes:
    return _key(number, _BYTES) + varint(len(value)) + value
