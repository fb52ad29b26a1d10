"""Recall of objects and false objects a minute, against counting with loops."""

import numpy as np
import pytest
from object_frames import IGNORED, UNKNOWN, nothing, one_object, random_frame

from fm_ood_ros.errors import InputError
from fm_ood_ros.metrics import ObjectMetrics

RANGES = [
    ("0-10 m", 0, 10), ("10-15 m", 10, 15), ("15-20 m", 15, 20), ("20-25 m", 20, 25), ("25-30 m", 25, 30),
    ("30-40 m", 30, 40), ("40-50 m", 40, 50), ("over 50 m", 50, np.inf),
]  # fmt: skip
SIZES = [("1-4 points", 1, 4), ("5-20 points", 5, 20), ("over 20 points", 21, 999)]


def is_found(frame, mine, least):
    """Whether objects of that score or more hold half of these points, one point after the other."""
    held = sum(1 for i in mine if frame["owner"][i] >= 0 and frame["object_score"][frame["owner"][i]] >= least)
    return 2 * held >= len(mine)


def true_objects(frames):
    for frame in frames:
        unknown = [i for i, t in enumerate(frame["target"]) if t == UNKNOWN and frame["instance"][i] != 0]
        for number in sorted({int(frame["instance"][i]) for i in unknown}):
            yield frame, number, [i for i in unknown if frame["instance"][i] == number]


def false_scores(frames):
    scores = []
    for frame in frames:
        for k, score in enumerate(frame["object_score"]):
            counted = [t for t, o in zip(frame["target"], frame["owner"], strict=True) if o == k and t != IGNORED]
            if counted and 2 * sum(t == UNKNOWN for t in counted) < len(counted):
                scores.append(score)
    return scores


def grouped(frames):
    groups = {}
    for frame, number, mine in true_objects(frames):
        metres = np.mean([frame["distance"][i] for i in mine], dtype=float)
        keys = [("range", name) for name, low, high in RANGES if low <= metres < high]
        keys += [("points", name) for name, low, high in SIZES if low <= len(mine) <= high]
        keys += list(frame["facts"].get(number, {}).items())
        for grouping, group in keys:
            groups.setdefault(grouping, {}).setdefault(group, []).append(is_found(frame, mine, 0))
    return groups


def measured(frames, hz=10.0):
    metrics = ObjectMetrics(hz)
    for stamp, frame in enumerate(frames):
        metrics.add("street", stamp, **frame)
    return metrics


def drawn(seed, many=40, points=60):
    rng = np.random.default_rng(seed)
    return [random_frame(rng, points) for _ in range(many)]


@pytest.mark.parametrize(("seed", "points"), [(0, 60), (1, 25), (2, 150)])
def test_recall_and_groups_agree_with_loops(seed, points):
    frames = drawn(seed, points=points)
    result = measured(frames).result()
    found = [is_found(frame, mine, 0) for frame, _, mine in true_objects(frames)]
    assert 0 < sum(found) < len(found)
    assert (result["objects"], result["found"]) == (len(found), sum(found))
    assert result["recall"] == np.mean(found)
    expected = grouped(frames)
    assert set(result["by"]) == set(expected) == {"range", "points", "kind", "family"}
    for grouping, groups in expected.items():
        assert {g: (r["objects"], r["found"]) for g, r in result["by"][grouping].items()} == {
            g: (len(f), sum(f)) for g, f in groups.items()
        }, grouping


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rate", [0.0, 30.0, 100.0, 300.0, 1e4])
def test_recall_at_a_rate_agrees_with_trying_every_score(seed, rate):
    frames = drawn(seed)
    false, minutes = false_scores(frames), 40 / 600
    scores = {score for frame in frames for score in frame["object_score"]}
    few_enough = [least for least in scores if sum(score >= least for score in false) <= rate * minutes]
    recalls = [np.mean([is_found(f, mine, least) for f, _, mine in true_objects(frames)]) for least in few_enough]
    assert measured(frames).recall_at(rate) == pytest.approx(max(recalls, default=0), abs=1e-12)


def test_false_objects_are_counted_over_clean_frames_too():
    frames = drawn(3) + [nothing() for _ in range(60)]
    result = measured(frames).result()
    assert result["frames"] == 100 and result["minutes"] == pytest.approx(100 / 600)
    assert result["false_objects"] == len(false_scores(frames)) > 0
    assert result["false_per_minute"] == pytest.approx(len(false_scores(frames)) * 6)
    slow = measured(frames, hz=5.0).result()
    assert slow["false_per_minute"] == pytest.approx(result["false_per_minute"] / 2)


def test_named_rates_are_a_tenth_one_and_ten_a_minute():
    known = nothing(
        target=np.zeros(1, np.uint8), instance=np.zeros(1, np.uint16), distance=np.ones(1, np.float32),
        owner=np.zeros(1, np.int32), object_score=np.array([0.95], np.float32),
    )  # fmt: skip
    seen = [one_object(2, 2, score=s) for s in (0.99, 0.9)] + [one_object(0, 2, score=0.5)]
    metrics = measured([*seen, known] + [nothing()] * 596)
    assert metrics.result()["recall_at"] == {"0.1": 1 / 3, "1": 2 / 3, "10": 2 / 3}


@pytest.mark.parametrize(("covered", "of", "found"), [(1, 2, 1), (1, 3, 0), (2, 4, 1), (0, 1, 0), (1, 1, 1)])
def test_half_of_the_points_make_an_object_found(covered, of, found):
    assert measured([one_object(covered, of)]).result()["found"] == found


def test_an_object_cut_in_two_is_found_as_long_as_both_parts_are():
    frame = one_object(0, 4)
    frame |= {"owner": np.array([0, 1, -1, -1], np.int32), "object_score": np.array([0.9, 0.6], np.float32)}
    false = nothing(
        target=np.zeros(1, np.uint8), instance=np.zeros(1, np.uint16), distance=np.ones(1, np.float32),
        owner=np.zeros(1, np.int32), object_score=np.array([0.7], np.float32),
    )  # fmt: skip
    metrics = measured([frame, false])
    assert metrics.result()["recall"] == 1.0
    assert metrics.recall_at(1.0) == 0.0, "above .7 only a quarter of it is held"


def test_scores_near_one_are_told_apart():
    false = one_object(2, 2, score=0.99998)
    false["target"][:] = 0
    assert measured([one_object(2, 2, score=0.99999), false]).recall_at(0.0) == 1.0


def test_ignored_points_neither_make_an_object_false_nor_true():
    frame = nothing(
        target=np.array([IGNORED, IGNORED, UNKNOWN, 0, IGNORED], np.uint8), instance=np.zeros(5, np.uint16),
        distance=np.ones(5, np.float32), owner=np.array([0, 1, 1, 1, 1], np.int32),
        object_score=np.ones(2, np.float32),
    )  # fmt: skip
    assert measured([frame]).result()["false_objects"] == 0
    frame["target"][2] = 0
    assert measured([frame]).result()["false_objects"] == 1


def test_without_frames_or_objects_nothing_is_claimed():
    for frames in ([], [nothing()]):
        result = measured(frames).result()
        assert result["objects"] == result["false_objects"] == 0
        assert np.isnan([result["recall"], *result["recall_at"].values()]).all()
        assert result["by"] == {}
    assert np.isnan(ObjectMetrics().result()["false_per_minute"])


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"owner": np.zeros(3, np.int32)}, "of one view"),
        ({"owner": np.ones(2, np.int32)}, "object 1, expected below 1"),
        ({"object_score": np.array([np.nan], np.float32)}, r"outside \[0,1\]"),
        ({"distance": np.array([1, np.nan], np.float32)}, "metres from 0 on"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changed, word):
    with pytest.raises(InputError, match=word):
        ObjectMetrics().add("street", 0, **{**one_object(1, 2), **changed})
    with pytest.raises(InputError, match="LiDAR's rate"):
        ObjectMetrics(hz=0.0)
