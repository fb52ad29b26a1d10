"""Per-point evaluation against a direct computation, point by point."""

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score

from fm_ood_ros.view import CameraView
from training.data.semantic_kitti import SemanticKitti
from training.evaluation import evaluate, table
from training.scores import SCORES


@pytest.fixture(scope="module")
def judged(run, data):
    """Logits, class ids and targets of every judged point in view; how many are not judged."""
    frames = SemanticKitti(data / "test", label_set=run.label_set)
    network, rows, targets, missed = run.trained_network(), [], [], []
    for i in range(len(frames)):
        frame = frames[i]
        view = CameraView(frame.calibration, network.size, frames.elevation(i))
        p = view.project(frame.points)
        image = torch.from_numpy(view.camera_image(frame.image).copy())[None]
        with torch.no_grad():
            logits = network(image, torch.from_numpy(view.lidar_image(frame.points, p))[None])[0]
        seen = p.source >= 0
        rows.append(logits.flatten(1).T[p.source[seen]])
        targets.append(run.label_set.train_ids(frame.labels)[seen])
        missed.append(run.label_set.train_ids(frame.labels)[(p.cell >= 0) & ~seen])
    return torch.cat(rows), np.concatenate(targets), np.concatenate(missed)


@pytest.fixture(scope="module")
def result(run, data):
    return evaluate(run.trained_network(), SemanticKitti(data / "test", label_set=run.label_set), run.label_set)


def test_it_has_learnt_the_street(result):
    assert result["miou"] > 0.7
    assert result["iou"]["road"] > 0.9


def test_semantic_metrics(judged, result):
    logits, target, missed = judged
    known = target < 3
    counts = confusion_matrix(target[known], logits.argmax(1).numpy()[known], labels=range(3)).astype(float)
    truth = counts.sum(1) + np.bincount(missed[missed < 3], minlength=3)
    iou = np.diag(counts) / (truth + counts.sum(0) - np.diag(counts))
    np.testing.assert_allclose(list(result["iou"].values()), iou, rtol=1e-9)
    assert result["miou"] == pytest.approx(iou.mean())
    assert result["points_in_view"] == len(target) + len(missed)
    assert result["not_judged_share"] == pytest.approx(len(missed) / (len(target) + len(missed)))


@pytest.mark.parametrize("name", SCORES)
def test_anomaly_metrics(judged, result, name):
    logits, target, _ = judged
    unknown = target == 254
    assert (result["known"], result["unknown"]) == ((~unknown).sum(), unknown.sum())
    score = SCORES[name](logits).numpy()
    mine = result["scores"][name]
    assert mine["auroc"] == pytest.approx(roc_auc_score(unknown, score), abs=mine["auroc_tolerance"] + 1e-6)
    assert mine["aupr"] == pytest.approx(average_precision_score(unknown, score), abs=0.01)
    threshold = np.sort(score[unknown])[::-1][int(np.ceil(0.95 * unknown.sum())) - 1]
    assert mine["fpr95"] == pytest.approx((score[~unknown] >= threshold).mean(), abs=0.01)


def test_the_table_says_it_all(result):
    text = table(result)
    assert f"{result['unknown']} unknown" in text
    assert all(name in text for name in (*SCORES, "road", "FPR@95"))
