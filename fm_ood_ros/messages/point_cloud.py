"""sensor_msgs/PointCloud2 as a structured NumPy view, and back with fields appended; knows no ROS library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError

FORMATS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 8: "f8"}  # PointField.datatype
DATATYPES = {np.dtype(name): datatype for datatype, name in FORMATS.items()}
PADDING = ("", "_")  # what some drivers call bytes without meaning, as often as they need
INTENSITY = ("intensity", "intensities", "i", "reflectivity", "reflectance")


@dataclass(frozen=True)
class Field:
    """A field of a point, as sensor_msgs/PointField has it."""

    name: str
    offset: int
    datatype: int
    count: int = 1


@dataclass(frozen=True)
class CloudData:
    """What a PointCloud2 needs besides its header; data: [N, point_step] uint8, rows without padding."""

    height: int
    width: int
    fields: tuple[Field, ...]
    is_bigendian: bool
    point_step: int
    data: NDArray[np.uint8]


class CloudView:
    """A PointCloud2 (of rclpy or rosbags) as one structured array.

    rows: structured [N], a view onto the message wherever its rows have no padding; byte order as in the message
    height, width: of the organised cloud, N = height * width; intensity: name of that field, or None

    Raises InputError for missing x, y, z, fields of wrong types, names used twice, and data shorter than the message
    says. Fields may overlap.
    """

    def __init__(self, message: Any) -> None:
        self.height, self.width = int(message.height), int(message.width)
        self.is_bigendian = bool(message.is_bigendian)
        self.point_step = int(message.point_step)
        self.fields = tuple(Field(f.name, int(f.offset), int(f.datatype), int(f.count)) for f in message.fields)
        self._check_fields()
        raw = self._raw(message)
        self.rows: NDArray[np.void] = raw.view(self._dtype(raw.dtype.itemsize))
        names = {f.name.lower(): f.name for f in self.fields if f.datatype in FORMATS and f.count <= 1}
        self.intensity = next((names[n] for n in INTENSITY if n in names), None)

    def __len__(self) -> int:
        return len(self.rows)

    def points(self) -> NDArray[np.float32]:
        """[N,4] float32: x y z in metres as the sensor gives them and intensity (zeros without such a field)."""
        out = np.zeros((len(self.rows), 4), np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            for column, name in enumerate(("x", "y", "z", self.intensity)):
                if name is not None:
                    out[:, column] = self.rows[name]
        return out

    def _check_fields(self) -> None:
        self._check_names()
        listed = {f.name: f for f in self.fields}
        for name in ("x", "y", "z"):
            if name not in listed:
                raise InputError(f"the cloud has the fields {sorted(listed)}, expected x, y, z among them")
            field = listed[name]
            if FORMATS.get(field.datatype) not in ("f4", "f8") or field.count > 1:
                found = f"{field.count} x {FORMATS.get(field.datatype, f'datatype {field.datatype}')}"
                raise InputError(f"field '{name}' of the cloud is {found}, expected one FLOAT32 or FLOAT64")
        for field in self.fields:
            end = field.offset + np.dtype(FORMATS.get(field.datatype, "u1")).itemsize * max(1, field.count)
            if end > self.point_step:
                raise InputError(
                    f"field '{field.name}' of the cloud ends at byte {end} of a point, expected at most point_step = "
                    f"{self.point_step}; correct the driver's fields"
                )

    def _check_names(self) -> None:
        for name, times in Counter(f.name for f in self.fields).items():
            if times > 1 and name not in PADDING:
                places = [f"{FORMATS.get(f.datatype, '?')} at byte {f.offset}" for f in self.fields if f.name == name]
                raise InputError(
                    f"the cloud has the field '{name}' {times} times ({', '.join(places)}), expected it once; "
                    "correct the driver's fields"
                )

    def _raw(self, message: Any) -> NDArray[np.void]:
        """[N] points as opaque bytes."""
        data = np.frombuffer(message.data, np.uint8)
        row_step = int(message.row_step) if self.height > 1 else self.width * self.point_step
        if row_step < self.width * self.point_step:
            raise InputError(
                f"row_step of the cloud is {row_step}, expected at least width x point_step = "
                f"{self.width * self.point_step}; correct the driver"
            )
        needed = (self.height - 1) * row_step + self.width * self.point_step if self.height and self.width else 0
        if len(data) < needed:
            raise InputError(
                f"the cloud holds {len(data)} bytes, expected {needed} for {self.height} x {self.width} points; "
                "it was cut off on its way"
            )
        shape = (self.height, self.width) if needed else (0, 0)
        grid: NDArray[np.void] = np.ndarray(
            shape, np.dtype((np.void, self.point_step)), data, strides=(row_step, self.point_step)
        )
        return grid.reshape(-1)

    def _dtype(self, itemsize: int) -> np.dtype[np.void]:
        """Of one point; padding and fields of unknown types are left out."""
        order = ">" if self.is_bigendian else "<"
        known: dict[str, tuple[Any, int]] = {}
        for f in self.fields:
            if f.datatype in FORMATS and f.name not in PADDING:
                base = order + FORMATS[f.datatype]
                known[f.name] = (base if f.count <= 1 else (base, (f.count,)), f.offset)
        formats, offsets = zip(*known.values(), strict=True)
        return np.dtype(
            {"names": list(known), "formats": list(formats), "offsets": list(offsets), "itemsize": itemsize}
        )


def append_fields(view: CloudView, values: Mapping[str, NDArray[Any]]) -> CloudData:
    """The cloud with further fields [N] behind the input's bytes, which all stay as they are.

    A field that the input has under the same name gives way to the new one.
    """
    start = -(-view.point_step // 4) * 4
    fields = [f for f in view.fields if f.name not in values]
    raw = np.dtype((np.void, view.point_step))
    formats, offsets = [raw], [0]
    for name, array in values.items():
        start = -(-start // array.dtype.itemsize) * array.dtype.itemsize
        fields.append(Field(name, start, DATATYPES[array.dtype]))
        formats.append(array.dtype.newbyteorder(">" if view.is_bigendian else "<"))
        offsets.append(start)
        start += array.dtype.itemsize
    point_step = -(-start // 4) * 4
    dtype = np.dtype({"names": ["_input", *values], "formats": formats, "offsets": offsets, "itemsize": point_step})
    return _filled(view, dtype, {"_input": view.rows.view(raw), **values}, tuple(fields))


def coloured(view: CloudView, colours: NDArray[np.uint8]) -> CloudData:
    """The cloud with x y z and the packed `rgb` field that RViz reads; colours: [N,3] uint8 RGB."""
    rgb = colours.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    fields = tuple(Field(name, 4 * i, 7) for i, name in enumerate(("x", "y", "z", "rgb")))
    order = ">" if view.is_bigendian else "<"
    dtype = np.dtype([(f.name, order + "f4") for f in fields])
    values = {name: view.rows[name] for name in ("x", "y", "z")}
    return _filled(view, dtype, {**values, "rgb": rgb.view(np.float32)}, fields)


def _filled(
    view: CloudView, dtype: np.dtype[np.void], values: Mapping[str, NDArray[Any]], fields: tuple[Field, ...]
) -> CloudData:
    rows = np.zeros(len(view), dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        for name, array in values.items():
            rows[name] = array
    data = rows.view(np.uint8).reshape(len(view), dtype.itemsize)
    return CloudData(view.height, view.width, fields, view.is_bigendian, dtype.itemsize, data)
