"""Feature Mixing does what the paper's section 3 and its two theorems say, in every form."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from fm_ood_ros.errors import InputError
from training.outliers.channel_swap import swap_order, swap_orders
from training.outliers.feature_mixing import DRAWS, feature_mixing
from training.outliers.folded_mixing import mixed_projection, mixed_weight

SHAPES = st.sampled_from([(), (3, 5)])


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def streams(widths, shape, seed=0, batch=2):
    """Modality i has mean 3i, so that a swap can be seen."""
    g = seeded(seed)
    return [torch.randn(batch, width, *shape, generator=g) + 3 * i for i, width in enumerate(widths)]


@st.composite
def cases(draw, most=4):
    widths = [draw(st.integers(1, 9)) for _ in range(draw(st.integers(2, most)))]
    return widths, draw(st.integers(0, min(widths))), draw(SHAPES), draw(st.integers(0, 1000))


def plain(modalities, order):
    """The definition, channel by channel: what stands at each place of Fo."""
    features = torch.cat(modalities, 1)
    return torch.stack([features[:, int(source)] for source in order], 1)


@settings(deadline=None, max_examples=60)
@given(cases(), st.sampled_from(DRAWS))
def test_channels_are_handed_on_whole_from_modality_to_modality(case, draw):
    widths, n, shape, seed = case
    modality = torch.repeat_interleave(torch.arange(len(widths)), torch.tensor(widths))
    order = torch.arange(sum(widths))
    tags = [t.view(1, -1, *[1] * len(shape)).expand(2, -1, *shape) for t in order.split(widths)]
    mixed = feature_mixing(tags, n, draw, seeded(seed)).movedim(1, -1).reshape(-1, len(order))
    for found in mixed:
        assert sorted(found.tolist()) == order.tolist(), "every channel is there once"
        moved = found != order
        assert moved.sum() == n * len(widths)
        assert (modality[found[moved]] == (modality[moved] - 1) % len(widths)).all(), "from the modality before"


@settings(deadline=None, max_examples=60)
@given(cases(), st.booleans())
def test_one_permutation_is_the_definition(case, block):
    widths, n, shape, seed = case
    modalities = streams(widths, shape, seed)
    order = swap_order(widths, n, block, seeded(seed))
    mixed = feature_mixing(modalities, n, "block" if block else "batch", seeded(seed))
    assert torch.equal(mixed, plain(modalities, order))


@settings(deadline=None, max_examples=30)
@given(cases(most=2))
def test_the_cycle_of_two_is_the_papers_swap(case):
    (camera, lidar), n, shape, seed = case
    fc, fl = streams((camera, lidar), shape, seed)
    g = seeded(seed)
    a, b = torch.randperm(camera, generator=g)[:n], torch.randperm(lidar, generator=g)[:n]
    oc, ol = fc.clone(), fl.clone()
    oc[:, a], ol[:, b] = fl[:, b], fc[:, a]
    assert torch.equal(feature_mixing([fc, fl], n, generator=seeded(seed)), torch.cat([oc, ol], 1))


@settings(deadline=None, max_examples=60)
@given(cases(most=2))
def test_the_distance_keeps_theorem_2(case):
    widths, n, _, seed = case
    fc, fl = streams(widths, (), seed)
    distance = (feature_mixing([fc, fl], n, generator=seeded(seed)) - torch.cat([fc, fl], 1)).norm(dim=1)
    delta = (fc[:, :, None] - fl[:, None]).abs().amax((1, 2))
    assert (distance <= (2 * n) ** 0.5 * delta + 1e-5).all()


@pytest.mark.parametrize("draw", DRAWS)
def test_no_channel_swapped_is_identity(draw):
    modalities = streams((4, 6), (3, 5))
    assert torch.equal(feature_mixing(modalities, 0, draw), torch.cat(modalities, 1))


@pytest.mark.parametrize("draw", DRAWS)
def test_the_mean_moves_farther_with_more_channels(draw):
    """Theorem 1: with Gaussian modalities of different means, the outliers' Mahalanobis distance grows with N."""
    modalities = streams((16, 32), (), batch=4000)
    known = torch.cat(modalities, 1)
    mean, precision = known.mean(0), torch.linalg.inv(known.T.cov())
    distances = []
    for n in (0, 2, 4, 8, 16):
        gap = feature_mixing(modalities, n, draw, seeded(0)) - mean
        distances.append((gap @ precision * gap).sum(1).mean().item())
    assert distances == sorted(distances)
    assert distances[1] > 1.2 * distances[0]
    shift = feature_mixing(modalities, 16, "batch", seeded(0)).mean(0) - mean
    assert shift.norm().item() == pytest.approx((2 * 16) ** 0.5 * 3, rel=0.1)


@pytest.mark.parametrize("draw", DRAWS)
def test_draws_follow_their_seed(draw):
    modalities = streams((16, 32), (2, 2))
    first, again, other = (feature_mixing(modalities, 5, draw, seeded(s)) for s in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    torch.manual_seed(5)
    first = feature_mixing(modalities, 5, draw)
    torch.manual_seed(5)
    assert torch.equal(first, feature_mixing(modalities, 5, draw))


@pytest.mark.parametrize(("draw", "different"), [("batch", 1), ("block", 1), ("sample", 6), ("point", 24)])
def test_how_many_draws_a_batch_takes(draw, different):
    modalities = [x[:1, :, :1, :1].expand(6, -1, 2, 2) for x in streams((16, 32), (1, 1))]
    mixed = feature_mixing(modalities, 10, draw, seeded(0)).movedim(1, -1).flatten(0, -2)
    assert len({tuple(row.tolist()) for row in mixed}) == different


def test_every_channel_gets_its_turn_with_every_partner():
    one_by_one = torch.stack([swap_order((6, 9), 2, generator=seeded(s)) for s in range(4000)])
    for orders in (one_by_one, swap_orders(4000, (6, 9), 2, seeded(0))):
        moved = (orders != torch.arange(15)).float().mean(0)
        torch.testing.assert_close(moved[:6], torch.full((6,), 2 / 6), atol=0.04, rtol=0)
        torch.testing.assert_close(moved[6:], torch.full((9,), 2 / 9), atol=0.04, rtol=0)
        partners = orders[:, 0].bincount(minlength=15)[6:] / len(orders)
        torch.testing.assert_close(partners, torch.full((9,), 2 / 6 / 9), atol=0.02, rtol=0)


def test_channels_are_drawn_by_their_importance():
    importance = torch.tensor([1.0, 1, 3, 0, 0, 5, 5])
    orders = torch.stack([swap_order((3, 4), 1, generator=seeded(s), importance=importance) for s in range(2000)])
    moved = (orders != torch.arange(7)).float().mean(0)
    torch.testing.assert_close(moved, torch.tensor([0.2, 0.2, 0.6, 0, 0, 0.5, 0.5]), atol=0.04, rtol=0)
    assert torch.equal(swap_order((3, 4), 0, importance=importance), torch.arange(7))
    assert (swap_order((3, 4), 3, importance=torch.zeros(7)) != torch.arange(7)).sum() == 6


@pytest.mark.parametrize("draw", DRAWS)
def test_gradients_flow_to_all_streams(draw):
    modalities = [x.requires_grad_() for x in streams((4, 6, 5), (3, 2))]
    (feature_mixing(modalities, 3, draw) * 2).sum().backward()
    assert all((x.grad == 2).all() for x in modalities)


def by_definition(features, layer, order):
    return layer(features[:, order])


def by_weight(features, layer, order):
    return torch.func.functional_call(layer, {"weight": mixed_weight(layer.weight, order)}, (features,), strict=False)


def by_change(features, layer, order):
    return mixed_projection(layer(features), features, layer.weight, order)


@pytest.mark.parametrize("widths", [(16, 32), (8, 8, 16)])
@pytest.mark.parametrize("layer", ["linear", 1, 3, 5])
@pytest.mark.parametrize("form", [by_weight, by_change])
def test_forms_inside_the_head_equal_the_plain_one(form, layer, widths):
    torch.manual_seed(0)
    channels = sum(widths)
    conv = layer != "linear"
    net = torch.nn.Conv2d(channels, 20, layer, padding=layer // 2) if conv else torch.nn.Linear(channels, 20)
    features = torch.cat(streams(widths, (7, 9) if conv else ()), 1).requires_grad_()
    order = swap_order(widths, 6, generator=seeded(3))
    results = []
    for compute in (by_definition, form):
        net.zero_grad()
        features.grad = None
        logits = compute(features, net, order)
        F.log_softmax(logits, 1).square().mean().backward()
        results.append((logits, features.grad.clone(), net.weight.grad.clone(), net.bias.grad.clone()))
    for plainly, quickly in zip(*results, strict=True):
        torch.testing.assert_close(quickly, plainly, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("n", [-1, 5])
def test_an_impossible_number_of_channels_is_refused(n, draw):
    with pytest.raises(InputError, match=rf"n = {n} and modalities of \[4, 6\] channels, .*choose a smaller n"):
        feature_mixing(streams((4, 6), (3, 2)), n, draw)


def test_a_single_modality_is_refused():
    with pytest.raises(InputError, match=r"modalities of \[4\] channels, expected two or more"):
        feature_mixing(streams((4,), ()), 1)


@pytest.mark.parametrize("draw", DRAWS)
def test_half_precision_is_kept(draw):
    assert feature_mixing([x.bfloat16() for x in streams((4, 6), (3, 5))], 2, draw).dtype == torch.bfloat16
