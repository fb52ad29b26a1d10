"""PointCloud2 in and out: every layout that a driver may send, every field kept."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fm_ood_ros.errors import InputError
from fm_ood_ros.messages.point_cloud import FORMATS, CloudData, CloudView, append_fields, coloured

XYZI = [("x", 0, 7, 1), ("y", 4, 7, 1), ("z", 8, 7, 1), ("intensity", 12, 7, 1)]


def message(fields: list[tuple[str, int, int, int]], step: int, data: bytes, **other: Any) -> Any:
    """Stands for the message of rclpy and of rosbags alike: same attributes."""
    width = other.pop("width", len(data) // step if step else 0)
    values = {"height": 1, "width": width, "row_step": width * step, "is_bigendian": False, "point_step": step}
    named = [SimpleNamespace(name=n, offset=o, datatype=t, count=c) for n, o, t, c in fields]
    return SimpleNamespace(fields=named, data=data, **{**values, **other})


def back(data: CloudData) -> CloudView:
    """What a subscriber reads from the cloud that was made."""
    fields = [(f.name, f.offset, f.datatype, f.count) for f in data.fields]
    return CloudView(
        message(
            fields,
            data.point_step,
            data.data.tobytes(),
            height=data.height,
            width=data.width,
            row_step=data.width * data.point_step,
            is_bigendian=data.is_bigendian,
        )
    )


def verdicts(n: int) -> dict[str, np.ndarray]:
    return {
        "class_id": np.arange(n).astype(np.uint8),
        "probability": np.linspace(0, 1, n, dtype=np.float32),
        "anomaly_score": np.full(n, np.nan, np.float32),
    }


def test_a_plain_cloud_is_a_view_onto_the_message():
    xyzi = np.arange(20, dtype=np.float32).reshape(5, 4)
    data = bytearray(xyzi.tobytes())
    view = CloudView(message(XYZI, 16, data))
    np.testing.assert_array_equal(view.points(), xyzi)
    data[:4] = np.float32(99).tobytes()
    assert view.rows["x"][0] == 99


def test_big_endian_and_double_precision():
    dtype = np.dtype([("pad", "V3"), ("x", ">f8"), ("y", ">f8"), ("z", ">f8"), ("i", ">u2"), ("end", "V2")])
    rows = np.zeros(3, dtype)
    rows["x"], rows["y"], rows["z"], rows["i"] = [1, 2, 3], [4, 5, 6], [7, 8, 9], [300, 0, 65535]
    fields = [("x", 3, 8, 1), ("y", 11, 8, 1), ("z", 19, 8, 1), ("i", 27, 4, 1)]
    view = CloudView(message(fields, dtype.itemsize, rows.tobytes(), is_bigendian=True))
    np.testing.assert_array_equal(view.points(), [[1, 4, 7, 300], [2, 5, 8, 0], [3, 6, 9, 65535]])
    out = back(append_fields(view, verdicts(3)))
    assert out.is_bigendian
    np.testing.assert_array_equal(out.points(), view.points())
    np.testing.assert_array_equal(out.rows["class_id"], [0, 1, 2])
    np.testing.assert_array_equal(out.rows["probability"], [0, 0.5, 1])


def test_organised_cloud_with_padded_rows():
    xyzi = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    padded = b"".join(row.tobytes() + b"#" * 7 for row in xyzi)
    view = CloudView(message(XYZI, 16, padded, height=2, width=3, row_step=55))
    np.testing.assert_array_equal(view.points(), xyzi.reshape(6, 4))
    out = append_fields(view, verdicts(6))
    assert (out.height, out.width) == (2, 3)
    np.testing.assert_array_equal(back(out).points(), view.points())
    last_without_padding = padded[:-7]
    assert len(CloudView(message(XYZI, 16, last_without_padding, height=2, width=3, row_step=55))) == 6


def test_every_input_byte_is_kept_and_like_named_fields_give_way():
    rng = np.random.default_rng(0)
    fields = [*XYZI, ("ring", 18, 4, 1), ("times", 20, 8, 2), ("class_id", 36, 2, 1), ("new_type", 37, 99, 1)]
    raw = rng.integers(0, 256, (50, 39), np.uint8)
    view = CloudView(message(fields, 39, raw.tobytes()))
    out = append_fields(view, verdicts(50))
    np.testing.assert_array_equal(out.data[:, :39], raw)
    names = [f.name for f in out.fields]
    assert names == [
        "x",
        "y",
        "z",
        "intensity",
        "ring",
        "times",
        "new_type",
        "class_id",
        "probability",
        "anomaly_score",
    ]
    assert {f.name: f.datatype for f in out.fields[-3:]} == {"class_id": 2, "probability": 7, "anomaly_score": 7}
    np.testing.assert_array_equal(back(out).rows["class_id"], np.arange(50))
    assert back(out).rows["times"].tobytes() == view.rows["times"].tobytes()


def test_appended_fields_are_aligned():
    out = append_fields(CloudView(message(XYZI, 17, bytes(17 * 2))), verdicts(2))
    assert [(f.name, f.offset) for f in out.fields[4:]] == [
        ("class_id", 20),
        ("probability", 24),
        ("anomaly_score", 28),
    ]
    assert out.point_step == 32


@pytest.mark.parametrize("name", ["intensity", "Intensity", "i", "reflectivity"])
@pytest.mark.parametrize("datatype", FORMATS)
def test_intensity_of_any_name_and_type(name: str, datatype: int):
    dtype = np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("i", "<" + FORMATS[datatype])])
    rows = np.zeros(2, dtype)
    rows["i"] = [7, 100]
    view = CloudView(message([*XYZI[:3], (name, 12, datatype, 1)], dtype.itemsize, rows.tobytes()))
    assert view.intensity == name
    np.testing.assert_array_equal(view.points()[:, 3], [7, 100])


def test_without_intensity_it_is_zero_and_said():
    view = CloudView(message(XYZI[:3], 12, np.ones((4, 3), np.float32).tobytes()))
    assert view.intensity is None
    np.testing.assert_array_equal(view.points(), [[1, 1, 1, 0]] * 4)


def test_broken_values_pass_through():
    values = np.array([[np.nan, 1, 2, 3], [np.inf, -np.inf, 0, np.nan], [0, 0, 0, 0]], np.float32)
    view = CloudView(message(XYZI, 16, values.tobytes()))
    np.testing.assert_array_equal(view.points(), values)
    assert append_fields(view, verdicts(3)).data[:, :16].tobytes() == values.tobytes()


@pytest.mark.parametrize(("height", "width"), [(1, 0), (0, 0), (0, 5)])
def test_an_empty_cloud_has_no_rows(height: int, width: int):
    view = CloudView(message(XYZI, 16, b"", height=height, width=width))
    assert len(view) == 0
    assert view.points().shape == (0, 4)


WRONG = {
    "no z": ({"fields": [*XYZI[:2], XYZI[3]]}, "expected x, y, z"),
    "no fields": ({"fields": []}, "expected x, y, z"),
    "x as integers": ({"fields": [("x", 0, 5, 1), *XYZI[1:]]}, "field 'x' of the cloud is 1 x i4"),
    "y of unknown type": ({"fields": [XYZI[0], ("y", 4, 42, 1), *XYZI[2:]]}, "datatype 42"),
    "two z": ({"fields": [*XYZI[:2], ("z", 8, 7, 2)]}, "2 x f4"),
    "field beyond the point": ({"fields": [*XYZI[:3], ("intensity", 13, 7, 1)]}, "ends at byte 17"),
    "cut off": ({"data": bytes(100)}, "holds 100 bytes, expected 160"),
    "rows too short": ({"height": 2, "width": 5, "row_step": 79}, "row_step of the cloud is 79"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_clouds_are_refused_with_what_was_found(case: str):
    changes, words = WRONG[case]
    sent = {"fields": XYZI, "step": 16, "data": bytes(160), "width": 10, **changes}
    with pytest.raises(InputError, match=words):
        CloudView(message(**sent))


@pytest.mark.parametrize("name", ["x", "intensity", "ring"])
@pytest.mark.parametrize("types", [(5, 7), (7, 5), (7, 7)])
def test_row_16_a_field_named_twice_is_refused(name: str, types: tuple[int, int]):
    others = [field for field in XYZI[:3] if field[0] != name]
    fields = [*others, (name, 12, types[0], 1), (name, 16, types[1], 1)]
    found = ", ".join(f"{FORMATS[kind]} at byte {place}" for kind, place in zip(types, (12, 16), strict=True))
    with pytest.raises(InputError, match=rf"field '{name}' 2 times \({found}\), expected it once"):
        CloudView(message(fields, 20, bytes(40)))


@pytest.mark.parametrize("name", ["", "_"])
def test_row_16_padding_may_come_as_often_as_the_driver_needs(name: str):
    fields = [*XYZI[:3], (name, 12, 2, 4), ("intensity", 16, 7, 1), (name, 20, 2, 4)]
    raw = np.arange(12, dtype=np.float32)
    view = CloudView(message(fields, 24, raw.tobytes()))
    np.testing.assert_array_equal(view.points(), [[0, 1, 2, 4], [6, 7, 8, 10]])
    assert view.rows.dtype.names == ("x", "y", "z", "intensity")
    out = append_fields(view, verdicts(2))
    np.testing.assert_array_equal(out.data[:, :24].ravel(), raw.view(np.uint8))
    np.testing.assert_array_equal(back(out).points(), view.points())


@pytest.mark.parametrize("big", [False, True])
def test_row_16_fields_that_overlap_or_hold_several_values_are_read_where_they_lie(big: bool):
    fields = [*XYZI, ("position", 0, 7, 3), ("rgb", 12, 6, 1), ("bytes", 12, 2, 4)]
    values = np.arange(8, dtype=">f4" if big else "<f4").reshape(2, 4)
    view = CloudView(message(fields, 16, values.tobytes(), is_bigendian=big))
    np.testing.assert_array_equal(view.points(), values)
    np.testing.assert_array_equal(view.rows["position"], values[:, :3])
    np.testing.assert_array_equal(view.rows["rgb"], np.ascontiguousarray(values[:, 3]).view(">u4" if big else "<u4"))
    assert view.rows["bytes"].tobytes() == values[:, 3].tobytes()


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_cloud_is_read_or_refused(data: st.DataObject):
    size, name = st.integers(0, 40), st.sampled_from([*"xyz", "i", "", "_"]) | st.text(max_size=3)
    field = st.tuples(name, size, st.integers(0, 9), st.integers(0, 3))
    xyz = data.draw(st.sampled_from([[], XYZI[:3]]))
    drawn = {key: data.draw(size) for key in ("height", "width", "row_step", "is_bigendian")}
    fields = [*xyz, *data.draw(st.lists(field, max_size=4))]
    try:
        view = CloudView(message(fields, data.draw(size), data.draw(st.binary(max_size=2000)), **drawn))
    except InputError:
        return
    assert len(view) == drawn["height"] * drawn["width"]
    assert back(append_fields(view, verdicts(len(view)))).points().shape == (len(view), 4)


def test_coloured_cloud_packs_rgb_as_rviz_reads_it():
    view = CloudView(message(XYZI, 16, np.arange(8, dtype=np.float32).tobytes()))
    out = back(coloured(view, np.array([[255, 0, 1], [0, 128, 0]], np.uint8)))
    assert [(f.name, f.offset, f.datatype) for f in out.fields] == [
        ("x", 0, 7),
        ("y", 4, 7),
        ("z", 8, 7),
        ("rgb", 12, 7),
    ]
    np.testing.assert_array_equal(np.ascontiguousarray(out.rows["rgb"]).view(np.uint32), [0xFF0001, 0x008000])
    np.testing.assert_array_equal(out.points()[:, :3], view.points()[:, :3])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_layout_round_trips(data: st.DataObject):
    gaps = data.draw(st.lists(st.integers(0, 5), min_size=4, max_size=4))
    big = data.draw(st.booleans())
    types = [data.draw(st.sampled_from([7, 8])) for _ in range(3)] + [data.draw(st.sampled_from(list(FORMATS)))]
    fields, offset = [], 0
    for name, gap, kind in zip(data.draw(st.permutations(["x", "y", "z", "intensity"])), gaps, types, strict=True):
        kind = 7 if name != "intensity" and FORMATS[kind][0] != "f" else kind
        fields.append((name, offset + gap, kind, 1))
        offset += gap + np.dtype(FORMATS[kind]).itemsize
    step, height, width = (
        offset + data.draw(st.integers(0, 4)),
        data.draw(st.integers(1, 3)),
        data.draw(st.integers(0, 4)),
    )
    row_step = step * width + data.draw(st.integers(0, 9))
    raw = np.random.default_rng(0).integers(0, 256, row_step * height, np.uint8)
    shape = {"height": height, "width": width, "row_step": row_step, "is_bigendian": big}
    view = CloudView(message(fields, step, raw.tobytes(), **shape))
    out = back(append_fields(view, verdicts(height * width)))
    for name, start, kind, _ in fields:
        size = np.dtype(FORMATS[kind]).itemsize
        cells = [r * row_step + c * step + start for r in range(height) for c in range(width)]
        assert out.rows[name].tobytes() == b"".join(raw[cell : cell + size].tobytes() for cell in cells)
