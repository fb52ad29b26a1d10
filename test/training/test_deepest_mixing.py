"""Mixing in the encoders' deepest maps: the same loss, outliers that were decoded."""

import pytest
import torch

from fm_ood_ros.errors import InputError
from training.config import Config, OptimiserConfig
from training.losses.config import SynthesisConfig
from training.losses.objective import Objective
from training.models.compact import CompactFusion
from training.models.config import NetworkConfig
from training.outliers.deepest_mixing import mix_deepest

SIZE = (32, 64)


def objective(place, n, precision="fp32"):
    torch.manual_seed(0)
    shape = NetworkConfig(SIZE, (4, 6, 8, 8), (1, 1, 1), 6, 8, dropout=0.0)
    synthesis = SynthesisConfig("feature_mixing", n=n, place=place, loss="energy", points=0)
    config = Config(network=shape, optimiser=OptimiserConfig(precision=precision), synthesis=synthesis)
    network = CompactFusion(3, shape, ([120.0] * 3, [70.0] * 3))
    return Objective(network, torch.ones(3), config)


def test_without_a_swap_outliers_are_what_the_network_makes_of_known_points(sample):
    o = objective("deepest", 0)
    network = o.network.eval()
    encoded = network.encode(sample["image"], sample["lidar"])
    expected = torch.cat(network.features(sample["image"], sample["lidar"]), 1)
    torch.testing.assert_close(mix_deepest(network, *encoded, 0), expected)
    assert not torch.allclose(mix_deepest(network, *encoded, 4), expected)


def test_a_swap_of_all_hands_each_decoder_the_others_map(sample):
    network = objective("deepest", 8).network.eval()
    camera, lidar = network.encode(sample["image"], sample["lidar"])
    torch.manual_seed(3)
    mixed = mix_deepest(network, camera, lidar, 8)
    torch.manual_seed(3)
    a, b = torch.randperm(8), torch.randperm(8)
    theirs, ours = torch.empty_like(camera[-1]), torch.empty_like(camera[-1])
    theirs[:, a], ours[:, b] = lidar[-1][:, b], camera[-1][:, a]
    expected = network.decode((*camera[:-1], theirs), (*lidar[:-1], ours))
    torch.testing.assert_close(mixed, torch.cat(expected, 1))


def test_outliers_leave_no_trace_in_the_batch_norms(sample):
    with_outliers, without = objective("deepest", 4).train(), objective("deepest", 4).train()
    with_outliers(sample, 1.0)
    without(sample, 0.0)
    assert with_outliers.network.training
    ours, theirs = (dict(o.network.named_buffers()) for o in (with_outliers, without))
    assert any("running_mean" in name for name in ours)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_the_loss_reaches_both_encoders(sample, precision):
    o = objective("deepest", 4, precision).train()
    losses = o(sample, 1.0)
    losses["energy"].backward()
    for stem in (o.network.camera.stem, o.network.lidar.stem):
        assert stem[0][0].weight.grad.abs().sum() > 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"draw": "sample"}, "synthesis.place is deepest, expected features but for random batch draws"),
        ({"method": "mixup"}, "synthesis.place is deepest, expected features but for random batch draws"),
        ({"place": "stem"}, "synthesis.place is stem, expected one of features, deepest"),
    ],
)
def test_where_it_cannot_be_is_said(changes, message):
    with pytest.raises(InputError, match=message):
        SynthesisConfig(**{"method": "feature_mixing", "n": 4, "place": "deepest"} | changes)


@pytest.mark.parametrize(("kind", "n", "message"), [("trimodal", 4, "synthesis.place"), ("compact", 97, "0 to 96")])
def test_networks_that_have_no_such_maps_are_refused(kind, n, message):
    with pytest.raises(InputError, match=message):
        Config(network=NetworkConfig(kind=kind), synthesis=SynthesisConfig("feature_mixing", n=n, place="deepest"))
