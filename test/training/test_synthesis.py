"""The rivals of Feature Mixing: what each one's outliers are made of."""

import numpy as np
import pytest
import torch
from scipy import stats

from fm_ood_ros.errors import InputError
from training.outliers.beta import symmetric_beta
from training.outliers.cross_pair import cross_pair, other_class
from training.outliers.mixup import mixup
from training.outliers.np_mix import NpMix, nearest_classes
from training.outliers.npos import Npos
from training.outliers.queues import ClassQueues
from training.outliers.vos import Vos, shared_covariance


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def clusters(per_class=200, channels=6, seed=0):
    """Rows of three classes around 0, 10 and 30, spread 1, shuffled."""
    g = seeded(seed)
    labels = torch.arange(3).repeat(per_class)[torch.randperm(3 * per_class, generator=g)]
    rows = torch.randn(len(labels), channels, generator=g) + torch.tensor([0.0, 10.0, 30.0])[labels][:, None]
    return rows, labels


MEMORIES = [
    lambda: Vos(3, 6, size=100, draws=500),
    lambda: Npos(3, 6, size=100, k=5, boundary=20),
    lambda: NpMix(3, 6, size=65),
]


def test_beta_variates_have_their_distribution():
    found = symmetric_beta(4000, 10.0, seeded()).numpy()
    assert stats.kstest(found, stats.beta(10, 10).cdf).pvalue > 0.01


@pytest.mark.parametrize("shape", [(), (3, 4)])
def test_mixup_lies_between_two_different_samples(shape):
    g = seeded()
    modalities = [torch.randn(5, 3, *shape, generator=g), torch.randn(5, 4, *shape, generator=g)]
    known = torch.cat(modalities, 1).flatten(1)
    for own, mixed in zip(known, mixup(modalities, generator=seeded(1)).flatten(1), strict=True):
        others = [other for other in known if not torch.equal(other, own)]
        shares = [((mixed - o) @ (own - o) / ((own - o) @ (own - o))).item() for o in others]
        rest = [(s * own + (1 - s) * o - mixed).norm().item() for s, o in zip(shares, others, strict=True)]
        best = int(np.argmin(rest))
        assert rest[best] < 1e-4
        assert 0.05 < shares[best] < 0.95


def test_mixup_needs_two_samples_and_passes_gradients():
    with pytest.raises(InputError, match="mixup got 1 sample"):
        mixup([torch.zeros(1, 3), torch.zeros(1, 4)])
    x = torch.randn(4, 3, requires_grad=True)
    mixup([x, torch.zeros(4, 2)]).sum().backward()
    assert x.grad.sum().item() == pytest.approx(12)


def test_another_class_is_drawn_uniformly():
    labels = torch.tensor([0, 2, 2, 0, 5, 2])
    drawn = torch.stack([other_class(labels, seeded(s)) for s in range(3000)])
    assert (labels[drawn] != labels).all()
    share = drawn[:, 0].bincount(minlength=6) / len(drawn)
    torch.testing.assert_close(share, torch.tensor([0, 0.25, 0.25, 0, 0.25, 0.25]), atol=0.04, rtol=0)
    assert torch.equal(other_class(torch.full((4,), 3)), torch.arange(4)), "a single class has no other"


@pytest.mark.parametrize("shape", [(), (3, 4)])
def test_cross_pairs_join_two_classes(shape):
    labels = torch.randint(0, 3, (6, *shape), generator=seeded())
    tag = labels[:, None].float()
    noise = torch.rand(6, 2, *shape, generator=seeded(1)) / 2
    camera, lidar, third = tag + noise, tag + noise, tag.expand(-1, 3, *shape)
    mixed = cross_pair([camera, lidar, third], labels, seeded(2))
    assert torch.equal(mixed[:, :2], camera)
    assert (mixed[:, 2:4].floor() != tag).all()
    assert (mixed[:, 4:] != tag).all()
    assert (mixed[:, 2].floor() != mixed[:, 4]).any(), "each modality has a partner of its own"


@pytest.mark.parametrize("size", [1, 4, 50])
def test_queues_keep_the_newest_of_every_class(size):
    queues, held = ClassQueues(4, 1, size), {c: [] for c in range(4)}
    g = seeded()
    for start in range(0, 100, 10):
        labels = torch.randint(0, 3, (10,), generator=g)
        values = torch.arange(start, start + 10.0)
        queues.update(values[:, None], labels)
        for value, label in zip(values.tolist(), labels.tolist(), strict=True):
            held[label] = [*held[label], value][-size:]
    for label, values in held.items():
        assert sorted(queues.rows[label, : queues.held[label], 0].tolist()) == values
    assert queues.full().tolist() == [c for c, values in held.items() if len(values) == size]


@pytest.mark.parametrize("make", MEMORIES)
def test_a_memory_gives_nothing_before_it_is_full(make):
    method = make()
    assert method.synthesise(10).shape == (0, 6)
    rows, labels = clusters(30)
    method.update(rows, labels)
    assert method.synthesise(10).shape == (0, 6)


@pytest.mark.parametrize("make", MEMORIES)
def test_outliers_follow_seed_and_state_and_carry_no_gradient(make):
    method, copy = make(), make()
    rows, labels = clusters()
    method.update(rows.requires_grad_(), labels)
    copy.load_state_dict(method.state_dict())
    first = method.synthesise(40, seeded(1))
    assert first.shape == (40, 6)
    assert not first.requires_grad
    assert torch.equal(first, copy.synthesise(40, seeded(1)))
    assert not torch.equal(first, method.synthesise(40, seeded(2)))


@pytest.mark.parametrize("make", MEMORIES)
def test_classes_that_are_not_full_take_no_part(make):
    method = make()
    rows, labels = clusters()
    seldom = (labels != 1) | (torch.arange(len(labels)) < 30)
    method.update(rows[seldom], labels[seldom])
    outliers = method.synthesise(60, seeded()).mean(1)
    near = (outliers[:, None] - torch.tensor([0.0, 10.0, 30.0])).abs().argmin(1)
    assert len(outliers) == 60
    if not isinstance(method, NpMix):  # its mixtures of 0 and 30 do pass by 10
        assert set(near.tolist()) == {0, 2}


def test_vos_keeps_the_least_likely_of_its_gaussians():
    method = Vos(3, 6, size=200, draws=2000)
    rows, labels = clusters(200)
    method.update(rows, labels)
    queues = method.queues.rows.double().numpy()
    means = queues.mean(1)
    covariance = np.mean([np.cov(q.T, bias=True) for q in queues], 0) + 1e-4 * np.eye(6)
    np.testing.assert_allclose(shared_covariance(*map(torch.tensor, (queues, means))).numpy(), covariance, rtol=1e-5)
    outliers = method.synthesise(30, seeded()).double().numpy()
    threshold = stats.chi2(6).ppf(1 - 10 / 2000)  # the farthest 10 of 2000 draws per class
    for mean, made in zip(means, outliers.reshape(3, 10, 6), strict=True):
        distance = np.einsum("ij,jk,ik->i", made - mean, np.linalg.inv(covariance), made - mean)
        assert distance.min() > 0.8 * threshold
        assert distance.max() < 3 * threshold


def test_vos_stands_a_queue_without_spread():
    method = Vos(2, 3, size=5, draws=50)
    method.update(torch.ones(10, 3), torch.arange(2).repeat(5))
    assert torch.isfinite(method.synthesise(8, seeded())).all()


def test_npos_goes_around_the_boundary_outwards():
    """Boundary points of a fan of directions are its edges; outliers have their length and leave the fan."""
    angles = torch.linspace(-1, 1, 101)
    rows = 7 * torch.stack([angles.cos(), angles.sin()], 1)
    method = Npos(1, 2, size=101, k=5, boundary=10, draws=20, noise=0.02)
    method.update(rows, torch.zeros(101, dtype=torch.int64))
    outliers = method.synthesise(20, seeded())
    angle = torch.atan2(outliers[:, 1], outliers[:, 0]).abs()
    assert (angle > 0.9).all(), "from the edges"
    assert (angle > 1).float().mean() > 0.8, "mostly beyond them"
    assert (outliers.norm(dim=1) / 7 - 1).abs().max() < 0.1


def test_np_mix_joins_a_class_with_one_of_its_two_nearest():
    means = torch.tensor([[0.0], [1.0], [3.0], [10.0]])
    assert nearest_classes(means, 2).tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]
    assert nearest_classes(means[:2], 2).tolist() == [[1], [0]]
    tags = torch.eye(4) * torch.tensor([1.0, 2.0, 6.0, 50.0])  # class 3 is everybody's last choice
    method = NpMix(4, 4, size=65)
    method.update(tags.repeat(65, 1), torch.arange(4).repeat(65))
    shares = method.synthesise(500, seeded()) / tags.diagonal()
    assert ((shares > 1e-6).sum(1) == 2).all(), "two classes each"
    torch.testing.assert_close(shares.sum(1), torch.ones(500))
    assert (shares.amax(1) < 0.95).all()
    third = shares[:, 3] > 0
    assert 0.1 < third.float().mean() < 0.4, "only as the class that looks for a neighbour"
