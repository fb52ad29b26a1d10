"""The anomaly score: a quantile of the known points, with an order that never ends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fm_ood_ros.errors import FieldError
from fm_ood_ros.model.score_scale import ScoreScale

LEVELS = np.array([0.001, 0.05, 0.5, 0.95, 0.999])


def scale(values=(-12.0, -9.0, -5.0, -2.0, 0.5)):
    return ScoreScale("max_logit", LEVELS, np.array(values))


def test_quantiles_read_as_shares():
    np.testing.assert_allclose(scale()(np.array([-9, -5, -2], np.float32)), [0.05, 0.5, 0.95], rtol=1e-6)


def test_share_of_known_points_above_the_threshold():
    known = np.random.default_rng(0).normal(size=200_000).astype(np.float32)
    levels = np.linspace(0.001, 0.999, 999)
    fitted = ScoreScale("any", levels, np.quantile(known, levels))
    assert np.mean(fitted(known) >= 0.95) == pytest.approx(0.05, abs=2e-3)


@given(st.lists(st.floats(-1e3, 1e3, width=32), min_size=2, max_size=50))
def test_order_survives(raw):
    raw = np.sort(np.array(raw, np.float32))
    score = scale()(raw)
    assert (np.diff(score) >= 0).all()
    assert ((score >= 0) & (score <= 1)).all()


def test_strange_points_beyond_all_known_ones_keep_their_order():
    score = scale()(np.array([1, 2, 5, 10, 50, 200], np.float32))
    assert (np.diff(score) > 0).all()
    assert (score > 0.999).all()
    assert (score < 1).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("raw", [np.nan, np.inf, -np.inf])
def test_a_raw_score_that_is_no_number_is_no_verdict(raw):
    score = scale()(np.array([[-5, raw], [raw, 2]], np.float32))
    assert np.isnan(score).tolist() == [[False, True], [True, False]]
    assert score.dtype == np.float32


@pytest.mark.filterwarnings("error")
def test_the_largest_raw_scores_are_verdicts():
    limits = np.finfo(np.float32)
    score = scale()(np.array([limits.min, limits.max], np.float32))
    np.testing.assert_allclose(score, [0, 1], atol=1e-6)


@pytest.mark.parametrize("values", [(0, 0, 1, 2, 3), (3, 2, 1, 0, -1), (1, 2, 3), (0, 1, 2, 3, np.inf)])
def test_broken_quantiles_are_refused(values):
    with pytest.raises(FieldError, match="strictly increasing"):
        scale(values)
