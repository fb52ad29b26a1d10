"""Event files: checksums and messages against other implementations of both."""

import struct

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from hypothesis import given
from hypothesis import strategies as st

from training.runs.progress import read_log
from training.runs.tensorboard import EventFile, crc32c, varint

FIELD = descriptor_pb2.FieldDescriptorProto


@pytest.fixture(scope="module")
def event():
    """The message Event with the fields that we write, from its published description."""
    file = descriptor_pb2.FileDescriptorProto(name="event.proto", package="t")
    shapes = {
        "Value": [("tag", 1, FIELD.TYPE_STRING, ""), ("simple_value", 2, FIELD.TYPE_FLOAT, "")],
        "Summary": [("value", 1, FIELD.TYPE_MESSAGE, ".t.Value")],
        "Event": [
            ("wall_time", 1, FIELD.TYPE_DOUBLE, ""),
            ("step", 2, FIELD.TYPE_INT64, ""),
            ("file_version", 3, FIELD.TYPE_STRING, ""),
            ("summary", 5, FIELD.TYPE_MESSAGE, ".t.Summary"),
        ],
    }
    for name, fields in shapes.items():
        message = file.message_type.add(name=name)
        for field, number, kind, type_name in fields:
            label = FIELD.LABEL_REPEATED if name == "Summary" else FIELD.LABEL_OPTIONAL
            message.field.add(name=field, number=number, type=kind, type_name=type_name or None, label=label)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("t.Event"))


def unmasked(crc):
    rotated = (crc - 0xA282EAD8) & 0xFFFFFFFF
    return (rotated >> 17 | rotated << 15) & 0xFFFFFFFF


def events(path, event):
    data, found = path.read_bytes(), []
    while data:
        (length,), (checksum,) = struct.unpack("<Q", data[:8]), struct.unpack("<I", data[8:12])
        body, (of_body,) = data[12 : 12 + length], struct.unpack("<I", data[12 + length : 16 + length])
        assert unmasked(checksum) == crc32c(data[:8])
        assert unmasked(of_body) == crc32c(body)
        found.append(event.FromString(body))
        data = data[16 + length :]
    return found


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
        (b"123456789", 0xE3069283),
    ],
)
def test_the_checksum_is_the_standards(data, expected):
    """RFC 3720, appendix B.4, and the catalogue's check value."""
    assert crc32c(data) == expected


@given(st.integers(0, 2**63 - 1))
def test_numbers_of_every_size(step):
    message = descriptor_pb2.UninterpretedOption(positive_int_value=step)  # a field of number 4
    assert message.SerializeToString() == b"\x20" + varint(step)


def test_what_is_written_is_read(event, tmp_path):
    path = tmp_path / "events.out.tfevents.0"
    file = EventFile(path, 12.5)
    file.add(3, {"loss": 0.25, "rate": 1e-3}, 13.5)
    file.add(300, {"väl_miou": float("nan")}, 14.5)
    first, second, third = events(path, event)
    assert (first.wall_time, first.file_version) == (12.5, "brain.Event:2")
    assert (second.wall_time, second.step) == (13.5, 3)
    assert {v.tag: v.simple_value for v in second.summary.value} == pytest.approx({"loss": 0.25, "rate": 1e-3})
    assert third.step == 300
    assert third.summary.value[0].tag == "väl_miou"


def test_a_run_writes_what_it_logs(run, event):
    (path,) = run.path.glob("events.out.tfevents.*")
    written = [
        {"step": e.step, **{v.tag: v.simple_value for v in e.summary.value}} for e in events(path, event)[1:]
    ]  # the first says the version
    assert written == [pytest.approx(line, abs=2e-6) for line in read_log(run.path / "log.jsonl")]
