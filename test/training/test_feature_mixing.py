"""Feature Mixing does what the paper's section 3 and its two theorems say."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fm_ood_ros.errors import InputError
from training.feature_mixing import feature_mixing, mix_channels, mixing_permutation

SHAPES = st.sampled_from([(), (3,), (3, 5)])


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def streams(camera, lidar, shape, seed=0, batch=2):
    g = seeded(seed)
    return torch.randn(batch, camera, *shape, generator=g), torch.randn(batch, lidar, *shape, generator=g) + 3


@st.composite
def cases(draw):
    camera, lidar = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    return camera, lidar, draw(st.integers(0, min(camera, lidar))), draw(SHAPES), draw(st.integers(0, 1000))


@settings(deadline=None, max_examples=60)
@given(cases(), st.booleans())
def test_channels_are_swapped_whole_between_the_modalities(case, per_sample):
    camera, lidar, n, shape, seed = case
    fc, fl = streams(camera, lidar, shape, seed)
    mixed = feature_mixing(fc, fl, n, per_sample, seeded(seed))
    assert mixed.shape == (2, camera + lidar, *shape)
    for before, after in zip(torch.cat([fc, fl], 1), mixed, strict=True):
        match = (after[:, None] == before[None]).flatten(2).all(2) if shape else after[:, None] == before[None]
        order = match.float().argmax(1)
        assert match.any(1).all(), "every channel of Fo is one of F, whole"
        assert sorted(order.tolist()) == list(range(camera + lidar)), "and each is there once"
        moved = (order != torch.arange(camera + lidar)).nonzero()[:, 0]
        assert len(moved) == 2 * n
        assert ((moved < camera) != (order[moved] < camera)).all(), "a moved channel comes from the other modality"


@settings(deadline=None, max_examples=60)
@given(cases())
def test_the_distance_keeps_theorem_2(case):
    camera, lidar, n, _, seed = case
    fc, fl = streams(camera, lidar, (), seed)
    distance = (feature_mixing(fc, fl, n, generator=seeded(seed)) - torch.cat([fc, fl], 1)).norm(dim=1)
    delta = (fc[:, :, None] - fl[:, None]).abs().amax((1, 2))
    assert (distance <= (2 * n) ** 0.5 * delta + 1e-5).all()


def test_no_channel_swapped_is_identity():
    fc, fl = streams(4, 6, (3, 5))
    assert torch.equal(feature_mixing(fc, fl, 0), torch.cat([fc, fl], 1))


def test_the_mean_moves_farther_with_more_channels():
    """Theorem 1: with modalities of different means the outliers' mean leaves the inliers' as N grows."""
    fc, fl = streams(16, 32, (), batch=2000)
    mean = torch.cat([fc, fl], 1).mean(0)
    shift = [(feature_mixing(fc, fl, n, generator=seeded(0)).mean(0) - mean).norm().item() for n in (0, 2, 4, 8, 16)]
    assert shift == sorted(shift)
    assert shift[1] > 0.5
    assert shift[4] == pytest.approx((2 * 16) ** 0.5 * 3, rel=0.1)


def test_draws_follow_their_seed():
    fc, fl = streams(16, 32, (2, 2))
    assert torch.equal(feature_mixing(fc, fl, 10, generator=seeded(1)), feature_mixing(fc, fl, 10, generator=seeded(1)))
    assert not torch.equal(
        feature_mixing(fc, fl, 10, generator=seeded(1)), feature_mixing(fc, fl, 10, generator=seeded(2))
    )
    torch.manual_seed(5)
    first = feature_mixing(fc, fl, 10)
    torch.manual_seed(5)
    assert torch.equal(first, feature_mixing(fc, fl, 10))


def test_one_draw_per_batch_or_one_per_sample():
    fc, fl = (x[:1].expand(6, -1, -1) for x in streams(16, 32, (2,)))
    batch = feature_mixing(fc, fl, 10, generator=seeded(0))
    assert (batch == batch[:1]).all()
    samples = feature_mixing(fc, fl, 10, per_sample=True, generator=seeded(0))
    assert len({tuple(s.flatten().tolist()) for s in samples}) == 6


def test_every_channel_gets_its_turn():
    order = torch.stack([mixing_permutation(6, 9, 2, seeded(s)) for s in range(400)])
    moved = (order != torch.arange(15)).float().mean(0)
    assert torch.allclose(moved[:6], torch.tensor(2 / 6), atol=0.1)
    assert torch.allclose(moved[6:], torch.tensor(2 / 9), atol=0.1)


@pytest.mark.parametrize("per_sample", [False, True])
def test_gradients_flow_to_both_streams(per_sample):
    fc, fl = streams(4, 6, (3,))
    fc.requires_grad_(), fl.requires_grad_()
    (feature_mixing(fc, fl, 3, per_sample) * 2).sum().backward()
    assert (fc.grad == 2).all()
    assert (fl.grad == 2).all()


@pytest.mark.parametrize("n", [-1, 5])
def test_an_impossible_number_of_channels_is_refused(n):
    with pytest.raises(InputError, match=rf"n = {n} channels, expected 0 to 4 for 4 camera and 6 LiDAR"):
        feature_mixing(*streams(4, 6, (3,)), n)


def test_half_precision_and_layout_are_kept():
    fc, fl = (x.bfloat16() for x in streams(4, 6, (3, 5)))
    assert mix_channels(torch.cat([fc, fl], 1), 4, 2).dtype == torch.bfloat16
