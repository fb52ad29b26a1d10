"""Per-point evaluation against a direct computation, point by point."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from sklearn.metrics import (
    average_precision_score,
    confusion_matrix,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from fm_ood_ros.metrics import AnomalyMetrics
from fm_ood_ros.metrics.score_counts import lowest_scores, ordered_bins
from fm_ood_ros.rig import ALONE, Rig
from training.data.frames import FrameFacts
from training.data.readers.semantic_kitti import SemanticKitti
from training.evaluate.evaluation import run_evaluation
from training.evaluate.pictures import roc_and_pr, write_pictures
from training.evaluate.scores import SCORES
from training.evaluate.table import best_score, table


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
def judged(run, data):
    """Logits, class ids and targets of every judged point in view; how many are not judged."""
    frames = SemanticKitti(data / "test", label_set=run.label_set)
    network, rows, targets, missed, ranges = run.trained_network(), [], [], [], []
    for i in range(len(frames)):
        frame = frames[i]
        (sight,) = Rig(run.input_spec, ALONE).see(frame)
        p = sight.projection
        with torch.no_grad():
            logits = network(torch.from_numpy(sight.image)[None], torch.from_numpy(sight.lidar)[None])[0]
        seen = p.source >= 0
        rows.append(logits.flatten(1).T[p.source[seen]])
        targets.append(run.label_set.train_ids(frame.labels)[seen])
        ranges.append(p.range[seen])
        missed.append(run.label_set.train_ids(frame.labels)[(p.cell >= 0) & ~seen])
    return torch.cat(rows), np.concatenate(targets), np.concatenate(missed), np.concatenate(ranges)


@pytest.fixture(scope="module")
def evaluation(run, data):
    frames = WithFacts(data / "test", label_set=run.label_set)
    return run_evaluation(run.trained_network(), frames, run.label_set, run.input_spec)


@pytest.fixture(scope="module")
def result(evaluation):
    return evaluation.result()


def test_it_has_learnt_the_street(result):
    assert result["miou"] > 0.7
    assert result["iou"]["road"] > 0.9


def test_semantic_metrics(judged, result):
    logits, target, missed, _ = judged
    known = target < 3
    counts = confusion_matrix(target[known], logits.argmax(1).numpy()[known], labels=range(3)).astype(float)
    truth = counts.sum(1) + np.bincount(missed[missed < 3], minlength=3)
    iou = np.diag(counts) / (truth + counts.sum(0) - np.diag(counts))
    np.testing.assert_allclose(list(result["iou"].values()), iou, rtol=1e-9)
    assert result["miou"] == pytest.approx(iou.mean())
    assert result["points_in_view"] == len(target) + len(missed)
    assert result["not_judged_share"] == pytest.approx(len(missed) / (len(target) + len(missed)))


def test_points_that_are_not_judged_stay_in_every_miou(run, data, result):
    frames = WithHidden(data / "test", label_set=run.label_set)
    hidden = run_evaluation(run.trained_network(), frames, run.label_set, run.input_spec)
    counts = hidden.result()
    missed = hidden.semantic.confusion[2, -1]
    added = counts["points_in_view"] - result["points_in_view"]
    assert missed > 0.9 * added > 90
    assert counts["not_judged_share"] >= missed / counts["points_in_view"]
    assert counts["iou"]["car"] < 0.6 * result["iou"]["car"]
    assert counts["miou"] < result["miou"] - 0.1
    by_weather = [hidden.groups.semantic["weather", name].confusion for name in ("fog", "rain")]
    np.testing.assert_array_equal(sum(by_weather), hidden.semantic.confusion)


@pytest.mark.parametrize("name", SCORES)
def test_anomaly_metrics(judged, result, name):
    logits, target, *_ = judged
    unknown = target == 254
    assert (result["known"], result["unknown"]) == ((~unknown).sum(), unknown.sum())
    score = SCORES[name](logits).numpy()
    mine = result["scores"][name]
    assert mine["auroc"] == pytest.approx(roc_auc_score(unknown, score), abs=mine["auroc_tolerance"] + 1e-6)
    assert mine["aupr"] == pytest.approx(average_precision_score(unknown, score), abs=0.01)
    threshold = np.sort(score[unknown])[::-1][[int(np.ceil(0.95 * unknown.sum())) - 1]]
    threshold = lowest_scores(ordered_bins(threshold))  # scores in its bin are as strange
    assert mine["fpr95"] == pytest.approx((score[~unknown] >= threshold).mean(), abs=1e-9)


def test_the_table_says_it_all(result):
    text = table(result)
    assert f"{result['unknown']} unknown" in text
    assert all(name in text for name in (*SCORES, "road", "FPR@95"))
    best = best_score(result)
    assert f"best score here: {best}" in text
    assert all(word in text for word in ("boat", "fog", "10-20 m", "ECE"))


def test_the_best_score_has_the_lowest_fpr(result):
    best = best_score(result)
    assert result["scores"][best]["fpr95"] == min(s["fpr95"] for s in result["scores"].values())
    tied = {"scores": {"a": {"fpr95": 0.1, "auroc": 0.8}, "b": {"fpr95": 0.1, "auroc": 0.9}}}
    assert best_score(tied) == "b"
    assert best_score({"scores": {}}) is None


def test_calibration_of_the_softmax(judged, result):
    logits, target, *_ = judged
    known = target < 3
    p, said = logits.softmax(1).max(1)
    p, right = p.numpy()[known], (said.numpy() == target)[known]
    bins = np.clip(np.ceil(p * 15).astype(int) - 1, 0, 14)
    ece = sum((bins == b).mean() * abs(right[bins == b].mean() - p[bins == b].mean()) for b in np.unique(bins))
    assert result["calibration"]["ece"] == pytest.approx(ece, abs=1e-4)


def test_groups_against_a_direct_computation(judged, result):
    logits, target, _, distance = judged
    score, unknown = -logits.amax(1).numpy(), target == 254
    at = result["thresholds"]["max_logit"]
    flagged = score >= np.float32(at["threshold"])
    assert at["false_alarms"] == pytest.approx(flagged[~unknown].mean())
    assert 0.04 < at["false_alarms"] <= 0.05
    assert 0 < at["held_out_false_alarms"] < 0.5
    near = (distance >= 10) & (distance < 20)
    found = result["groups"]["max_logit"]["range"]["10-20 m"]
    assert (found["known"], found["unknown"]) == ((near & ~unknown).sum(), (near & unknown).sum())
    assert found["recall"] == pytest.approx(flagged[near & unknown].mean())
    assert found["auroc"] == pytest.approx(roc_auc_score(unknown[near], score[near]), abs=2e-3)


def test_kinds_and_conditions_share_out_the_unknown_points(result):
    groups = result["groups"]["entropy"]
    assert set(groups["kind"]) == {"boat", "cat"}
    assert groups["kind"]["boat"]["unknown"] == groups["tier"]["near"]["unknown"] > 0
    for grouping in ("kind", "tier", "weather", "range"):
        assert sum(g["unknown"] for g in groups[grouping].values()) == result["unknown"], grouping
    recall = sum(g["recall"] * g["unknown"] for g in groups["kind"].values()) / result["unknown"]
    assert recall == pytest.approx(result["thresholds"]["entropy"]["recall"])
    assert set(result["miou_by"]) == {"range", "weather"}


def test_pictures(evaluation, tmp_path):
    names = {p.stem for p in write_pictures(evaluation, tmp_path / "pictures")}
    assert names == {"roc", "pr", "reliability", *(f"histogram_{name}" for name in SCORES)}
    image = cv2.imread(str(tmp_path / "pictures" / "roc.png"))
    assert len(np.unique(image.reshape(-1, 3), axis=0)) > 20, "five curves are drawn"


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


def test_data_without_unknown_points(run, data):
    frames = SemanticKitti(data / "train", ["00"], run.label_set)
    result = run_evaluation(run.trained_network(), frames, run.label_set, run.input_spec, at_most=2).result()
    assert result["scores"] == result["groups"] == result["thresholds"] == {}
    assert "no unknown points" in table(result)
