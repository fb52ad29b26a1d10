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


def put(*path: str | int, value: object) -> Callable[[dict[str, Any]], object]:
    """A change that sets the value at a path."""

    def change(manifest: dict[str, Any]) -> None:
        place: Any = manifest
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


FIRST_CLASS = ("label_set", "classes", 0)
FP32 = ("files", "fp32")
LOGITS = ("graph", "outputs", "logits")
NEAR = ("score", "ranges", 0)
CHANGES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no score": (lambda m: m.pop("score"), "'score' is missing"),
    "no name": (lambda m: m.pop("name"), "'name' is missing"),
    "a name of two lines": (put("name", value="a\nb"), r"'name' is 'a\\nb', expected a text of one line"),
    "no training": (put("training", value=[]), r"'training' is \[\], expected an object"),
    "another format": (put("format", value="x/9"), "of format 'x/9', expected 'fm_ood_ros.bundle/3'"),
    "the format before": (
        put("format", value="fm_ood_ros.bundle/2"),
        "of format 'fm_ood_ros.bundle/2', expected",
    ),
    "no files": (put("files", value={}), "names no file"),
    "a file that is a name": (put(*FP32, value="tiny.onnx"), r"'files\.fp32' is 'tiny\.onnx', expected an object"),
    "a file of no precision": (lambda m: m["files"].update({"../fp": m["files"]["fp32"]}), "'files' has '../fp'"),
    "one file for two": (lambda m: m["files"].update(fp16=m["files"]["fp32"]), r"names 'tiny\.onnx' twice"),
    "a path that leaves the folder": (put(*FP32, "name", value="../tiny.onnx"), "expected a name within the folder"),
    "a path within the folder": (put(*FP32, "name", value="a/tiny.onnx"), "expected a name within the folder"),
    "the folder above": (put(*FP32, "name", value=".."), "expected a name within the folder"),
    "a name with a zero byte": (put(*FP32, "name", value="a\0"), r"'a\\x00', expected a text"),
    "a hash that is a number": (put(*FP32, "sha256", value=7), r"'files\.fp32\.sha256' is 7, expected a text"),
    "another input shape": (
        put("graph", "inputs", "lidar", value=[1, 4, 32, 128]),
        r"'lidar' is \[1, 4, 32, 128\], expected \[1, 5, 32, 128\]",
    ),
    "a shape of bools": (put("graph", "inputs", "lidar", 0, value=True), r"lidar\[0\]' is True, expected a whole"),
    "inputs in a list": (put("graph", "inputs", value=["image"]), r"'graph\.inputs' is \['image'\], expected an ob"),
    "no output": (lambda m: m["graph"]["outputs"].pop("logits"), r"'graph\.outputs' names \[\], expected \['logits'\]"),
    "one output more": (put("graph", "outputs", "depth", value=[1]), r"'graph\.outputs' names \['depth', 'logits'\]"),
    "logits of other classes": (
        put(*LOGITS, value=[1, 3, 32, 128]),
        r"'logits' is \[1, 3, 32, 128\], expected \[1, 2, 32, 128\] for an input of 32x128",
    ),
    "logits of an eighth": (put(*LOGITS, value=[1, 2, 4, 16]), r"'logits' is \[1, 2, 4, 16\], expected \[1, 2, 32"),
    "logits halved one way": (put(*LOGITS, value=[1, 2, 16, 128]), r"'logits' is \[1, 2, 16, 128\], expected"),
    "logits of two frames": (put(*LOGITS, value=[2, 2, 32, 128]), r"'logits' is \[2, 2, 32, 128\], expected"),
    "logits of no shape": (put(*LOGITS, value=None), r"outputs\.logits' is None, expected a list"),
    "logits of bools": (put(*LOGITS, 0, value=True), r"outputs\.logits\[0\]' is True, expected a whole"),
    "no judgement": (lambda m: m.pop("judgement"), "'judgement' is missing"),
    "an unknown score": (put("judgement", "score", value="loudness"), "'judgement.score' is 'loudness', expected one"),
    "other classes": (put("graph", "classes", value=3), r"'graph\.classes' is 3, expected 2 as the label set has"),
    "no classes": (lambda m: m["graph"].pop("classes"), r"'graph\.classes' is missing"),
    "no height": (lambda m: m["input"].pop("height"), r"'input\.height' is missing"),
    "an impossible threshold": (put("thresholds", "anomaly_score", value=1.5), "anomaly_score' is 1.5, expected a num"),
    "no threshold": (put("thresholds", "anomaly_score", value=0), "anomaly_score' is 0, expected a number between"),
    "a threshold in words": (put("thresholds", "anomaly_score", value="0.9"), "anomaly_score' is '0.9', expected"),
    "a threshold that is true": (put("thresholds", "anomaly_score", value=True), "anomaly_score' is True, expected"),
    "falling quantiles": (lambda m: m["score"]["ranges"][0]["quantile_values"].reverse(), "strictly increasing"),
    "quantiles in words": (
        put(*NEAR, "quantile_values", 3, value="1"),
        r"'score\.ranges\[0\]\.quantile_values\[3\]' is '1', expected",
    ),
    "an endless quantile": (put(*NEAR, "quantile_values", 998, value=1e39), r"quantile_values\[998\]' is 1e\+39"),
    "one quantile": (put(*NEAR, "quantile_levels", value=[0.5]), "strictly increasing"),
    "no list of quantiles": (put(*NEAR, "quantile_levels", value=0.5), "levels' is 0.5, expected a list"),
    "no spread": (put(*NEAR, "std", value=0), "standard deviation at 20 m is 0, expected 1e-06 or"),
    "no range": (put("score", "ranges", value=[]), "'score.ranges' is empty or does not rise"),
    "a range twice": (lambda m: m["score"]["ranges"].append(m["score"]["ranges"][0]), "or does not rise, expected"),
    "a range in words": (put(*NEAR, value="near"), r"'score\.ranges\[0\]' is 'near', expected an object"),
    "a class twice": (put("label_set", "classes", 1, "raw_ids", value=[1]), "twice"),
    "one class": (lambda m: m["label_set"]["classes"].pop(), "1 classes"),
    "classes by name": (put("label_set", "classes", value={"low": 1}), r"classes' is \{'low': 1\}, expected a list"),
    "two colours": (put(*FIRST_CLASS, "color", value=[0, 255]), r"\[0\]\.color' is \[0, 255\], expected a list of 3"),
    "a colour too bright": (put(*FIRST_CLASS, "color", 1, value=256), r"color\[1\]' is 256, expected .* 0 to 255"),
    "a colour too dark": (put(*FIRST_CLASS, "color", 1, value=-1), r"color\[1\]' is -1, expected .* 0 to 255"),
    "a colour of a part": (put(*FIRST_CLASS, "color", 2, value=0.5), r"color\[2\]' is 0\.5, expected a whole"),
    "a colour by name": (put(*FIRST_CLASS, "color", value="red"), r"color' is 'red', expected a list of 3"),
    "raw ids in words": (put(*FIRST_CLASS, "raw_ids", value=["1"]), r"raw_ids\[0\]' is '1', expected a whole"),
    "a raw id beyond 16 bits": (put("label_set", "ood_raw_ids", value=[65536]), r"\[0\]' is 65536, expected .* 65535"),
    "no statistics of range": (lambda m: m["statistics"].pop("range"), r"'statistics\.range' is missing"),
    "no mean": (lambda m: m["statistics"]["intensity"].pop("mean"), r"'statistics\.intensity\.mean' is missing"),
    "statistics in a list": (put("statistics", "range", value=[1, 2]), r"'statistics\.range' is \[1, 2\], expected an"),
    "unknown statistics": (put("statistics", "range", "p99", value=None), r"range\.p99' is None, expected a finite"),
    "a negative spread": (put("statistics", "range", "std", value=-1), r"'statistics\.range' is .*expected std >= 0"),
    "falling percentiles": (put("statistics", "range", "p01", value=0.6), r"'statistics\.range' is .*p01 <= p50"),
    "a number of many digits": (put("statistics", "range", "p99", value=10**400), r"p99' is 10000.*expected a finite"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_an_impossible_manifest_is_refused(bundle: Path, case: str):
    change, complaint = CHANGES[case]
    edit(bundle, change)
    with pytest.raises(BundleError, match=rf"manifest\.json is .*{complaint}.*export the model again"):
        ModelBundle.load(bundle)


@pytest.mark.parametrize("shape", [[1, 2, 32, 128], [1, 2, 16, 64], [1, 2, 8, 32]])
def test_logits_of_the_inputs_size_or_a_half_or_a_quarter_of_it_are_taken(bundle: Path, shape: list[int]):
    edit(bundle, put(*LOGITS, value=shape))
    assert ModelBundle.load(bundle).manifest["graph"]["outputs"] == {"logits": shape}


def test_half_a_size_that_is_odd_is_rounded_down(tmp_path: Path):
    bundle = make_tiny_bundle(tmp_path / "odd", size=(33, 130))
    edit(bundle, put(*LOGITS, value=[1, 2, 16, 65]))
    assert ModelBundle.load(bundle).size == (33, 130)
    edit(bundle, put(*LOGITS, value=[1, 2, 17, 65]))
    with pytest.raises(BundleError, match=r"'logits' is \[1, 2, 17, 65\]"):
        ModelBundle.load(bundle)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_none_is_refused(bundle: Path, number: str):
    path = bundle / "manifest.json"
    path.write_text(path.read_text().replace('"p99": 0.99', f'"p99": {number}'))
    with pytest.raises(BundleError, match=r"manifest\.json is .*(is no number|is inf, expected a finite).*export"):
        ModelBundle.load(bundle)


def test_a_key_that_is_there_twice_is_refused(bundle: Path):
    path = bundle / "manifest.json"
    path.write_text(path.read_text().replace('"fp32":', '"fp32": {}, "fp32":'))
    with pytest.raises(BundleError, match=r"manifest\.json is not JSON \(key 'fp32' twice"):
        ModelBundle.load(bundle)


def test_a_link_out_of_the_folder_is_refused(bundle: Path, tmp_path: Path):
    (bundle / "tiny.onnx").rename(tmp_path / "elsewhere.onnx")
    (bundle / "tiny.onnx").symlink_to(tmp_path / "elsewhere.onnx")
    with pytest.raises(BundleError, match=r"tiny\.onnx is a link to .*copy the bundle as files"):
        ModelBundle.load(bundle)


def test_a_link_to_itself_is_named(bundle: Path):
    (bundle / "tiny.onnx").unlink()
    (bundle / "tiny.onnx").symlink_to("tiny.onnx")
    with pytest.raises(BundleError, match=r"tiny\.onnx cannot be read"):
        ModelBundle.load(bundle)


def test_an_installation_that_links_every_file_loads(bundle: Path, tmp_path: Path):
    installed = tmp_path / "share"
    installed.mkdir()
    for file in bundle.iterdir():
        (installed / file.name).symlink_to(file)
    assert ModelBundle.load(installed).digest == ModelBundle.load(bundle).digest


def test_a_precision_that_is_not_there_is_named(bundle: Path):
    with pytest.raises(BundleError, match=r"holds \['fp32'\], expected 'int8'; export it with int8"):
        ModelBundle.load(bundle).read("int8")


def test_a_graph_of_other_shapes_than_the_manifest_says_is_refused(tmp_path: Path):
    bundle, other = make_tiny_bundle(tmp_path / "a"), make_tiny_bundle(tmp_path / "b", size=(16, 64))
    fits = json.loads((bundle / "manifest.json").read_text())
    hashes = json.loads((other / "manifest.json").read_text())["files"]
    (other / "manifest.json").write_text(json.dumps({**fits, "files": hashes}))
    with pytest.raises(EngineError, match=r"\[1, 16, 64, 3\].*expected|expected.*\[1, 32, 128, 3\]"):
        open_engine(ModelBundle.load(other), "onnxruntime")


def replace_graph(bundle: Path, change: Callable[[onnx.ModelProto], object]) -> ModelBundle:
    model = onnx.load(bundle / "tiny.onnx")
    change(model)
    onnx.save(model, bundle / "tiny.onnx")
    digest = hashlib.sha256((bundle / "tiny.onnx").read_bytes()).hexdigest()
    edit(bundle, lambda m: m["files"]["fp32"].update(sha256=digest))
    return ModelBundle.load(bundle)


def test_a_graph_that_the_engine_cannot_load_is_named(bundle: Path):
    loaded = replace_graph(bundle, lambda model: setattr(model.graph.node[0], "op_type", "Divine"))
    with pytest.raises(EngineError, match=r"cannot load .*tiny\.onnx"):
        open_engine(loaded, "onnxruntime")


def test_a_graph_of_other_classes_than_the_manifest_says_is_refused(bundle: Path):
    loaded = replace_graph(bundle, lambda model: onnx.helper.set_model_props(model, {"classes": "3"}))
    with pytest.raises(EngineError, match=r"tiny\.onnx knows 3 classes, the manifest says 2; export it again"):
        open_engine(loaded, "onnxruntime")
    assert open_engine(replace_graph(bundle, lambda model: onnx.helper.set_model_props(model, {"classes": "2"})))


def test_an_engine_that_does_not_exist_is_refused(bundle: Path):
    with pytest.raises(EngineError, match="abacus"):
        open_engine(ModelBundle.load(bundle), "abacus")


def test_the_shipped_model_loads_and_judges():
    bundle = ModelBundle.load(default_model())
    engine = open_engine(bundle)
    logits = engine.infer(np.zeros((*bundle.size, 3), np.uint8), np.zeros((5, *bundle.size), np.float32))
    assert [1, *logits.shape] == bundle.manifest["graph"]["outputs"]["logits"]
    assert len(logits) == len(bundle.labels.classes)
    assert np.isfinite(logits).all()


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
