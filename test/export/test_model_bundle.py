"""The bundle that export writes: the runtime loads it, judges with it, and its scale means what it says."""

import json
from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from export.scale import known_scores, quantiles

from export.__main__ import main
from export.bundle import ExportOptions, export_bundle
from export.graph import Verdicts
from export.parity import compare
from fm_ood_ros.engines import open_engine
from fm_ood_ros.errors import InputError
from fm_ood_ros.metrics import SemanticMetrics
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.input_spec import InputSpec
from fm_ood_ros.model.score_scale import ScoreScale
from fm_ood_ros.rig import ALONE
from fm_ood_ros.segmenter import Segmenter
from training.data.readers.semantic_kitti import SemanticKitti
from training.evaluate.evaluation import evaluate


def judge(bundle, frames):
    segmenter = Segmenter(bundle, open_engine(bundle), ALONE)
    return [(frames[i], segmenter(frames[i])) for i in range(len(frames))]


def test_the_runtime_judges_as_training_evaluates(bundle, run, data):
    frames = SemanticKitti(data / "test", label_set=run.label_set)
    expected = evaluate(run.trained_network(), frames, run.label_set, run.input_spec, ["entropy"])
    metrics = SemanticMetrics(3)
    judged = 0
    for frame, prediction in judge(bundle, frames):
        target = run.label_set.train_ids(frame.labels)
        seen = prediction.class_id != 255
        judged += int(seen.sum())
        metrics.update(prediction.class_id[prediction.in_view], target[prediction.in_view])
    missed = expected["not_judged_share"] * expected["points_in_view"]
    assert judged == pytest.approx(expected["points_in_view"] - missed)
    assert metrics.result()["miou"] == pytest.approx(expected["miou"], abs=0.002)
    assert metrics.result()["miou"] > 0.6


def test_the_threshold_flags_its_share_of_known_points(bundle, val):
    scores = np.concatenate([p.anomaly_score[np.isfinite(p.anomaly_score)] for _, p in judge(bundle, val)])
    assert (scores >= bundle.threshold).mean() == pytest.approx(0.05, abs=0.005)
    assert np.median(scores) == pytest.approx(0.5, abs=0.01)


class PartlyIgnored(SemanticKitti):
    """Of every fourth point nobody knows what it is."""

    def __getitem__(self, index):
        frame = super().__getitem__(index)
        return replace(frame, labels=np.where(np.arange(len(frame.labels)) % 4, frame.labels, 0).astype(np.uint16))


def test_the_scale_is_of_judged_known_points_alone(bundle, run, data):
    frames = PartlyIgnored(data / "test", label_set=run.label_set)
    engine = open_engine(bundle)
    found = known_scores(bundle.input, engine, frames, run.label_set, len(frames))
    expected, unknown, ignored = [], 0, 0
    for frame, prediction in judge(bundle, frames):
        judged = prediction.class_id != 255
        expected.append(prediction.anomaly_score[judged & (frame.labels != 99) & (frame.labels != 0)])
        unknown += (judged & (frame.labels == 99)).sum()
        ignored += (judged & (frame.labels == 0)).sum()
    assert min(unknown, ignored) > 30
    np.testing.assert_array_equal(np.sort(bundle.score(found)), np.sort(np.concatenate(expected)))


def test_the_manifest_says_where_the_model_comes_from(bundle, run):
    manifest = bundle.manifest
    assert bundle.labels == run.label_set
    assert bundle.size == (48, 160)
    assert manifest["training"]["seed"] == 0
    assert manifest["training"]["revision"]
    assert manifest["training"]["config"]["synthesis"]["n"] == 4
    assert manifest["graph"]["opset"] == 20
    assert bundle.input == InputSpec((48, 160), bundle.input.elevation, "mount", (1, 100), (-5, 15), 2)
    assert bundle.input.elevation == pytest.approx(run.statistics.elevation)
    assert manifest["normalisation"]["lidar"]["mean"] == run.statistics.lidar_mean
    assert manifest["parity"]["class_agreement"] > 0.9999
    intensity = bundle.statistics["intensity"]
    assert intensity["p50"] < 1 < intensity["p99"] <= 2, "scaled: a bright return is 1"
    assert str(run.path) not in json.dumps(manifest)


def test_the_graph_says_how_many_classes_it_knows(bundle):
    model = onnx.load_from_string(bundle.read("fp32"))
    assert {entry.key: entry.value for entry in model.metadata_props} == {"classes": "3"}
    assert bundle.manifest["graph"]["classes"] == 3


def test_parity_notices_another_network(bundle, run, val):
    network = run.trained_network()
    engine = open_engine(bundle)
    same = compare(Verdicts(network, "entropy").eval(), engine, run.input_spec, val, 2)
    assert same.frames == 2
    assert same.check()["class_agreement"] > 0.9999
    with torch.no_grad():
        network.classifier[2].bias[0] += 0.5
    other = compare(Verdicts(network, "entropy").eval(), engine, run.input_spec, val, 2)
    with pytest.raises(InputError, match="the export is not the network"):
        other.check()


@pytest.mark.parametrize("field", ["class_agreement", "probability", "anomaly"])
def test_parity_checks_each_of_its_figures(bundle, run, val, field):
    verdicts = Verdicts(run.trained_network(), "entropy").eval()
    parity = compare(verdicts, open_engine(bundle), run.input_spec, val, 1)
    with pytest.raises(InputError, match=r"expected 99\.99%"):
        replace(parity, **{field: 0.99 if field == "class_agreement" else 0.5}).check()


def test_quantiles_of_tied_scores_still_rise():
    rng = np.random.default_rng(0)
    scores = np.where(rng.random(20000) < 0.3, 0, rng.random(20000)).astype(np.float32)
    data = quantiles("entropy", scores)
    scale = ScoreScale.from_dict(data)
    assert data["points"] == 20000
    assert scale(np.float32([0.0]))[0] < 0.01, "three in ten are as little strange, none less"
    assert scale(np.float32([0.5]))[0] == pytest.approx(0.3 + 0.7 * 0.5, abs=0.01)
    with pytest.raises(InputError, match="shows 10 known points in view"):
        quantiles("entropy", scores[:10])


def test_the_command_and_what_it_refuses(run, data, tmp_path, capsys):
    metrics = tmp_path / "metrics_test.json"
    metrics.write_text(json.dumps({"data": "test", "miou": 0.7, "run": {}, "config": {}}), encoding="utf-8")
    out = tmp_path / "models" / "tiny"
    arguments = ["bundle", "--run", str(run.path), "--val", str(data / "val"), "--out", str(out)]
    assert main([*arguments, "--score", "energy", "--metrics", str(metrics)]) == 0
    assert "100.0000% of cells of one class" in capsys.readouterr().out
    bundle = ModelBundle.load(out)
    assert bundle.manifest["metrics"] == {"test": {"miou": 0.7}}
    assert bundle.score.name == "energy"
    assert [p.name for p in out.parent.iterdir()] == ["tiny"]
    (tmp_path / "mine").mkdir()
    assert main([*arguments[:-1], str(tmp_path / "mine")]) == 1
    assert "exists and is no model bundle" in capsys.readouterr().err


def test_a_refused_export_leaves_the_old_bundle(bundle, run, val):
    before = bundle.digest
    with pytest.raises(InputError, match="threshold is 1, expected"):
        export_bundle(run, val, bundle.path, ExportOptions(threshold=1.0))
    with pytest.raises(InputError, match="cannot be read as JSON"):
        export_bundle(run, val, bundle.path, ExportOptions(metrics=(bundle.path / "none.json",)))
    assert ModelBundle.load(bundle.path).digest == before
