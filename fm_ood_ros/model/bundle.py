"""A model bundle: a folder with ONNX files and the manifest that says all about them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fm_ood_ros.errors import BundleError
from fm_ood_ros.model.label_sets import LabelSet
from fm_ood_ros.model.score_scale import ScoreScale

FORMAT = "fm_ood_ros.bundle/1"
MANIFEST = "manifest.json"
_REQUIRED: dict[str, type] = {
    "format": str, "name": str, "label_set": dict, "input": dict, "graph": dict, "files": dict,
    "normalisation": dict, "score": dict, "thresholds": dict, "statistics": dict, "training": dict, "metrics": dict,
}  # fmt: skip


@dataclass(frozen=True)
class ModelBundle:
    """A checked bundle.

    path: its folder; digest: sha256 of the manifest, which holds the hashes of all files
    labels: known classes in the order of the graph's outputs; size: (H, W) of both inputs
    score: scale of the raw anomaly score; threshold: anomaly_score from which a point counts as unknown
    statistics: of the training set, `intensity` and `range` with `mean`, `std`, `p01`, `p50`, `p99`
    files: precision -> ONNX file; manifest: all of the JSON
    """

    path: Path
    digest: str
    labels: LabelSet
    size: tuple[int, int]
    score: ScoreScale
    threshold: float
    statistics: dict[str, dict[str, float]]
    files: dict[str, Path]
    manifest: dict[str, Any]

    @classmethod
    def load(cls, path: str | Path) -> ModelBundle:
        """Reads and checks a bundle; raises BundleError naming the file, what was found and the remedy."""
        folder = Path(path)
        manifest, digest = _read_manifest(folder)
        _check_schema(manifest, folder)
        try:
            bundle = cls(
                path=folder,
                digest=digest,
                labels=LabelSet.from_dict(manifest["label_set"]),
                size=(int(manifest["input"]["height"]), int(manifest["input"]["width"])),
                score=ScoreScale.from_dict(manifest["score"]),
                threshold=float(manifest["thresholds"]["anomaly_score"]),
                statistics=manifest["statistics"],
                files={p: _checked_file(folder, entry) for p, entry in manifest["files"].items()},
                manifest=manifest,
            )
        except BundleError:
            raise
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(f"{folder / MANIFEST} lacks or garbles {error}; export the model again") from error
        _check_shapes(bundle)
        return bundle

    @property
    def name(self) -> str:
        """The bundle's own name."""
        return str(self.manifest["name"])


def _read_manifest(folder: Path) -> tuple[dict[str, Any], str]:
    path = folder / MANIFEST
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BundleError(
            f"{path} cannot be read ({error.strerror}); give the folder of a model bundle, as export writes it"
        ) from error
    try:
        manifest = json.loads(raw)
    except ValueError as error:
        raise BundleError(f"{path} is not JSON ({error}); copy or export the bundle again") from error
    if not isinstance(manifest, dict):
        raise BundleError(f"{path} holds a {type(manifest).__name__}, expected an object; export the model again")
    return manifest, hashlib.sha256(raw).hexdigest()


def _check_schema(manifest: dict[str, Any], folder: Path) -> None:
    for key, kind in _REQUIRED.items():
        if not isinstance(manifest.get(key), kind):
            found = type(manifest[key]).__name__ if key in manifest else "nothing"
            raise BundleError(f"{folder / MANIFEST} has {found} as '{key}', expected a {kind.__name__}; export again")
    if manifest["format"] != FORMAT:
        raise BundleError(
            f"{folder / MANIFEST} is of format '{manifest['format']}', expected '{FORMAT}'; "
            "export it with this version or install the version that wrote it"
        )
    if not manifest["files"]:
        raise BundleError(f"{folder / MANIFEST} names no file, expected at least one ONNX file; export again")


def _checked_file(folder: Path, entry: dict[str, str]) -> Path:
    name = entry["name"]
    if Path(name).name != name:
        raise BundleError(f"{folder / MANIFEST} names the file '{name}', expected a name within the folder")
    path = folder / name
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise BundleError(
            f"{path} cannot be read ({error.strerror}); the manifest names it: copy the whole bundle again"
        ) from error
    if found != entry["sha256"]:
        raise BundleError(
            f"{path} has sha256 {found[:16]}..., the manifest says {str(entry['sha256'])[:16]}...; "
            "the file was changed or cut off: copy or export the bundle again"
        )
    return path


def _check_shapes(bundle: ModelBundle) -> None:
    height, width = bundle.size
    expected = {"image": [1, height, width, 3], "lidar": [1, 5, height, width]}
    expected |= {name: [1, height, width] for name in ("class_id", "probability", "anomaly")}
    graph = bundle.manifest["graph"]
    found = {**graph.get("inputs", {}), **graph.get("outputs", {})}
    for name, shape in expected.items():
        if found.get(name) != shape:
            raise BundleError(
                f"{bundle.path / MANIFEST} says '{name}' is {found.get(name)}, expected {shape} for an input of "
                f"{height}x{width}; export the model again"
            )
    if not 0 < bundle.threshold < 1:
        raise BundleError(
            f"{bundle.path / MANIFEST} has the threshold {bundle.threshold:g}, expected a number between 0 and 1"
        )
