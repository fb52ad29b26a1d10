"""The bundle that export writes: the runtime loads it, judges with it, and its scale means what it says."""

import json
import shutil
from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch

from export.__main__ import main
from export.bundle import ExportOptions, export_bundle
from export.parity import compare
from fm_ood_ros.engines import open_engine
from fm_ood_ros.errors import InputError
from fm_ood_ros.judgement.scores import SCORES
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.input_spec import InputSpec
from fm_ood_ros.rig import ALONE
from fm_ood_ros.segmenter import Segmenter
from training.data.readers.semantic_kitti import SemanticKitti
from training.evaluate.evaluation import Evaluation, run_evaluation
from training.evaluate.model import Judged, NetworkEngine, fit_judged
from training.evaluate.subject import Subject


def judge(bundle, frames):
    segmenter = Segmenter(bundle, open_engine(bundle), ALONE)
    return [(frames[i], segmenter(frames[i])) for i in range(len(frames))]


@pytest.fixture(scope="module")
def kitti_frames(run, data):
    return SemanticKitti(data / "test", label_set=run.label_set)


def test_a_run_and_its_bundle_have_the_same_figures(run, judged, bundle, kitti_frames):
    of_run, of_bundle = (
        run_evaluation(subject, kitti_frames).result()
        for subject in (Subject.of_run(run, judged), Subject.of_bundle(bundle))
    )
    assert of_bundle["unknown"] > 0
    counted = ("frames", "sequences", "points_in_view", "not_judged_share", "known", "unknown", "score", "threshold")
    assert [of_bundle[key] for key in counted] == [of_run[key] for key in counted]
    for part in ("alone", "judged"):
        for key in ("miou", "accuracy", "ece"):
            assert of_bundle[part][key] == pytest.approx(of_run[part][key], abs=1e-3), (part, key)
        mine, theirs = (found[part]["scores"]["entropy"] for found in (of_bundle, of_run))
        assert mine == pytest.approx(theirs, abs=2e-3), part
    for key in ("false_alarms", "recall"):
        assert of_bundle["judged"][key] == pytest.approx(of_run["judged"][key], abs=2e-3)
    assert set(of_bundle["judged"]["scores"]) == {"entropy"}, "a bundle has the scale of its own score only"
    assert set(of_run["judged"]["scores"]) == set(SCORES)


def test_training_evaluates_point_for_point_what_the_vehicle_says(run, judged, bundle, kitti_frames):
    evaluation, vehicle = Evaluation(Subject.of_run(run, judged)), judge(bundle, kitti_frames)
    for frame, prediction in vehicle:
        mine = evaluation.add(frame)
        apart = mine.class_id != prediction.class_id
        assert apart.sum() <= 2, "where two classes are alike to the last digits"
        for name in ("probability", "anomaly_score"):
            ours, theirs = getattr(mine, name), getattr(prediction, name)
            np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
            np.testing.assert_allclose(ours, theirs, atol=1e-3, err_msg=name)
        np.testing.assert_array_equal(mine.in_view, prediction.in_view)
        assert (mine.unknown != prediction.unknown).sum() <= 2
    counted = Evaluation(Subject.of_bundle(bundle))
    for frame, prediction in vehicle:
        mine = counted.add(frame)
        for name in ("class_id", "probability", "anomaly_score", "unknown", "in_view"):
            np.testing.assert_array_equal(getattr(mine, name), getattr(prediction, name))


def test_the_threshold_flags_its_share_of_known_points(bundle, val):
    scores = np.concatenate([p.anomaly_score[np.isfinite(p.anomaly_score)] for _, p in judge(bundle, val)])
    assert (scores >= bundle.threshold).mean() == pytest.approx(0.05, abs=0.02)  # objects share their score
    assert np.median(scores) == pytest.approx(0.5, abs=0.03)


class PartlyIgnored(SemanticKitti):
    """Of every fourth point nobody knows what it is."""

    def __getitem__(self, index):
        frame = super().__getitem__(index)
        return replace(frame, labels=np.where(np.arange(len(frame.labels)) % 4, frame.labels, 0).astype(np.uint16))


def test_the_scale_is_of_judged_known_points_alone(bundle, run, judged, data):
    frames = PartlyIgnored(data / "test", label_set=run.label_set)
    found = fit_judged(run, frames, judged.spec)
    known, unknown, ignored = 0, 0, 0
    for frame, prediction in judge(bundle, frames):
        seen = prediction.class_id != 255
        known += (seen & (frame.labels != 99) & (frame.labels != 0)).sum()
        unknown += (seen & (frame.labels == 99)).sum()
        ignored += (seen & (frame.labels == 0)).sum()
    assert min(unknown, ignored) > 30
    assert sum(part.points for part in found.score.ranges) == known


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
    same = compare(NetworkEngine(network), engine, run.input_spec, val, 2)
    assert same.frames == 2
    assert same.check()["class_agreement"] > 0.9999
    with torch.no_grad():
        network.classifier[2].bias[0] += 0.5
    other = compare(NetworkEngine(network), engine, run.input_spec, val, 2)
    with pytest.raises(InputError, match="the export is not the network"):
        other.check()


@pytest.mark.parametrize("field", ["class_agreement", "probability", "logit"])
def test_parity_checks_each_of_its_figures(bundle, run, val, field):
    parity = compare(NetworkEngine(run.trained_network()), open_engine(bundle), run.input_spec, val, 1)
    with pytest.raises(InputError, match=r"expected 99\.99%"):
        replace(parity, **{field: 0.99 if field == "class_agreement" else 0.5}).check()


def test_the_command_and_what_it_refuses(run, judged, data, tmp_path, capsys):
    metrics = tmp_path / "metrics_test.json"
    metrics.write_text(json.dumps({"alone": {"miou": 0.7, "calibration": {}}, "training": {}}), encoding="utf-8")
    out = tmp_path / "models" / "tiny"
    arguments = ["bundle", "--run", str(run.path), "--val", str(data / "val"), "--out", str(out)]
    assert main([*arguments, "--metrics", str(metrics)]) == 0
    said = capsys.readouterr().out
    assert "100.0000% of cells of one class" in said
    assert "known points of 'val'" in said
    bundle = ModelBundle.load(out)
    assert bundle.manifest["metrics"] == {"test": {"alone": {"miou": 0.7}}}
    assert bundle.judgement == judged.spec
    assert bundle.score.to_dict() == judged.score.to_dict()
    assert (bundle.manifest["score"]["data"], bundle.manifest["score"]["chosen_on"]) == ("val", "dev")
    assert [p.name for p in out.parent.iterdir()] == ["tiny"]
    (tmp_path / "mine").mkdir()
    assert main([*arguments[:-1], str(tmp_path / "mine")]) == 1
    assert "exists and is no model bundle" in capsys.readouterr().err


def test_a_run_that_was_not_judged_is_not_exported(run, data, tmp_path, capsys):
    folder = shutil.copytree(run.path, tmp_path / "run")
    (folder / "judgement.json").unlink(missing_ok=True)
    arguments = ["bundle", "--run", str(folder), "--val", str(data / "val"), "--out", str(tmp_path / "tiny")]
    assert main(arguments) == 1
    assert "has no judgement.json, so its scores have no scale; python -m training judge" in capsys.readouterr().err


def test_a_refused_export_leaves_the_old_bundle(bundle, run, judged, val):
    before = bundle.digest
    with pytest.raises(InputError, match="threshold is 1, expected"):
        export_bundle(run, judged, val, bundle.path, ExportOptions(threshold=1.0))
    with pytest.raises(InputError, match="cannot be read as JSON"):
        export_bundle(run, judged, val, bundle.path, ExportOptions(metrics=(bundle.path / "none.json",)))
    assert ModelBundle.load(bundle.path).digest == before


def test_a_judgement_of_other_weights_is_refused(run, judged, tmp_path):
    folder = shutil.copytree(run.path, tmp_path / "run")
    judged.save(folder)
    assert Judged.load(folder).spec == judged.spec
    (folder / "weights.safetensors").write_bytes(b"others")
    with pytest.raises(InputError, match=r"fitted for other weights than those of .*; judge the run again"):
        Judged.load(folder)
