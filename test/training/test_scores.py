"""Anomaly scores against their formulas; strange is high."""

import numpy as np
import pytest
import torch

from training.evaluate.scores import SCORES, confidence, energy

FORMULAS = {
    "msp": lambda z, p: -p.max(1),
    "max_logit": lambda z, p: -z.max(1),
    "energy": lambda z, p: -np.log(np.exp(z).sum(1)),
    "entropy": lambda z, p: -(p * np.log(p)).sum(1),
    "gen": lambda z, p: (p**0.1 * (1 - p) ** 0.1).sum(1),
}


def logits(shape=(50, 6), seed=0):
    return np.random.default_rng(seed).normal(0, 3, shape)


@pytest.mark.parametrize("name", SCORES)
def test_against_the_formula(name):
    z = logits()
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    np.testing.assert_allclose(SCORES[name](torch.tensor(z)).numpy(), FORMULAS[name](z, p), rtol=1e-6)


@pytest.mark.parametrize("name", SCORES)
def test_single_precision_keeps_to_the_formula(name):
    z = np.float32(logits((20_000, 14)))
    p = np.exp(z.astype(np.float64))
    p /= p.sum(1, keepdims=True)
    exact = FORMULAS[name](z.astype(np.float64), p)
    np.testing.assert_allclose(SCORES[name](torch.tensor(z)).numpy(), exact, atol=2e-6, rtol=1e-6)


def test_confidence_is_the_largest_probability():
    z = torch.tensor(logits((50, 6, 4)) * 30)
    torch.testing.assert_close(confidence(z), z.softmax(1).amax(1), rtol=1e-12, atol=0)
    torch.testing.assert_close(confidence(z, -1), z.softmax(-1).amax(-1), rtol=1e-12, atol=0)


@pytest.mark.parametrize("name", SCORES)
def test_an_undecided_prediction_is_stranger_than_a_sure_one(name):
    sure, undecided = torch.tensor([[9.0, 0, 0, 0]]), torch.tensor([[1.0, 0.9, 1.1, 1.0]])
    assert SCORES[name](undecided).item() > SCORES[name](sure).item()


@pytest.mark.parametrize("name", SCORES)
def test_works_along_any_dimension(name):
    z = torch.tensor(logits((2, 6, 4, 5)))
    rows = SCORES[name](z.permute(0, 2, 3, 1), dim=-1)
    assert rows.shape == (2, 4, 5)
    torch.testing.assert_close(SCORES[name](z), rows)


@pytest.mark.parametrize("name", SCORES)
def test_stays_finite_and_in_order_for_very_sure_predictions(name):
    z = torch.zeros(40, 5)
    z[:, 2] = torch.linspace(5, 60, 40)
    score = SCORES[name](z)
    assert torch.isfinite(score).all()
    assert (score.diff() <= 0).all()


def test_gen_does_not_jump_where_a_probability_rounds_to_one():
    z = torch.zeros(2, 5)
    z[0, 0], z[1, 0] = 16.0, 18.5  # 1 - p is 4.5e-7, then 3.7e-8: less than float32 resolves beside 1
    exact = np.exp(z.double().numpy())
    p = exact / exact.sum(1, keepdims=True)
    np.testing.assert_allclose(SCORES["gen"](z).numpy(), FORMULAS["gen"](None, p), rtol=1e-5)


def test_temperature_of_the_energy():
    z = logits()
    expected = -2 * np.log(np.exp(z / 2).sum(1))
    np.testing.assert_allclose(energy(torch.tensor(z), temperature=2.0).numpy(), expected, rtol=1e-6)
