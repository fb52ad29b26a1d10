"""Which tensors of an ONNX file keep their values in another file, read from its protobuf bytes alone.

onnxruntime looks for such a file beside the graph, or in the working directory when it is given bytes. No hash covers
it. The vehicle has no onnx package, and the walk needs only the way from the model to its tensors.
"""

from __future__ import annotations

from collections.abc import Iterator

# message -> number of its field -> message in that field; of onnx.proto3, only what leads to a tensor
MESSAGES: dict[str, dict[int, str]] = {
    "ModelProto": {7: "GraphProto", 20: "TrainingInfoProto", 25: "FunctionProto"},
    "TrainingInfoProto": {1: "GraphProto", 2: "GraphProto"},
    "GraphProto": {1: "NodeProto", 5: "TensorProto", 15: "SparseTensorProto"},
    "FunctionProto": {7: "NodeProto", 11: "AttributeProto"},
    "NodeProto": {5: "AttributeProto"},
    "AttributeProto": {
        5: "TensorProto", 6: "GraphProto", 10: "TensorProto", 11: "GraphProto",
        22: "SparseTensorProto", 23: "SparseTensorProto",
    },
    "SparseTensorProto": {1: "TensorProto", 2: "TensorProto"},
}  # fmt: skip
_TENSOR_NAME, _EXTERNAL_DATA, _DATA_LOCATION = 8, 13, 14
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_ORT_FORMAT = b"ORTM"  # at byte 4 of a flatbuffer, which onnxruntime takes in place of ONNX


def external_tensors(raw: bytes) -> list[str]:
    """Names of the tensors whose values lie outside the file; raises ValueError where the bytes are no ONNX graph."""
    if raw[4:8] == _ORT_FORMAT:
        raise ValueError("onnxruntime's own format")
    names, graphs = [], 0
    pending = [("ModelProto", 0, len(raw))]  # no recursion: a file may nest deeper than Python's stack
    while pending:
        message, start, end = pending.pop()
        graphs += message == "GraphProto"
        if message == "TensorProto":
            names += _outside(raw, start, end)
            continue
        inner = MESSAGES[message]
        pending += [(inner[n], *span) for n, _, span in _fields(raw, start, end) if span and n in inner]
    if not graphs:
        raise ValueError("no graph in it")
    return sorted(names)


def _outside(raw: bytes, start: int, end: int) -> list[str]:
    name, outside = "unnamed", False
    for number, value, span in _fields(raw, start, end):
        if number == _TENSOR_NAME and span:
            name = raw[slice(*span)].decode(errors="replace")
        outside |= number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value != 0)
    return [name] if outside else []


def _fields(raw: bytes, at: int, end: int) -> Iterator[tuple[int, int, tuple[int, int] | None]]:
    """Number, value and, where the field is made of bytes, their span; the value of fixed widths is not read."""
    while at < end:
        tag, at = _varint(raw, at, end)
        kind, value, start = tag & 7, 0, at
        if kind in (_VARINT, _BYTES):
            value, start = _varint(raw, at, end)
        elif kind not in (_FIXED32, _FIXED64):
            raise ValueError(f"wire type {kind} at byte {at}")
        if tag >> 32:  # readers cut it to 32 bits, and would see another field than is seen here
            raise ValueError(f"a field number beyond 32 bits at byte {at}")
        at = start + {_VARINT: 0, _FIXED64: 8, _BYTES: value, _FIXED32: 4}[kind]
        if at > end:
            raise ValueError(f"a field ends at byte {at}, its message at {end}")
        yield tag >> 3, value, (start, at) if kind == _BYTES else None


def _varint(raw: bytes, at: int, end: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= end:
            raise ValueError(f"a number is cut off at byte {end}")
        byte = raw[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
    raise ValueError(f"a number longer than 64 bits at byte {at}")
