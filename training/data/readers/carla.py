"""Frames recorded in CARLA, such as CARLA-OOD's, in the folders that a layout names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame, View
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.model.label_sets import LabelSet
from training.data.frames import FrameFacts, check_labels, choose
from training.data.readers.carla_labels import labels_from_pixels
from training.data.readers.carla_layout import CarlaLayout, matches
from training.data.readers.files import read_image, read_numbers
from training.data.readers.pcd import read_pcd

PERIOD_NS = 100_000_000  # 10 Hz: CARLA's files carry no time
OBJECT_FIELD = "object"


class Carla:
    """Frames whose image, cloud and labels share what the layout's `*` stand for, in their order.

    sequences: first parts of the names, None for all; label_set: checks the raw ids of every frame

    Raises InputError and CalibrationError naming the file that is missing or wrong.
    """

    def __init__(
        self,
        root: str | Path,
        layout: CarlaLayout,
        sequences: Sequence[str] | None = None,
        label_set: LabelSet | None = None,
    ) -> None:
        self.root = Path(root)
        self.layout = layout
        self.label_set = label_set
        self._clouds, self._images = matches(self.root, layout.cloud), matches(self.root, layout.image)
        pattern = layout.labels.get("points") or layout.labels.get("pixels")
        self._labels = matches(self.root, pattern) if pattern else self._clouds
        for kind, files in (("image", self._images), ("label file", self._labels)):
            alone = [path for key, path in self._clouds.items() if key not in files]
            if alone:
                raise InputError(f"{alone[0]} has no {kind} of the same name; every cloud needs one (see the layout)")
        names = choose(sorted({_sequence(key) for key in self._clouds}), sequences, self.root)
        self._keys = [key for key in self._clouds if _sequence(key) in names]

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, index: int) -> Frame:
        """A frame with CARLA's tags as raw ids, right-handed; stamps count 10 Hz."""
        key = self._keys[index]
        image = read_image(self._images[key])
        height, width = image.shape[:2]
        calibration = self.layout.read_calibration(self.root, width, height)
        rows = self._rows(key)
        points = self._points(rows)
        raw = self._raw_labels(key, rows, points, calibration)
        check_labels(raw, len(points), self._labels[key], self.label_set)
        return Frame(index * PERIOD_NS, points, (View(image, calibration),), raw)

    def name(self, index: int) -> str:
        """What the layout's `*` stand for, joined by a slash."""
        return "/".join(self._keys[index])

    def facts(self, index: int) -> FrameFacts:
        """The objects of semantic LiDAR points."""
        rows = self._rows(self._keys[index])
        if OBJECT_FIELD not in (rows.dtype.names or ()):
            return FrameFacts()
        return FrameFacts(instance=(rows[OBJECT_FIELD] & 0xFFFF).astype(np.uint16))

    def _rows(self, key: tuple[str, ...]) -> NDArray[np.void]:
        path = self._clouds[key]
        if path.suffix == ".pcd":
            return read_pcd(path)
        fields = [(name, np.dtype(kind)) for name, kind in (self.layout.fields or {}).items()]
        if not fields:
            raise InputError(f"{path} does not say what its numbers are; name them under `fields` in the layout")
        if path.suffix == ".npy":
            return _named_columns(path, [name for name, _ in fields])
        return np.asarray(read_numbers(path, np.dtype(fields), 1)[:, 0])

    def _points(self, rows: NDArray[np.void]) -> NDArray[np.float32]:
        points = np.zeros((len(rows), 4), np.float32)
        names = ("x", "y", "z", *((self.layout.intensity,) if self.layout.intensity else ()))
        for column, name in enumerate(names):
            points[:, column] = _field(rows, name)
        if self.layout.left_handed:
            points[:, 1] *= -1
        return points

    def _raw_labels(
        self, key: tuple[str, ...], rows: NDArray[np.void], points: NDArray[np.float32], calibration: Calibration
    ) -> NDArray[np.uint16]:
        labels = self.layout.labels
        if "field" in labels:
            return _field(rows, labels["field"]).astype(np.uint16)
        path = self._labels[key]
        if "pixels" in labels:
            return labels_from_pixels(path, points, calibration, labels["palette"], float(labels.get("tolerance", 0)))
        raw = read_numbers(path, labels.get("type", "<u4"), 1)[:, 0]
        return np.asarray(raw & labels.get("mask", 0xFFFF)).astype(np.uint16)


def _sequence(key: tuple[str, ...]) -> str:
    return key[0] if len(key) > 1 else ""


def _field(rows: NDArray[np.void], name: str) -> NDArray[Any]:
    if name not in (rows.dtype.names or ()):
        raise InputError(f"the clouds have fields {rows.dtype.names}, but the layout asks for '{name}'; correct it")
    return rows[name]


def _named_columns(path: Path, names: list[str]) -> NDArray[np.void]:
    try:
        columns = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as plain numbers ({error}); write it with numpy.save") from error
    if columns.ndim != 2 or columns.shape[1] != len(names):
        raise InputError(f"{path} is {columns.shape}, expected [N,{len(names)}] as the layout's fields say")
    rows = np.empty(len(columns), [(name, columns.dtype) for name in names])
    for column, name in enumerate(names):
        rows[name] = columns[:, column]
    return rows
