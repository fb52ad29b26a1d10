"""Streaming metrics against scikit-learn: random, tied, one-class, in one piece and in many."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, jaccard_score, roc_auc_score, roc_curve

from fm_ood_ros.errors import InputError
from fm_ood_ros.metrics import AnomalyMetrics, ConfidenceMetrics, SemanticMetrics
from fm_ood_ros.metrics.anomaly import spread_near_one
from fm_ood_ros.metrics.score_counts import ScoreCounts, lowest_scores, ordered_bins


def measure(scores, is_ood, pieces=1):
    metrics = AnomalyMetrics()
    for s, y in zip(np.array_split(scores, pieces), np.array_split(is_ood, pieces), strict=True):
        metrics.update(s.astype(np.float32), y)
    return metrics.result()


def reference(scores, is_ood):
    fpr, tpr, _ = roc_curve(is_ood, scores, drop_intermediate=False)
    return {
        "auroc": roc_auc_score(is_ood, scores),
        "aupr": average_precision_score(is_ood, scores),
        "fpr95": fpr[np.flatnonzero(tpr >= 0.95)[0]],
        "recall_at_1": tpr[fpr <= 0.01 + 1e-12].max(),
        "recall_at_5": tpr[fpr <= 0.05 + 1e-12].max(),
    }


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("shift", [-20.0, 0.0])
def test_agrees_with_scikit_learn(scale, shift):
    rng = np.random.default_rng(0)
    is_ood = rng.random(50_000) < 0.03
    scores = (rng.normal(size=50_000) + 1.5 * is_ood + shift) * scale
    result, expected = measure(scores, is_ood, pieces=7), reference(scores, is_ood)
    assert abs(result["auroc"] - expected["auroc"]) <= result["auroc_tolerance"] + 1e-9
    assert result["auroc_tolerance"] < 2e-3
    assert result["aupr"] == pytest.approx(expected["aupr"], abs=2e-3)
    for name in ("fpr95", "recall_at_1", "recall_at_5"):
        assert result[name] == pytest.approx(expected[name], abs=2e-3), name


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=2, max_size=60))
def test_ties_are_exact(rows):
    scores, is_ood = np.array([r[0] for r in rows], float), np.array([r[1] for r in rows])
    result = measure(scores, is_ood)
    if is_ood.all() or not is_ood.any():
        assert np.isnan([result[k] for k in ("auroc", "aupr", "fpr95", "recall_at_1", "recall_at_5")]).all()
        return
    for name, value in reference(scores, is_ood).items():
        assert result[name] == pytest.approx(value, abs=1e-12), name


@pytest.mark.parametrize(("tied", "recall"), [(1, 1.0), (2, 0.5)])
def test_recall_stops_at_the_last_score_that_flags_few_enough(tied, recall):
    strange = np.array([9.0, 8.0, 7.0, 1.0])
    known = np.r_[np.full(tied, 7.5), np.zeros(100 - tied)]
    result = measure(np.r_[strange, known], np.r_[np.ones(4), np.zeros(100)] > 0)
    assert result["recall_at_1"] == recall, "one known point of a hundred may be flagged, none is split"
    assert result["recall_at_5"] == 1.0


def test_without_points_nothing_is_claimed():
    result = AnomalyMetrics().result()
    assert (result.pop("known"), result.pop("unknown")) == (0, 0)
    assert len(result) == 6 and np.isnan(list(result.values())).all()


def test_recall_is_zero_where_the_strangest_are_known():
    result = measure(np.array([2.0, 2.0, 1.0, 0.0]), np.array([False, True, True, False]))
    assert (result["recall_at_1"], result["recall_at_5"]) == (0.0, 0.0)


def test_zero_has_one_sign():
    assert measure(np.array([-0.0, 0.0]), np.array([True, False]))["auroc"] == 0.5


def test_scores_near_one_keep_their_order():
    tail = (1 - np.logspace(-1, -6, 200)).astype(np.float32)
    is_ood = np.arange(200) >= 100
    assert measure(tail, is_ood)["auroc_tolerance"] > measure(spread_near_one(tail), is_ood)["auroc_tolerance"]
    assert measure(spread_near_one(tail), is_ood)["auroc"] == pytest.approx(1.0, abs=1e-4)


def test_nan_and_unequal_lengths_are_refused():
    with pytest.raises(InputError, match="not judged"):
        AnomalyMetrics().update(np.array([np.nan], np.float32), np.array([True]))
    with pytest.raises(InputError, match="same points"):
        AnomalyMetrics().update(np.zeros(2, np.float32), np.array([True]))


def test_iou_agrees_with_scikit_learn():
    rng = np.random.default_rng(1)
    target, predicted = rng.integers(0, 5, (2, 4000)).astype(np.uint8)
    metrics = SemanticMetrics(5)
    for t, p in zip(np.array_split(target, 3), np.array_split(predicted, 3), strict=True):
        metrics.update(p, t)
    np.testing.assert_allclose(metrics.result()["iou"], jaccard_score(target, predicted, average=None))


def test_class_zero_is_a_class_and_others_stay_out():
    metrics = SemanticMetrics(2)
    metrics.update(np.array([0, 0, 1, 1], np.uint8), np.array([0, 0, 254, 255], np.uint8))
    result = metrics.result()
    assert result["points"] == 2
    assert result["miou"] == 1.0


def test_a_point_that_was_not_judged_counts_as_missed():
    metrics = SemanticMetrics(2)
    metrics.update(np.array([0, 255], np.uint8), np.array([0, 0], np.uint8))
    assert metrics.result()["iou"][0] == 0.5


def test_a_class_that_was_never_judged_pulls_everything_down():
    metrics = SemanticMetrics(3)
    metrics.update(np.array([0, 0, 255, 255, 255], np.uint8), np.array([0, 0, 0, 1, 1], np.uint8))
    result = metrics.result()
    assert result["points"] == 5
    assert result["accuracy"] == pytest.approx(2 / 5)
    np.testing.assert_allclose(result["iou"][:2], [2 / 3, 0])
    assert result["miou"] == pytest.approx((2 / 3 + 0) / 2)


def test_an_impossible_class_is_refused():
    with pytest.raises(InputError, match="class 7"):
        SemanticMetrics(2).update(np.array([7], np.uint8), np.array([1], np.uint8))


def test_the_threshold_lets_95_percent_of_the_known_pass():
    rng = np.random.default_rng(2)
    scores, is_ood = rng.normal(-8, 3, 40_000), rng.random(40_000) < 0.1
    metrics = AnomalyMetrics()
    for s, y in zip(np.array_split(scores, 9), np.array_split(is_ood, 9), strict=True):
        metrics.update(s.astype(np.float32), y)
    threshold = metrics.threshold()
    assert threshold == pytest.approx(np.quantile(scores[~is_ood], 0.95), abs=0.01)
    false_alarms, recall = metrics.flagged(threshold)
    assert 0.049 < false_alarms <= 0.05
    single = scores.astype(np.float32) >= np.float32(threshold)
    assert false_alarms == single[~is_ood].mean(), "counts at the threshold are exact"
    assert recall == single[is_ood].mean()


def test_ties_at_the_top_are_not_flagged():
    metrics = AnomalyMetrics()
    metrics.update(np.array([1, 2, 2, 2, 9], np.float32), np.array([False, False, False, False, True]))
    assert 2 < metrics.threshold() < 2.01
    assert metrics.flagged(metrics.threshold()) == (0, 1)
    assert np.isnan(AnomalyMetrics().threshold())
    assert np.isnan(AnomalyMetrics().flagged(0.0)).all()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
def test_bins_keep_the_order_and_know_their_lowest_score(values):
    scores = np.sort(np.array(values, np.float32))
    bins = ordered_bins(scores)
    assert (np.diff(bins) >= 0).all()
    lowest = lowest_scores(bins)
    assert (lowest <= scores).all()
    assert (ordered_bins(lowest) == bins).all()


def test_memory_stays_bounded():
    counts, rng = ScoreCounts(), np.random.default_rng(3)
    for _ in range(8):
        counts.add(ordered_bins(rng.normal(-10, 4, 500_000)))
    assert counts.total == 4_000_000
    assert counts.bins.nbytes + counts.counts.nbytes < 8e6


def test_counts_of_several_are_those_of_all():
    bins = ordered_bins(np.random.default_rng(5).normal(size=900))
    parts, whole = [ScoreCounts(), ScoreCounts(), ScoreCounts()], ScoreCounts()
    for part, some in zip(parts, (bins[:600], bins[600:], bins[:0]), strict=True):
        part.add(some)
    whole.add(bins)
    merged = ScoreCounts.of(parts)
    assert (merged.bins == whole.bins).all() and (merged.counts == whole.counts).all()
    assert ScoreCounts.of([]).total == 0
    merged.add(bins[:3])
    assert merged.total == 903 and parts[0].total == 600


def test_many_small_pieces_do_not_pile_up():
    counts = ScoreCounts()
    tracemalloc.start()
    for _ in range(20_000):
        counts.add(np.zeros(1, np.int32))
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 1e6
    assert counts.total == 20_000


def test_calibration_error_against_a_direct_computation():
    rng = np.random.default_rng(4)
    confidence = rng.uniform(0.2, 1, 30_000).astype(np.float32)
    correct = rng.random(30_000) < confidence**2
    metrics = ConfidenceMetrics()
    for c, y in zip(np.array_split(confidence, 5), np.array_split(correct, 5), strict=True):
        metrics.update(c, y)
    edges, expected = np.linspace(0, 1, 16), 0.0
    for low, high in pairwise(edges):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            expected += inside.mean() * abs(correct[inside].mean() - confidence[inside].mean())
    result = metrics.result()
    assert result["ece"] == pytest.approx(expected, abs=1e-5)
    assert sum(result["share"]) == pytest.approx(1)


def test_a_perfectly_calibrated_confidence_has_no_error():
    metrics = ConfidenceMetrics()
    metrics.update(np.array([1.0, 1.0, 0.0, 0.5, 0.5]), np.array([True, True, False, True, False]))
    assert metrics.result()["ece"] == 0
    with pytest.raises(InputError, match=r"outside \[0,1\]"):
        metrics.update(np.array([np.nan]), np.array([True]))
    assert np.isnan(ConfidenceMetrics().result()["ece"])
