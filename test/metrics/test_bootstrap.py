"""Intervals over scenes against drawing the points of the drawn scenes again and again."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, jaccard_score, roc_auc_score, roc_curve

from fm_ood_ros.errors import InputError
from fm_ood_ros.metrics import SceneClasses, SceneScores, differences, intervals

SCENES = [f"scene{i}" for i in range(12)]  # sorted by name: 0, 1, 10, 11, 2, ...


def streets(seed, shift=1.5):
    """Scores and labels by scene, some scenes harder than others and one without unknown points."""
    found = {}
    for i, scene in enumerate(SCENES):
        rng = np.random.default_rng([seed, i])
        is_ood = rng.random(400) < (0 if i == 5 else 0.15)
        logit = rng.normal(size=400) + is_ood * (shift + i % 3 - 1) + 0.2 * i
        found[scene] = ((1 / (1 + np.exp(-logit))).astype(np.float32), is_ood)
    return found


def counted(found, order=SCENES, pieces=3):
    scenes = SceneScores()
    for part in range(pieces):
        for scene in order:
            scenes.update(scene, *(np.array_split(values, pieces)[part] for values in found[scene]))
    return scenes


def measured(scores, is_ood):
    fpr, tpr, _ = roc_curve(is_ood, scores, drop_intermediate=False)
    return {
        "fpr95": fpr[np.flatnonzero(tpr >= 0.95)[0]],
        "auroc": roc_auc_score(is_ood, scores),
        "aupr": average_precision_score(is_ood, scores),
        "recall_at_5": tpr[fpr <= 0.05 + 1e-12].max(),
    }


def redrawn(found, times, seed, measure):
    """What is measured of every resample, from the scenes' own points."""
    names, rng, results = sorted(found), np.random.default_rng(seed), []
    for _ in range(times):
        drawn = [found[names[i]] for i in rng.integers(0, len(names), len(names))]
        results.append(measure(*(np.concatenate([d[k] for d in drawn]) for k in (0, 1))))
    return results


def test_intervals_agree_with_drawing_the_points_themselves():
    found = streets(0)
    result, again = intervals(counted(found)), redrawn(found, 200, 1, measured)
    exact = measured(np.concatenate([s for s, _ in found.values()]), np.concatenate([y for _, y in found.values()]))
    assert set(result) == set(exact)
    for name, value in exact.items():
        assert result[name]["value"] == pytest.approx(value, abs=0.01), name
        low, high = np.percentile([r[name] for r in again], (2.5, 97.5))
        width = high - low
        assert result[name]["low"] == pytest.approx(low, abs=0.15 * width), name
        assert result[name]["high"] == pytest.approx(high, abs=0.15 * width), name


def test_differences_draw_the_same_scenes_for_both():
    first, second = streets(0), streets(0, shift=1.2)  # the same points, unknown ones a little less strange
    result = differences(counted(first), counted(second, order=SCENES[::-1]))
    both = [redrawn(found, 200, 2, lambda scores, is_ood: roc_auc_score(is_ood, scores)) for found in (first, second)]
    apart = np.subtract(*both)
    low, high = np.percentile(apart, (2.5, 97.5))
    assert result["auroc"]["low"] == pytest.approx(low, abs=0.15 * (high - low))
    assert result["auroc"]["high"] == pytest.approx(high, abs=0.15 * (high - low))
    alone = intervals(counted(first))["auroc"]
    assert result["auroc"]["low"] > 0 and high - low < (alone["high"] - alone["low"]) / 2
    same = differences(counted(first), counted(first))
    assert {value for about in same.values() for value in about.values()} == {0.0}


def test_the_seed_decides_and_the_order_of_scenes_does_not():
    found = streets(3)
    assert intervals(counted(found)) == intervals(counted(found, order=SCENES[::-1], pieces=1))
    assert intervals(counted(found), seed=1)["auroc"]["low"] != intervals(counted(found), seed=2)["auroc"]["low"]


def test_miou_is_resampled_by_scene():
    rng, classes, found = np.random.default_rng(4), SceneClasses(4), {}
    for i, scene in enumerate(SCENES):
        target = rng.integers(0, 4 if i < 2 else 3, 300).astype(np.uint8)  # one class is in two scenes only
        predicted = np.where(rng.random(300) < 0.1 * (i % 5), rng.integers(0, 3, 300), target).astype(np.uint8)
        found[scene] = (predicted, target)
        for some in (slice(0, 100), slice(100, 300)):
            classes.update(scene, predicted[some], target[some])
    draws = redrawn(found, 200, 5, lambda p, t: jaccard_score(t, p, average="macro", labels=np.unique(t)))
    result, (low, high) = intervals(classes)["miou"], np.percentile(draws, (2.5, 97.5))
    assert result["low"] == pytest.approx(low, abs=0.15 * (high - low))
    assert result["high"] == pytest.approx(high, abs=0.15 * (high - low))
    predicted, target = (np.concatenate([f[k] for f in found.values()]) for k in (0, 1))
    assert result["value"] == pytest.approx(jaccard_score(target, predicted, average="macro"))
    alone = [jaccard_score(t, p, average="macro", labels=np.unique(t)) for _, (p, t) in sorted(found.items())]
    np.testing.assert_allclose(classes.measure(np.eye(12))["miou"], alone, err_msg="a class that is not drawn")


def test_the_tail_near_one_keeps_its_order():
    tail = (1 - np.logspace(-1, -6, 200)).astype(np.float32)
    scenes = SceneScores()
    scenes.update("a", np.r_[tail, np.float32(1), np.float32(0)], np.r_[np.arange(200) >= 100, True, False])
    assert intervals(scenes)["auroc"]["value"] == pytest.approx(1.0, abs=1e-3)


def test_one_scene_and_one_kind_have_no_interval():
    one = SceneScores()
    one.update("a", *streets(0)["scene0"])
    limits = intervals(one)["auroc"]
    assert 0.5 < limits["value"] < 1 and np.isnan([limits["low"], limits["high"]]).all()
    known = SceneScores()
    for scene in "ab":
        known.update(scene, np.zeros(3, np.float32), np.zeros(3, bool))
    assert np.isnan(list(intervals(known)["aupr"].values())).all()


def test_scenes_that_differ_or_lack_and_scores_outside_are_refused():
    some, other = SceneScores(), SceneScores()
    some.update("a", np.zeros(1, np.float32), np.zeros(1, bool))
    with pytest.raises(InputError, match="scene 'a' was judged by one"):
        differences(some, other)
    with pytest.raises(InputError, match="no scenes"):
        intervals(other)
    with pytest.raises(InputError, match=r"outside \[0,1\]"):
        some.update("a", np.array([np.nan], np.float32), np.zeros(1, bool))
    with pytest.raises(InputError, match="same points"):
        some.update("a", np.zeros(2, np.float32), np.zeros(1, bool))
