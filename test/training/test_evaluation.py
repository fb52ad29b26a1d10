"""Evaluation of points alone and judged, against a direct computation, point by point."""

from dataclasses import replace
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from scipy.special import softmax
from sklearn.metrics import (
    average_precision_score,
    confusion_matrix,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from fm_ood_ros.errors import InputError
from fm_ood_ros.judgement.scores import SCORES
from fm_ood_ros.metrics import AnomalyMetrics
from fm_ood_ros.metrics.score_counts import lowest_scores, ordered_bins
from fm_ood_ros.prediction import NOT_JUDGED
from fm_ood_ros.rig import ALONE, Rig
from fm_ood_ros.segmenter import Segmenter
from training.data.frames import FrameFacts
from training.data.readers.semantic_kitti import SemanticKitti
from training.evaluate import choice
from training.evaluate.choice import best_score, choose_score
from training.evaluate.evaluation import run_evaluation
from training.evaluate.pictures import roc_and_pr, write_pictures
from training.evaluate.report import record
from training.evaluate.subject import Subject
from training.evaluate.table import table
from training.runs.run import finite


class WithFacts(SemanticKitti):
    """Unknown points are instance 1 (a near boat) or 2 (a far cat) by their side; frames are fog or rain in turn."""

    def facts(self, index):
        frame = self[index]
        instance = np.where(frame.labels == 99, 1 + (frame.points[:, 1] > 3), 0).astype(np.uint16)
        objects = {1: {"kind": "boat", "tier": "near"}, 2: {"kind": "cat", "tier": "far"}, 3: {"kind": "absent"}}
        return FrameFacts({"weather": ("fog", "rain")[index % 2]}, instance, objects)


class WithHidden(WithFacts):
    """Every near car has a second one far behind it on the same rays of the camera, which nobody can judge."""

    def __getitem__(self, index):
        frame = super().__getitem__(index)
        hidden = np.flatnonzero(frame.labels == 10)
        camera = np.linalg.inv(frame.views[0].calibration.T_camera_lidar)[:3, 3]
        behind = frame.points[hidden]
        behind[:, :3] = camera + 5 * (behind[:, :3] - camera)
        labels = np.concatenate([frame.labels, frame.labels[hidden]])
        return replace(frame, points=np.concatenate([frame.points, behind]).astype(np.float32), labels=labels)

    def facts(self, index):
        return FrameFacts({"weather": ("fog", "rain")[index % 2]})


@pytest.fixture(scope="module")
def frames(run, data):
    return WithFacts(data / "test", label_set=run.label_set)


@pytest.fixture(scope="module")
def alone(run, frames):
    """Logits, targets and ranges of every judged point in view by the whole map, and targets of those not judged."""
    network, rows, targets, missed, ranges = run.trained_network(), [], [], [], []
    for i in range(len(frames)):
        frame = frames[i]
        (sight,) = Rig(run.input_spec, ALONE).see(frame)
        p = sight.projection
        with torch.no_grad():
            logits = network(torch.from_numpy(sight.image)[None], torch.from_numpy(sight.lidar)[None])[0]
        seen = p.source >= 0
        rows.append(logits.flatten(1).numpy()[:, p.source[seen]])
        targets.append(run.label_set.train_ids(frame.labels)[seen])
        ranges.append(p.range[seen])
        missed.append(run.label_set.train_ids(frame.labels)[(p.cell >= 0) & ~seen])
    return np.concatenate(rows, 1), np.concatenate(targets), np.concatenate(missed), np.concatenate(ranges)


@pytest.fixture(scope="module")
def verdicts(run, judged_run, frames):
    """What a vehicle's segmenter says of all points in view: predictions, targets, ranges."""
    subject = Subject.of_run(run, judged_run)
    segmenter = Segmenter(subject.model, subject.engine, ALONE)
    predictions = [segmenter(frames[i]) for i in range(len(frames))]
    inside = [p.in_view for p in predictions]
    ranges = [p.views[0].sight.projection.range for p in predictions]
    targets = [run.label_set.train_ids(frames[i].labels) for i in range(len(frames))]
    arrays = [[p.class_id for p in predictions], [p.anomaly_score for p in predictions], targets, ranges]
    return [np.concatenate([a[i] for a, i in zip(part, inside, strict=True)]) for part in arrays]


@pytest.fixture(scope="module")
def evaluation(run, judged_run, frames):
    return run_evaluation(Subject.of_run(run, judged_run), frames)


@pytest.fixture(scope="module")
def result(evaluation):
    return evaluation.result()


def test_it_has_learnt_the_street(result):
    for part in ("alone", "judged"):
        assert result[part]["miou"] > 0.7
        assert result[part]["iou"]["road"] > 0.9


def iou_of(predicted, target):
    """Of known points; what is not judged has the class 3."""
    known = target < 3
    counts = confusion_matrix(target[known], predicted[known], labels=range(4)).astype(float)[:3]
    return np.diag(counts) / (counts.sum(1) + counts[:, :3].sum(0) - np.diag(counts))


def test_classes_of_points_alone(alone, result):
    logits, target, missed, _ = alone
    predicted = np.r_[logits.argmax(0), np.full(len(missed), 3)]
    iou = iou_of(predicted, np.r_[target, missed])
    np.testing.assert_allclose(list(result["alone"]["iou"].values()), iou, rtol=1e-3)
    assert result["alone"]["miou"] == pytest.approx(iou.mean(), rel=1e-3)
    assert result["points_in_view"] == len(target) + len(missed)
    assert result["not_judged_share"] == pytest.approx(len(missed) / (len(target) + len(missed)))


def test_classes_of_judged_points_are_the_vehicles(verdicts, result):
    class_id, _, target, _ = verdicts
    iou = iou_of(np.where(class_id == NOT_JUDGED, 3, class_id), target)
    np.testing.assert_allclose(list(result["judged"]["iou"].values()), iou, rtol=1e-9)
    assert not np.allclose(iou, list(result["alone"]["iou"].values())), "neighbours matter here"


def test_points_that_are_not_judged_stay_in_every_miou(run, judged_run, data, result):
    frames = WithHidden(data / "test", label_set=run.label_set)
    hidden = run_evaluation(Subject.of_run(run, judged_run), frames)
    counts = hidden.result()
    missed = hidden.judged.semantic.confusion[2, -1]
    added = counts["points_in_view"] - result["points_in_view"]
    assert missed > 0.9 * added > 90
    assert counts["not_judged_share"] >= missed / counts["points_in_view"]
    for part in ("alone", "judged"):
        assert counts[part]["iou"]["car"] < 0.6 * result[part]["iou"]["car"]
        assert counts[part]["miou"] < result[part]["miou"] - 0.1
    by_weather = [hidden.alarms.groups.semantic["weather", name].confusion for name in ("fog", "rain")]
    np.testing.assert_array_equal(sum(by_weather), hidden.judged.semantic.confusion)


@pytest.mark.parametrize("name", SCORES)
def test_scores_of_points_alone(alone, result, name):
    logits, target, *_ = alone
    unknown = target == 254
    assert (result["known"], result["unknown"]) == ((~unknown).sum(), unknown.sum())
    agree(result["alone"]["scores"][name], SCORES[name](logits), unknown, 2e-3)


def agree(mine, score, unknown, tolerance):
    assert mine["auroc"] == pytest.approx(roc_auc_score(unknown, score), abs=mine["auroc_tolerance"] + 1e-6 + tolerance)
    assert mine["aupr"] == pytest.approx(average_precision_score(unknown, score), abs=0.01)
    threshold = np.sort(score[unknown])[::-1][[int(np.ceil(0.95 * unknown.sum())) - 1]]
    threshold = lowest_scores(ordered_bins(threshold))  # scores in its bin are as strange
    assert mine["fpr95"] == pytest.approx((score[~unknown] >= threshold).mean(), abs=tolerance + 1e-3)


def test_the_judged_score_is_the_vehicles_anomaly_score(verdicts, result):
    class_id, score, target, _ = verdicts
    judged = class_id != NOT_JUDGED
    assert result["score"] == "max_logit"
    agree(result["judged"]["scores"]["max_logit"], score[judged], target[judged] == 254, 0)


@pytest.mark.parametrize("name", [name for name in SCORES if name != "max_logit"])
def test_every_other_score_is_judged_by_the_same_steps(run, judged_run, frames, result, name):
    """As a run whose judgement has that score says it."""
    other = replace(judged_run, spec=replace(judged_run.spec, score=name))
    alike = run_evaluation(Subject.of_run(run, other), frames).result()
    assert alike["score"] == name
    for score, expected in result["judged"]["scores"].items():
        assert alike["judged"]["scores"][score] == pytest.approx(expected), score


def test_the_threshold_is_the_models_and_no_oracle(verdicts, result):
    """A direct count at .95, by range too; the set that is judged has no say in it."""
    class_id, score, target, distance = verdicts
    judged, unknown = class_id != NOT_JUDGED, target == 254
    flagged = score >= 0.95
    part = result["judged"]
    assert part["threshold"] == result["threshold"] == 0.95
    assert part["false_alarms"] == pytest.approx(flagged[judged & ~unknown].mean(), abs=1e-3)
    assert part["recall"] == pytest.approx(flagged[judged & unknown].mean(), abs=1e-3)
    near = judged & (distance >= 10) & (distance < 15)
    found = part["ranges"]["bins"]["10-15 m"]
    assert (found["known"], found["unknown"]) == ((near & ~unknown).sum(), (near & unknown).sum())
    assert found["false_alarms"] == pytest.approx(flagged[near & ~unknown].mean(), abs=1e-3)
    assert found["recall"] == pytest.approx(flagged[near & unknown].mean(), abs=1e-3)
    within = judged & (distance < 30)
    expected = roc_auc_score(unknown[within], score[within])
    assert part["ranges"]["within_30"]["auroc"] == pytest.approx(expected, abs=2e-3)


def test_kinds_and_conditions_share_out_the_unknown_points(result):
    judged = result["judged"]
    groups = judged["groups"]
    assert set(groups["kind"]) == {"boat", "cat"}
    assert groups["kind"]["boat"]["unknown"] == groups["tier"]["near"]["unknown"] > 0
    for grouping in ("kind", "tier", "weather"):
        assert sum(g["unknown"] for g in groups[grouping].values()) == result["unknown"], grouping
    assert sum(b["unknown"] for b in judged["ranges"]["bins"].values()) == result["unknown"]
    recall = sum(g["recall"] * g["unknown"] for g in groups["kind"].values()) / result["unknown"]
    assert recall == pytest.approx(judged["recall"])
    assert set(judged["miou_by"]) == {"range", "weather"}


def test_objects_are_counted_in_every_frame(result):
    objects = result["judged"]["objects"]
    assert objects["frames"] == 4
    assert objects["minutes"] == pytest.approx(4 / 600)
    assert objects["objects"] >= 4, "one box a frame, cut in two by WithFacts where it lies on the border"
    assert set(objects["by"]["kind"]) == {"boat", "cat"}


def test_calibration_of_the_probability(alone, result):
    logits, target, *_ = alone
    known = target < 3
    p = softmax(logits, 0)[:, known]
    p, right = p.max(0), p.argmax(0) == target[known]
    bins = np.clip(np.ceil(p * 15).astype(int) - 1, 0, 14)
    ece = sum((bins == b).mean() * abs(right[bins == b].mean() - p[bins == b].mean()) for b in np.unique(bins))
    assert result["alone"]["ece"] == pytest.approx(ece, abs=1e-3)


def test_the_table_says_it_all(evaluation, frames):
    facts = record(evaluation, frames)
    text = table(facts)
    assert f"{facts['unknown']} unknown" in text
    assert all(name in text for name in (*SCORES, "road", "FPR@95", "alone", "judged", "at 5 %"))
    assert all(word in text for word in ("boat", "fog", "10-15 m", "within 30 m", "ECE", "false ones a minute"))
    assert "on test, sequences 00, by torch" in text
    assert "chosen on no development set" in text


def test_a_run_without_a_judgement_is_judged_alone_and_says_so(run, frames, result):
    found = run_evaluation(Subject.of_run(run, None), frames)
    facts = record(found, frames)
    assert facts["judged"] is None
    assert finite(facts["alone"]) == finite(result["alone"])
    text = table(facts)
    assert "no judgement yet" in text
    assert "python -m training judge --run RUN --val DIR" in text


def test_the_best_score_has_the_lowest_fpr_of_equal_ones_the_highest_auroc():
    assert best_score({"a": {"fpr95": 0.1, "auroc": 0.8}, "b": {"fpr95": 0.2, "auroc": 0.9}}) == "a"
    assert best_score({"a": {"fpr95": 0.1, "auroc": 0.8}, "b": {"fpr95": 0.1, "auroc": 0.9}}) == "b"
    assert best_score({}) is None


def test_the_score_is_chosen_among_judged_points(run, judged_run, frames, result):
    scores = result["judged"]["scores"]
    chosen, found = choose_score(run, judged_run, frames)
    assert chosen.spec.score == min(scores, key=lambda name: (scores[name]["fpr95"], -scores[name]["auroc"]))
    assert chosen.chosen == "test"
    assert found.result()["score"] == chosen.spec.score
    assert chosen.scales is judged_run.scales


def test_points_alone_have_no_say_in_the_choice(run, judged_run, frames, monkeypatch):
    def part(**fpr95):
        scores = {name: {"fpr95": value, "auroc": 0.5} for name, value in fpr95.items()}
        return SimpleNamespace(result=lambda: {"scores": scores})

    found = SimpleNamespace(alone=part(gen=0.1, energy=0.2), judged=part(gen=0.4, energy=0.3))
    monkeypatch.setattr(choice, "run_evaluation", lambda *_: found)
    assert choose_score(run, judged_run, frames)[0].spec.score == "energy"


def test_no_score_is_chosen_without_unknown_points(run, judged_run, data):
    frames = SemanticKitti(data / "val", label_set=run.label_set)
    with pytest.raises(InputError, match="no unknown points, so no score can be chosen"):
        choose_score(run, judged_run, frames)


def test_intervals_over_scenes_hold_the_value(run, judged_run, data):
    class Scenes(SemanticKitti):
        def name(self, index):
            return f"scene{index}/0"

    result = run_evaluation(Subject.of_run(run, judged_run), Scenes(data / "test", label_set=run.label_set)).result()
    assert result["sequences"] == [f"scene{i}" for i in range(4)]
    found = result["judged"]["intervals"]
    assert set(found) == {"miou", "fpr95", "auroc", "aupr", "recall_at_5"}
    assert found["miou"]["low"] < found["miou"]["value"] < found["miou"]["high"]
    assert found["auroc"]["value"] == pytest.approx(result["judged"]["scores"]["max_logit"]["auroc"], abs=5e-3)
    assert set(result["alone"]["intervals"]) == {"miou"}


def test_pictures(evaluation, run, frames, tmp_path):
    names = {p.stem for p in write_pictures(evaluation, tmp_path / "pictures")}
    histograms = {"histogram_max_logit_alone", "histogram_max_logit_judged"}
    assert names == {"roc", "pr", "reliability", *histograms}
    image = cv2.imread(str(tmp_path / "pictures" / "roc.png"))
    assert len(np.unique(image.reshape(-1, 3), axis=0)) > 20, "curves are drawn"
    unjudged = run_evaluation(Subject.of_run(run, None), frames)
    names = {p.stem for p in write_pictures(unjudged, tmp_path / "alone")}
    assert names == {"roc", "pr", "reliability", *(f"histogram_{name}" for name in SCORES)}


def points_of(x, y):
    return set(zip(x.round(9).tolist(), y.round(9).tolist(), strict=True))


def test_curves_are_scikit_learns():
    rng = np.random.default_rng(5)
    scores, unknown = np.round(rng.normal(size=5000), 1).astype(np.float32), rng.random(5000) < 0.2
    metrics = AnomalyMetrics()
    metrics.update(scores, unknown)
    (fpr, tpr), (recall, precision) = roc_and_pr(metrics)
    x, y, _ = roc_curve(unknown, scores, drop_intermediate=False)
    assert len(fpr) > 0.8 * len(x)
    assert points_of(fpr, tpr) <= points_of(x, y)
    p, r, _ = precision_recall_curve(unknown, scores)
    assert len(recall) > 0.8 * len(r)
    assert points_of(recall, precision) <= points_of(r, p)


def test_data_without_unknown_points(run, judged_run, data):
    frames = SemanticKitti(data / "train", ["00"], run.label_set)
    found = run_evaluation(Subject.of_run(run, judged_run), frames, at_most=2)
    result = found.result()
    assert result["alone"]["scores"] == result["judged"]["scores"] == {}
    assert "no unknown points" in table(record(found, frames))
