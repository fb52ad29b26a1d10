"""A model bundle is taken whole and unaltered, or refused with what was found and the remedy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from bundles import make_tiny_bundle

from fm_ood_ros.engines import open_engine
from fm_ood_ros.errors import BundleError, EngineError
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.shipped import default_model


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return make_tiny_bundle(tmp_path / "tiny")


def edit(bundle: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = bundle / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def test_a_whole_bundle_loads(bundle: Path):
    loaded = ModelBundle.load(bundle)
    assert loaded.size == (32, 128) and loaded.name == "tiny" and loaded.threshold == 0.95
    assert [c.name for c in loaded.labels.classes] == ["low", "high"]
    assert loaded.files == {"fp32": bundle / "tiny.onnx"}


def test_the_digest_tells_bundles_apart(bundle: Path):
    before = ModelBundle.load(bundle).digest
    edit(bundle, lambda m: m.update(name="other"))
    assert ModelBundle.load(bundle).digest != before


def test_a_changed_file_is_found(bundle: Path):
    path = bundle / "tiny.onnx"
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    with pytest.raises(BundleError, match=r"tiny\.onnx has sha256 [0-9a-f]{16}.*the manifest says [0-9a-f]{16}"):
        ModelBundle.load(bundle)


def test_a_missing_file_is_named(bundle: Path):
    (bundle / "tiny.onnx").unlink()
    with pytest.raises(BundleError, match=r"tiny\.onnx cannot be read .*copy the whole bundle again"):
        ModelBundle.load(bundle)


def test_a_missing_manifest_is_named(tmp_path: Path):
    with pytest.raises(BundleError, match=r"manifest\.json cannot be read"):
        ModelBundle.load(tmp_path)


@pytest.mark.parametrize("text", ["{", "", "\x00", "[1, 2]", "null"])
def test_a_broken_manifest_is_refused(bundle: Path, text: str):
    (bundle / "manifest.json").write_text(text)
    with pytest.raises(BundleError, match=r"is not JSON|expected an object"):
        ModelBundle.load(bundle)


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no score": (lambda m: m.pop("score"), "has nothing as 'score', expected a dict"),
    "another format": (lambda m: m.update(format="x/9"), "is of format 'x/9', expected 'fm_ood_ros.bundle/1'"),
    "no files": (lambda m: m.update(files={}), "names no file"),
    "a path that leaves the folder": (
        lambda m: m["files"]["fp32"].update(name="../tiny.onnx"),
        "expected a name within the folder",
    ),
    "another input shape": (
        lambda m: m["graph"]["inputs"].update(lidar=[1, 4, 32, 128]),
        r"'lidar' is \[1, 4, 32, 128\], expected \[1, 5, 32, 128\]",
    ),
    "another output": (lambda m: m["graph"]["outputs"].pop("anomaly"), r"'anomaly' is None, expected \[1, 32, 128\]"),
    "no height": (lambda m: m["input"].pop("height"), "lacks or garbles 'height'"),
    "an impossible threshold": (lambda m: m["thresholds"].update(anomaly_score=1.5), "has the threshold 1.5"),
    "falling quantiles": (lambda m: m["score"]["quantile_values"].reverse(), "strictly increasing"),
    "a class twice": (lambda m: m["label_set"]["classes"][1].update(raw_ids=[1]), "twice"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_an_impossible_manifest_is_refused(bundle: Path, case: str):
    change, complaint = CHANGES[case]
    edit(bundle, change)
    with pytest.raises(ValueError, match=complaint):
        ModelBundle.load(bundle)


def test_a_graph_of_other_shapes_than_the_manifest_says_is_refused(tmp_path: Path):
    bundle, other = make_tiny_bundle(tmp_path / "a"), make_tiny_bundle(tmp_path / "b", size=(16, 64))
    fits = json.loads((bundle / "manifest.json").read_text())
    hashes = json.loads((other / "manifest.json").read_text())["files"]
    (other / "manifest.json").write_text(json.dumps({**fits, "files": hashes}))
    with pytest.raises(EngineError, match=r"\[1, 16, 64, 3\].*expected|expected.*\[1, 32, 128, 3\]"):
        open_engine(ModelBundle.load(other), "onnxruntime")


def test_a_file_that_is_no_graph_is_refused(bundle: Path):
    (bundle / "tiny.onnx").write_bytes(b"no graph")
    digest = hashlib.sha256(b"no graph").hexdigest()
    edit(bundle, lambda m: m["files"]["fp32"].update(sha256=digest))
    with pytest.raises(EngineError, match=r"tiny\.onnx"):
        open_engine(ModelBundle.load(bundle), "onnxruntime")


def test_an_engine_that_does_not_exist_is_refused(bundle: Path):
    with pytest.raises(EngineError, match="abacus"):
        open_engine(ModelBundle.load(bundle), "abacus")


def test_the_shipped_model_loads_and_judges():
    bundle = ModelBundle.load(default_model())
    engine = open_engine(bundle)
    outputs = engine.infer(np.zeros((*bundle.size, 3), np.uint8), np.zeros((5, *bundle.size), np.float32))
    assert {name: value.shape for name, value in outputs.items()} == dict.fromkeys(
        ("class_id", "probability", "anomaly"), bundle.size
    )
    assert outputs["class_id"].max() < len(bundle.labels.classes)


def test_the_shipped_model_was_trained_with_feature_mixing_and_says_how():
    training = ModelBundle.load(default_model()).manifest["training"]
    assert training["config"]["synthesis"]["method"] == "feature_mixing"
    assert training["seed"] == training["config"]["seed"] and len(training["revision"]) >= 12
    assert "-dirty" not in training["revision"]


def test_the_shipped_graph_keeps_to_what_every_engine_loads():
    bundle = ModelBundle.load(default_model())
    model = onnx.load(str(bundle.files["fp32"]))
    operations = {node.op_type for node in model.graph.node}
    assert not operations & {"NonZero", "ScatterND", "ScatterElements", "Loop", "If", "TopK", "BatchNormalization"}
