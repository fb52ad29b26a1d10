"""The manifest of a bundle: JSON read strictly, and those of its parts that have no file of their own here."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from fm_ood_ros.errors import BundleError, FieldError
from fm_ood_ros.model.fields import Fields, shown
from fm_ood_ros.model.input_spec import LARGEST_SIZE

FORMAT = "fm_ood_ros.bundle/3"
MANIFEST = "manifest.json"
QUANTITIES = ("intensity", "range")
STEPS = (1, 2, 4)  # cells of the input to a cell of the logits
STATISTICS = ("mean", "std", "p01", "p50", "p99")
_FREE_PARTS = ("normalisation", "training", "metrics")  # told to people, not used by the vehicle
_PRECISION = r"[a-z0-9_]+"
_FILE_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.+-]*"


def read_manifest(path: Path) -> tuple[Fields, str]:
    """The manifest and its sha256; raises BundleError where it cannot be read, is no JSON or of another format."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BundleError(
            f"{path} cannot be read ({error.strerror}); give the folder of a model bundle, as export writes it"
        ) from error
    try:
        data = json.loads(raw, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path} is not JSON ({error}); copy or export the bundle again") from error
    if not isinstance(data, dict):
        raise BundleError(f"{path} holds {shown(data)}, expected an object; export the model again")
    if data.get("format") != FORMAT:
        raise BundleError(
            f"{path} is of format {shown(data.get('format'))}, expected '{FORMAT}'; "
            "export the model again with this version, or install the version that wrote it"
        )
    return Fields(data), hashlib.sha256(raw).hexdigest()


def check_free_parts(manifest: Fields) -> None:
    """Raises FieldError where a part is missing that a person will look for."""
    manifest.text("name")
    for key in _FREE_PARTS:
        manifest.object(key)


def read_threshold(manifest: Fields) -> float:
    """anomaly_score from which a point counts as unknown, between 0 and 1; raises FieldError."""
    threshold = manifest.object("thresholds").number("anomaly_score")
    if not 0 < threshold < 1:
        raise FieldError(f"'thresholds.anomaly_score' is {threshold:g}, expected a number between 0 and 1")
    return threshold


def read_statistics(manifest: Fields) -> dict[str, dict[str, float]]:
    """`mean`, `std`, `p01`, `p50`, `p99` of `intensity` and `range` in the training set; raises FieldError."""
    parts = {name: manifest.object("statistics").object(name) for name in QUANTITIES}
    statistics = {name: {key: part.number(key) for key in STATISTICS} for name, part in parts.items()}
    for name, values in statistics.items():
        if values["std"] < 0 or not values["p01"] <= values["p50"] <= values["p99"]:
            raise FieldError(f"'statistics.{name}' is {shown(values)}, expected std >= 0 and p01 <= p50 <= p99")
    return statistics


def read_files(manifest: Fields) -> dict[str, tuple[str, str]]:
    """(name, sha256) of the file of each precision; raises FieldError, also where two are one file."""
    files = manifest.object("files")
    if not files.data:
        raise FieldError("'files' names no file, expected at least one ONNX file")
    found: dict[str, tuple[str, str]] = {}
    for precision in files.data:
        if not re.fullmatch(_PRECISION, precision):
            raise FieldError(f"'files' has {shown(precision)}, expected a precision such as 'fp32'")
        entry = files.object(precision)
        name = entry.text("name")
        if not re.fullmatch(_FILE_NAME, name):
            raise FieldError(
                f"'files.{precision}.name' is {shown(name)}, expected a name within the folder, of letters and digits"
            )
        if name in [other for other, _ in found.values()]:
            raise FieldError(f"'files' names '{name}' twice, expected a file of its own for each precision")
        found[precision] = name, entry.text("sha256")
    return found


def check_graph(manifest: Fields, size: tuple[int, int], classes: int) -> None:
    """Raises FieldError where the graph's shapes are not those of the size (H, W), or it knows other classes."""
    graph = manifest.object("graph")
    height, width = size
    inputs = {"image": [1, height, width, 3], "lidar": [1, 5, height, width]}
    for place, expected in (("inputs", inputs), ("outputs", {"logits": _logits(graph, classes, size)})):
        part = graph.object(place)
        if part.data.keys() != expected.keys():
            raise FieldError(f"'graph.{place}' names {shown(sorted(part.data))}, expected {sorted(expected)}")
        for name, shape in expected.items():
            found = part.integers(name, 1, LARGEST_SIZE)
            if found != shape:
                raise FieldError(f"'{name}' is {found}, expected {shape} for an input of {height}x{width}")
    known = graph.integer("classes", 2, 253)
    if known != classes:
        raise FieldError(f"'graph.classes' is {known}, expected {classes} as the label set has")


def _logits(graph: Fields, classes: int, size: tuple[int, int]) -> list[int]:
    """The shape of the logits: of the input's size, or of a half or a quarter of it."""
    found = graph.object("outputs").data.get("logits")
    shapes = [[1, classes, size[0] // step, size[1] // step] for step in STEPS]
    return found if found in shapes else shapes[0]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"key {shown(next(k for k in keys if keys.count(k) > 1))} twice in one object")
    return data


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")
