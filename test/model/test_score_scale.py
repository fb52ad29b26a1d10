"""The anomaly score by range: a quantile of the known points there, with an order that never ends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fm_ood_ros.errors import FieldError
from fm_ood_ros.model.score_scale import RangeScale, ScoreScale

LEVELS = np.array([0.001, 0.05, 0.5, 0.95, 0.999])
VALUES = np.array([-12.0, -9.0, -5.0, -2.0, 0.5])
FARTHER = 4.0  # by how much known points at 30 m look stranger than at 10 m


def part(distance=10.0, values=VALUES, **changes):
    usual = {"mean": -5.0, "std": 2.0, "levels": LEVELS, "values": np.array(values, np.float64), "points": 1000}
    return RangeScale(distance, **(usual | changes))


def alone():
    return ScoreScale((part(),))


def two():
    return ScoreScale((part(), part(30.0, VALUES + FARTHER, mean=-1.0, std=4.0)))


def at(distance, judged):
    """Both as float32 arrays of one length."""
    judged = np.asarray(judged, np.float32)
    return judged, np.full(judged.shape, distance, np.float32)


@pytest.mark.parametrize("distance", [0, 10, 500])
def test_quantiles_of_the_one_range_read_as_shares_at_every_distance(distance):
    score = alone()(*at(distance, [-9, -5, -2]))
    assert score.dtype == np.float32
    np.testing.assert_allclose(score, [0.05, 0.5, 0.95], rtol=1e-6)


@pytest.mark.parametrize(("distance", "share"), [(0, 0), (10, 0), (15, 0.25), (20, 0.5), (29, 0.95), (30, 1), (99, 1)])
def test_between_two_ranges_the_score_lies_between_theirs(distance, share):
    judged = np.linspace(-20, 20, 81)
    near, far = (scale(judged.copy()) for scale in two().ranges)
    np.testing.assert_allclose(two()(*at(distance, judged)), (1 - share) * near + share * far, atol=1e-6)


def test_every_point_takes_the_scale_of_its_own_range():
    """Red where the scale of another range is taken."""
    judged = np.float32([-5, -5 + FARTHER, -5, -5 + FARTHER])
    score = two()(judged, np.float32([10, 30, 30, 10]))
    np.testing.assert_allclose(score[:2], 0.5, atol=1e-6)
    assert score[2] < 0.2 < 0.8 < score[3]


def test_three_ranges_meet_without_a_step():
    scale = ScoreScale((*two().ranges, part(31.0, VALUES - 3)))
    distance = np.linspace(5, 40, 35_001, dtype=np.float32)
    score = scale(np.full(distance.shape, -4, np.float32), distance)
    assert np.abs(np.diff(score)).max() < 0.002
    np.testing.assert_allclose(score[25_000], two().ranges[1](np.array([-4.0]))[0], atol=1e-3)


def test_raw_scores_are_counted_in_deviations_from_the_usual_ones_of_their_range():
    raw, distance = np.float32([-5, -3, -1, 3, -3, 0]), np.float32([10, 10, 30, 30, 20, 20])
    found = two().standardised(raw, distance)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [0, 1, 0, 1, 0, 1])


def test_share_of_known_points_above_the_threshold():
    known = np.random.default_rng(0).normal(size=200_000).astype(np.float32)
    levels = np.linspace(0.001, 0.999, 999)
    fitted = ScoreScale((part(values=np.quantile(known, levels), levels=levels),))
    assert np.mean(fitted(*at(7, known)) >= 0.95) == pytest.approx(0.05, abs=2e-3)


@given(st.lists(st.floats(-1e3, 1e3, width=32), min_size=2, max_size=50), st.floats(0, 100, width=32))
def test_order_survives(judged, distance):
    score = two()(*at(distance, np.sort(np.array(judged, np.float32))))
    assert (np.diff(score) >= 0).all()
    assert ((score >= 0) & (score <= 1)).all()


@pytest.mark.parametrize("distance", [10, 17, 30])
def test_strange_points_beyond_all_known_ones_keep_their_order(distance):
    score = two()(*at(distance, [5, 7, 10, 50, 200]))
    assert (np.diff(score) > 0).all()
    assert (score > 0.999).all()
    assert (score < 1).all()
    usual = two()(*at(distance, [-13, -20, -100, -1000]))
    assert (np.diff(usual) < 0).all()
    assert (usual > 0).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_judged_score_that_is_no_number_is_no_verdict(value):
    score = two()(*at(15, [-5, value, 2]))
    assert np.isnan(score).tolist() == [False, True, False]
    assert score.dtype == np.float32


@pytest.mark.filterwarnings("error")
def test_a_distance_that_is_no_number_is_no_verdict():
    score = two()(np.zeros(3, np.float32), np.float32([10, np.nan, 20]))
    assert np.isnan(score).tolist() == [False, True, False]


@pytest.mark.filterwarnings("error")
def test_the_largest_judged_scores_are_verdicts():
    limits = np.finfo(np.float32)
    np.testing.assert_allclose(two()(*at(22, [limits.min, limits.max])), [0, 1], atol=1e-6)


def test_no_point_has_no_score():
    none = np.zeros(0, np.float32)
    assert two()(none, none).shape == two().standardised(none, none).shape == (0,)


def test_there_and_back():
    data = two().to_dict()
    again = ScoreScale.from_dict({**data, "name": "more than is read"})
    assert again.to_dict() == data
    assert [r["distance"] for r in data["ranges"]] == [10, 30]
    judged = np.linspace(-20, 20, 81)
    np.testing.assert_array_equal(again(*at(17, judged)), two()(*at(17, judged)))


@pytest.mark.parametrize("values", [(0, 0, 1, 2, 3), (3, 2, 1, 0, -1), (1, 2, 3), (0, 1, 2, 3, np.inf)])
def test_broken_quantiles_are_refused(values):
    with pytest.raises(FieldError, match="quantiles at 10 m are not two strictly increasing lists"):
        part(values=values)


@pytest.mark.parametrize("levels", [(0, 0.1, 0.2, 0.3, 0.4), (0.1, 0.2, 0.3, 0.4, 1), (0.1, 0.2, 0.2, 0.3, 0.4)])
def test_broken_levels_are_refused(levels):
    with pytest.raises(FieldError, match=r"with levels within \(0,1\)"):
        part(levels=np.array(levels))


@pytest.mark.parametrize("distances", [(), (10, 10), (30, 10), (10, 40, 30)])
def test_ranges_that_do_not_rise_are_refused(distances):
    with pytest.raises(FieldError, match=r"'score\.ranges' is empty or does not rise, expected scales at rising"):
        ScoreScale(tuple(part(d) for d in distances))


FAULTS = {
    "distance": (-1, r"'score\.ranges\[1\]\.distance' is -1, expected a number from 0"),
    "mean": (None, r"'score\.ranges\[1\]\.mean' is None, expected a number from"),
    "std": (0, "standard deviation at 30 m is 0, expected above 0"),
    "quantile_levels": ([0, 2], r"'score\.ranges\[1\]\.quantile_levels\[1\]' is 2, expected a number from 0 to 1"),
    "quantile_values": ([0, "1"], r"'score\.ranges\[1\]\.quantile_values\[1\]' is '1', expected a number from"),
    "points": (0.5, r"'score\.ranges\[1\]\.points' is 0\.5, expected a whole number from 0"),
}


@pytest.mark.parametrize("key", FAULTS)
def test_what_makes_no_sense_or_is_missing_is_named(key):
    value, complaint = FAULTS[key]
    data = two().to_dict()
    data["ranges"][1][key] = value
    with pytest.raises(FieldError, match=complaint):
        ScoreScale.from_dict(data)
    del data["ranges"][1][key]
    with pytest.raises(FieldError, match=rf"'score\.ranges\[1\]\.{key}' is missing"):
        ScoreScale.from_dict(data)


@pytest.mark.parametrize("ranges", [None, {}, "near", [1]])
def test_ranges_that_are_no_list_of_objects_are_refused(ranges):
    with pytest.raises(FieldError, match=r"'score\.ranges(\[0\])?' is .*, expected (a list|an object)"):
        ScoreScale.from_dict({"ranges": ranges})
