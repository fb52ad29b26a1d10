"""A2D and xMUDA against NumPy and SciPy in double precision."""

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, rel_entr, softmax

from training.losses.cross_modal import a2d, xmuda


def predictions(points=200, classes=5, scale=2.0, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(0, scale, (2, points, classes)), rng.integers(0, classes, points)


def test_a2d_against_a_loop():
    (camera, lidar), target = predictions()
    distances = []
    for c, z, y in zip(camera, lidar, target, strict=True):
        p, q = (softmax(np.delete(logits, y)) for logits in (c, z))
        distances.append(np.sqrt(((np.sqrt(p) - np.sqrt(q)) ** 2).sum()) / np.sqrt(2))
    found = a2d(torch.tensor(camera), torch.tensor(lidar), torch.tensor(target))
    assert found.item() == pytest.approx(-np.mean(distances), rel=1e-5)


def test_a2d_says_nothing_about_the_true_class():
    (camera, lidar), target = predictions()
    c, z = (torch.tensor(x, dtype=torch.float32, requires_grad=True) for x in (camera, lidar))
    y = torch.tensor(target)
    a2d(c, z, y).backward()
    assert (c.grad.gather(1, y[:, None]) == 0).all()
    assert (z.grad.gather(1, y[:, None]) == 0).all()
    raised = c.detach() + 9 * torch.nn.functional.one_hot(y, 5)
    torch.testing.assert_close(a2d(raised, z, y), a2d(c, z, y))


def test_a2d_of_equal_and_of_opposite_predictions():
    z = torch.randn(30, 4, generator=torch.Generator().manual_seed(0), requires_grad=True)
    y = torch.zeros(30, dtype=torch.int64)
    same = a2d(z, z.detach().clone(), y)
    same.backward()
    assert same.item() == pytest.approx(0, abs=1e-5)
    assert torch.isfinite(z.grad).all()
    one, other = torch.tensor([[0.0, 99, 0, 0]]), torch.tensor([[0.0, 0, 99, 0]])
    assert a2d(one, other, torch.tensor([0])).item() == pytest.approx(-1)


def test_minimising_a2d_drives_predictions_apart_and_xmuda_together():
    (camera, lidar), target = predictions(50, scale=0.5)
    y = torch.tensor(target)
    for loss, sign in ((lambda c, z: a2d(c, z, y), 1), (xmuda, -1)):
        c, z = (torch.tensor(x, dtype=torch.float32, requires_grad=True) for x in (camera, lidar))
        before = (c.softmax(1) - z.softmax(1)).abs().sum().item()
        optimiser = torch.optim.SGD([c, z], lr=5.0)
        for _ in range(50):
            optimiser.zero_grad()
            loss(c, z).backward()
            optimiser.step()
        assert sign * ((c.softmax(1) - z.softmax(1)).abs().sum().item() - before) > 0


def test_xmuda_against_scipy():
    (camera, lidar), _ = predictions()
    p, q = softmax(camera, 1), softmax(lidar, 1)
    expected = (rel_entr(p, q).sum(1) + rel_entr(q, p).sum(1)).mean()
    assert xmuda(torch.tensor(camera), torch.tensor(lidar)).item() == pytest.approx(expected, rel=1e-5)


def test_each_modality_learns_from_the_other_as_a_fixed_teacher():
    """d KL(teacher || student) / d student's logits = student - teacher."""
    (camera, lidar), _ = predictions(8)
    c, z = (torch.tensor(x, dtype=torch.float32, requires_grad=True) for x in (camera, lidar))
    xmuda(c, z).backward()
    gap = np.exp(log_softmax(camera, 1)) - np.exp(log_softmax(lidar, 1))
    np.testing.assert_allclose(c.grad.numpy(), gap / 8, atol=1e-6)
    np.testing.assert_allclose(z.grad.numpy(), -gap / 8, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 30.0, 3000.0, 15000.0])
@pytest.mark.parametrize("loss", [lambda c, z, y: a2d(c, z, y), lambda c, z, y: xmuda(c, z)])
def test_values_and_gradients_stay_finite_under_autocast(loss, scale, dtype):
    logits, target = predictions(scale=scale)
    c, z = (torch.tensor(x, dtype=dtype, requires_grad=True) for x in logits)
    with torch.autocast("cpu", dtype if dtype != torch.float32 else torch.bfloat16):
        value = loss(c, z, torch.tensor(target))
    value.backward()
    assert value.dtype == torch.float32
    assert torch.isfinite(value)
    assert torch.isfinite(c.grad).all()
    assert torch.isfinite(z.grad).all()
