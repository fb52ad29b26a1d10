"""Anomaly scores against their formulas; strange is high."""

import warnings

import numpy as np
import pytest

from fm_ood_ros.judgement.scores import SCORES, confidence, probabilities
from fm_ood_ros.model.judgement_spec import RAW_SCORES

FORMULAS = {
    "msp": lambda z, p: -p.max(0),
    "max_logit": lambda z, p: -z.max(0),
    "energy": lambda z, p: -np.log(np.exp(z).sum(0)),
    "entropy": lambda z, p: -(p * np.log(p)).sum(0),
    "gen": lambda z, p: (p**0.1 * (1 - p) ** 0.1).sum(0),
}


def logits(shape=(6, 50), seed=0):
    return np.random.default_rng(seed).normal(0, 3, shape)


def test_a_bundle_may_name_every_score_and_no_other():
    assert tuple(SCORES) == RAW_SCORES


@pytest.mark.parametrize("name", SCORES)
def test_against_the_formula(name):
    z = logits()
    p = np.exp(z) / np.exp(z).sum(0)
    np.testing.assert_allclose(SCORES[name](z), FORMULAS[name](z, p), rtol=1e-6)


@pytest.mark.parametrize("name", SCORES)
def test_single_precision_keeps_to_the_formula(name):
    z = np.float32(logits((14, 20_000)))
    p = np.exp(z.astype(np.float64))
    p /= p.sum(0)
    found = SCORES[name](z)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, FORMULAS[name](z.astype(np.float64), p), atol=2e-6, rtol=1e-6)


def test_probabilities_are_the_softmax_and_confidence_their_largest():
    z = logits((6, 50, 4)) * 30
    p = np.exp(z - z.max(0))
    p /= p.sum(0)
    np.testing.assert_allclose(probabilities(z), p, rtol=1e-12)
    np.testing.assert_allclose(confidence(z), p.max(0), rtol=1e-12)
    assert confidence(np.float32(z)).max() <= 1


@pytest.mark.parametrize("name", SCORES)
def test_an_undecided_prediction_is_stranger_than_a_sure_one(name):
    sure, undecided = SCORES[name](np.array([[9.0, 0, 0, 0], [1.0, 0.9, 1.1, 1.0]]).T)
    assert undecided > sure


@pytest.mark.parametrize("name", SCORES)
def test_no_point_has_no_score(name):
    assert SCORES[name](np.zeros((14, 0), np.float32)).shape == (0,)


@pytest.mark.parametrize("name", SCORES)
def test_stays_finite_and_in_order_for_very_sure_predictions(name):
    z = np.zeros((5, 40), np.float32)
    z[2] = np.linspace(5, 60, 40)
    score = SCORES[name](z)
    assert np.isfinite(score).all()
    assert (np.diff(score) <= 0).all()


def test_gen_does_not_jump_where_a_probability_rounds_to_one():
    z = np.zeros((5, 2), np.float32)
    z[0] = 16.0, 18.5  # 1 - p is 4.5e-7, then 3.7e-8: less than float32 resolves beside 1
    exact = np.exp(z.astype(np.float64))
    p = exact / exact.sum(0)
    np.testing.assert_allclose(SCORES["gen"](z), FORMULAS["gen"](None, p), rtol=1e-5)


def test_gen_of_a_class_without_any_probability_is_that_of_the_others_and_warns_of_nothing():
    z = np.array([[0.0, -200], [0, 0], [-300, -400]], np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = SCORES["gen"](z)
    np.testing.assert_allclose(found, [2 * 0.25**0.1, 0], atol=1e-6)
