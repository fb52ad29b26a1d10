"""Metrics by range against scikit-learn on each bin's own points."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from fm_ood_ros.errors import InputError
from fm_ood_ros.metrics import RangeMetrics

EDGES = [0, 10, 15, 20, 25, 30, 40, 50, np.inf]
NAMES = ["0-10 m", "10-15 m", "15-20 m", "20-25 m", "25-30 m", "30-40 m", "40-50 m", "over 50 m"]


def points(seed, many=20_000):
    rng = np.random.default_rng(seed)
    distance = rng.choice(np.r_[EDGES[:-1], rng.uniform(0, 70, 30)], many)  # edges are common
    is_ood = (rng.random(many) < 0.2) & (distance < 40)  # no unknown point from 40 m on
    scores = np.round(rng.normal(size=many) + is_ood - distance / 40, 1) / 2  # ties
    return scores.astype(np.float32), is_ood, distance.astype(np.float32)


def measured(scores, is_ood, distance, pieces=1):
    metrics = RangeMetrics()
    for some in np.array_split(np.arange(len(scores)), pieces):
        metrics.update(scores[some], is_ood[some], distance[some])
    return metrics.result(threshold=0.25)


def reference(scores, is_ood):
    fpr, tpr, _ = roc_curve(is_ood, scores, drop_intermediate=False)
    return {
        "auroc": roc_auc_score(is_ood, scores),
        "aupr": average_precision_score(is_ood, scores),
        "fpr95": fpr[np.flatnonzero(tpr >= 0.95)[0]],
        "recall_at_1": tpr[fpr <= 0.01 + 1e-12].max(),
        "recall_at_5": tpr[fpr <= 0.05 + 1e-12].max(),
    }


@pytest.mark.parametrize("pieces", [1, 13])
def test_every_bin_is_measured_on_its_own_points(pieces):
    scores, is_ood, distance = points(0)
    result = measured(scores, is_ood, distance, pieces)
    assert list(result["bins"]) == NAMES
    both = []
    for name, low, high in zip(NAMES, EDGES[:-1], EDGES[1:], strict=True):
        here, found = (distance >= low) & (distance < high), result["bins"][name]
        known = here & ~is_ood
        assert (found["known"], found["unknown"]) == (known.sum(), (here & is_ood).sum())
        assert found["false_alarms"] == (scores[known] >= 0.25).mean()
        if is_ood[here].any():
            both.append(reference(scores[here], is_ood[here]))
            assert found["recall"] == (scores[here & is_ood] >= 0.25).mean()
            for key, value in both[-1].items():
                assert found[key] == pytest.approx(value, abs=1e-9), (name, key)
        else:
            assert np.isnan([found[key] for key in ("auroc", "fpr95", "recall_at_1", "recall")]).all()
    assert result["balanced"]["bins"] == len(both) == 6
    for key in both[0]:
        assert result["balanced"][key] == pytest.approx(np.mean([b[key] for b in both]), abs=1e-9), key


def test_within_30_metres_pools_the_points_of_its_bins():
    scores, is_ood, distance = points(1)
    near = distance < 30
    result = measured(scores, is_ood, distance, pieces=3)["within_30"]
    assert (result["known"], result["unknown"]) == ((near & ~is_ood).sum(), (near & is_ood).sum())
    for key, value in reference(scores[near], is_ood[near]).items():
        assert result[key] == pytest.approx(value, abs=1e-9), key


def test_without_points_or_with_one_kind_nothing_is_balanced():
    for result in (RangeMetrics().result(0.5), measured(np.ones(3, np.float32), np.ones(3, bool), np.ones(3))):
        assert result["balanced"].pop("bins") == 0
        assert np.isnan(list(result["balanced"].values())).all()


@pytest.mark.parametrize("metres", [np.nan, -1.0])
def test_a_distance_that_is_none_is_refused(metres):
    with pytest.raises(InputError, match="metres from 0 on"):
        RangeMetrics().update(np.zeros(1, np.float32), np.ones(1, bool), np.array([metres]))
    with pytest.raises(InputError, match="same points"):
        RangeMetrics().update(np.zeros(1, np.float32), np.ones(1, bool), np.zeros(2))
