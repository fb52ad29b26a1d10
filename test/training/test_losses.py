"""Losses against plain loops in double precision."""

import math

import numpy as np
import pytest
import torch

from training.losses.points import (
    bounded_energy,
    focal,
    log_inverse_frequency,
    lovasz_softmax,
    negative_entropy,
    unit_logits,
)


def batch(points=200, classes=5, seed=0, scale=2.0):
    rng = np.random.default_rng(seed)
    return rng.normal(0, scale, (points, classes)), rng.integers(0, classes, points)


def softmax(z):
    e = [math.exp(v - max(z)) for v in z]
    return [v / sum(e) for v in e]


def tensors(logits, target, dtype=torch.float32):
    return torch.tensor(logits, dtype=dtype), torch.tensor(target)


def test_focal_against_a_loop():
    logits, target = batch()
    alpha = [0.2, 0.5, 1.0, 0.7, 0.9]
    p = [softmax(z)[y] for z, y in zip(logits, target, strict=True)]
    expected = sum(-alpha[y] * (1 - q) ** 2 * math.log(q) for q, y in zip(p, target, strict=True)) / len(p)
    assert focal(*tensors(logits, target), torch.tensor(alpha)).item() == pytest.approx(expected, rel=1e-5)
    plain = sum(-math.log(q) for q in p) / len(p)
    assert focal(*tensors(logits, target), torch.ones(5), gamma=0).item() == pytest.approx(plain, rel=1e-5)


def test_alpha_grows_as_classes_grow_rare():
    counts = [900, 90, 10, 0]
    weights = [math.log(1 + 1 / (c / 1000 + 1e-3)) for c in counts]
    expected = [w / max(weights) for w in weights]
    np.testing.assert_allclose(log_inverse_frequency(torch.tensor(counts)).numpy(), expected, rtol=1e-5)


def naive_lovasz(logits, target):
    """The definition: errors from worst to best, each times what its point adds to the Jaccard loss of the set."""
    p = [softmax(z) for z in logits]
    losses = []
    for c in sorted(set(target)):
        errors = [abs((y == c) - q[c]) for q, y in zip(p, target, strict=True)]
        order = sorted(range(len(errors)), key=lambda i: -errors[i])
        truth = {i for i, y in enumerate(target) if y == c}
        loss, before, wrong = 0.0, 0.0, set()
        for i in order:
            wrong.add(i)
            jaccard = 1 - len(truth - wrong) / len(truth | wrong)
            loss += errors[i] * (jaccard - before)
            before = jaccard
        losses.append(loss)
    return sum(losses) / len(losses)


@pytest.mark.parametrize("seed", range(4))
def test_lovasz_against_the_definition(seed):
    logits, target = batch(60, 4, seed)
    assert lovasz_softmax(*tensors(logits, target)).item() == pytest.approx(naive_lovasz(logits, target), rel=1e-5)


def test_lovasz_of_hard_predictions_is_the_jaccard_loss():
    rng = np.random.default_rng(3)
    target, said = rng.integers(0, 3, 500), rng.integers(0, 3, 500)
    logits = np.full((500, 3), -1000.0)
    logits[np.arange(500), said] = 1000.0
    iou = [((target == c) & (said == c)).sum() / ((target == c) | (said == c)).sum() for c in range(3)]
    assert lovasz_softmax(*tensors(logits, target)).item() == pytest.approx(1 - np.mean(iou), abs=1e-5)


def test_lovasz_leaves_absent_classes_out():
    logits, target = batch(50, 4)
    wider = np.c_[logits, np.full(50, -1e4)]
    assert lovasz_softmax(*tensors(wider, target)).item() == pytest.approx(
        lovasz_softmax(*tensors(logits, target)).item(), rel=1e-5
    )


def test_negative_entropy_against_a_loop_and_its_bounds():
    logits, _ = batch()
    weight = np.random.default_rng(1).random(len(logits))
    per_point = [sum(q * math.log(q) for q in softmax(z)) for z in logits]
    z = torch.tensor(logits)
    assert negative_entropy(z).item() == pytest.approx(np.mean(per_point), rel=1e-5)
    assert negative_entropy(z, torch.tensor(weight)).item() == pytest.approx(np.mean(per_point * weight), rel=1e-5)
    assert negative_entropy(torch.zeros(3, 7)).item() == pytest.approx(-math.log(7), rel=1e-6)
    assert negative_entropy(torch.eye(3) * 1e4).item() == 0


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 30.0, 3000.0, 15000.0])
def test_values_and_gradients_stay_finite(dtype, scale):
    """Sure and wrong at once: where a half-precision p log p turns into 0 * -inf."""
    logits, target = batch(scale=scale)
    z = torch.tensor(logits, dtype=dtype).requires_grad_()
    y = torch.tensor(target)
    with torch.autocast("cpu", dtype if dtype != torch.float32 else torch.bfloat16):
        loss = focal(z, y, torch.ones(5)) + lovasz_softmax(z, y) + negative_entropy(z)
        loss = loss + bounded_energy(z, z, (-8, -3)) + focal(unit_logits(z, 0.04), y, torch.ones(5))
    loss.backward()
    assert loss.dtype == torch.float32
    assert torch.isfinite(loss)
    assert torch.isfinite(z.grad).all()


def test_minimising_the_entropy_term_levels_the_prediction():
    z = torch.randn(20, 6, generator=torch.Generator().manual_seed(0)).requires_grad_()
    optimiser = torch.optim.SGD([z], lr=20.0)
    for _ in range(300):
        optimiser.zero_grad()
        negative_entropy(z).backward()
        optimiser.step()
    assert z.softmax(1).max().item() < 0.2


def test_bounded_energy_against_a_loop():
    (known, _), (outliers, _) = batch(scale=4), batch(90, seed=1, scale=4)

    def energy(z):
        return -math.log(sum(math.exp(v) for v in z))

    expected = np.mean([max(0, energy(z) + 8) ** 2 for z in known])
    expected += np.mean([max(0, -3 - energy(z)) ** 2 for z in outliers])
    found = bounded_energy(torch.tensor(known), torch.tensor(outliers), (-8.0, -3.0))
    assert found.item() == pytest.approx(expected, rel=1e-5)


def test_minimising_the_energy_lowers_the_logits_of_outliers_and_raises_those_of_known_points():
    known, outliers = torch.zeros(20, 6, requires_grad=True), torch.full((20, 6), 5.0, requires_grad=True)
    optimiser = torch.optim.SGD([known, outliers], lr=1.0)
    for _ in range(500):
        optimiser.zero_grad()
        bounded_energy(known, outliers, (-8.0, -3.0)).backward()
        optimiser.step()
    assert known.logsumexp(1).min().item() > 7.9
    assert outliers.logsumexp(1).max().item() < 3.1


def test_unit_logits_have_one_length():
    logits, _ = batch()
    unit = unit_logits(torch.tensor(logits), 0.04)
    np.testing.assert_allclose(unit.norm(dim=1).numpy(), 25, rtol=1e-3)
    np.testing.assert_allclose(unit.numpy(), logits / np.linalg.norm(logits, axis=1, keepdims=True) / 0.04, rtol=1e-3)
    torch.testing.assert_close(unit_logits(torch.tensor(logits * 1000), 0.04), unit, rtol=1e-3, atol=0)
