"""Three modalities: camera, the LiDAR's geometry and its reflectivity, and the mixing of all three."""

from dataclasses import replace

import pytest
import torch

from fm_ood_ros.errors import InputError
from training.config import Config, load_config
from training.losses.config import SynthesisConfig
from training.losses.objective import Objective
from training.models.compact import TrimodalFusion
from training.models.config import NetworkConfig
from training.models.cost import operations_by_part
from training.outliers.channel_swap import swap_order

SMALL = NetworkConfig((32, 64), (4, 6, 8, 8), (1, 1, 1), features=6, hidden=8, kind="trimodal")


def inputs():
    g = torch.Generator().manual_seed(0)
    image = torch.randint(0, 256, (2, 32, 64, 3), dtype=torch.uint8, generator=g)
    lidar = torch.rand(2, 5, 32, 64, generator=g) * 30
    return image, lidar * (torch.rand(2, 1, 32, 64, generator=g) < 0.3)


def network():
    torch.manual_seed(0)
    return TrimodalFusion(4, SMALL).eval()


def test_shapes():
    net = network()
    assert [tuple(f.shape) for f in net.features(*inputs())] == [(2, 6, 16, 32), (2, 3, 16, 32), (2, 3, 16, 32)]
    assert net(*inputs()).shape == (2, 4, 32, 64)
    assert (net.camera_channels, net.lidar_channels) == (6, 6)


def test_each_modality_sees_its_own_alone():
    net = network()
    image, lidar = inputs()
    before = net.features(image, lidar)
    brighter = lidar.clone()
    brighter[:, 4] *= 2
    nearer = lidar.clone()
    nearer[:, 1] *= 2
    for changed, moved in ((brighter, (False, False, True)), (nearer, (False, True, False))):
        after = net.features(image, changed)
        assert tuple(not torch.equal(a, b) for a, b in zip(before, after, strict=True)) == moved


@pytest.mark.parametrize(("normalise", "over"), [("layer", (1,)), ("batch", (0, 2, 3))])
def test_features_of_all_three_are_normalised(normalise, over):
    torch.manual_seed(0)
    streams = TrimodalFusion(4, replace(SMALL, normalise=normalise)).train().features(*inputs())
    for features in streams:
        mean = features.mean(over)
        torch.testing.assert_close(mean, torch.zeros_like(mean), atol=1e-5, rtol=0)
        spread = features.std(over, correction=0)
        assert spread.median() > 0.9, "less only where the channels of a position hardly differ"
        assert spread.max() < 1.001


def test_a_cycle_in_the_weights_is_a_cycle_of_features():
    """With three modalities an order is no longer its own inverse."""
    net = network()
    features = torch.cat(net.features(*inputs()), 1)
    order = swap_order(SMALL.widths, 2, generator=torch.Generator().manual_seed(3))
    assert not torch.equal(order, order.argsort())
    assert torch.allclose(net.head(features, order), net.head(features[:, order]), atol=1e-6)


@pytest.mark.parametrize("draw", ["batch", "block", "sample", "point"])
def test_learns_from_outliers_of_all_three(draw):
    config = Config(network=SMALL, synthesis=SynthesisConfig("feature_mixing", n=3, gamma1=0.1, draw=draw))
    net = network().train()
    image, lidar = inputs()
    target = torch.randint(0, 4, (2, 32, 64), dtype=torch.uint8)
    losses = Objective(net, torch.ones(4), config)({"image": image, "lidar": lidar, "target": target}, 0.1)
    losses["total"].backward()
    streams = (net.camera, net.lidar, net.reflectivity)
    assert all(sum(float(p.grad.abs().sum()) for p in stream.parameters()) > 0 for stream in streams)
    assert losses["entropy"] < 0


def test_more_channels_than_the_narrowest_modality_has_are_refused():
    with pytest.raises(InputError, match="0 to 3"):
        Config(network=SMALL, synthesis=SynthesisConfig("feature_mixing", n=4))


def test_losses_between_two_modalities_are_refused():
    with pytest.raises(InputError, match=r"unimodal_heads.*trimodal"):
        Config(network=replace(SMALL, unimodal_heads=True))


def test_an_odd_number_of_features_is_split_whole():
    config = load_config(None, ["network.kind=trimodal", "network.features=7", "synthesis.n=3"])
    assert config.network.widths == (7, 3, 4)


def test_costs_are_those_of_each_stream():
    net = network()
    costs = operations_by_part(net)
    assert set(costs) == {"camera", "lidar", "reflectivity", "head", "whole"}
    assert costs["head"] == 16 * 32 * (12 * 8 + 8 * 4)  # two convolutions of 1x1, at half of the size
    assert min(costs.values()) > 0 and costs["whole"] == sum(costs.values()) - costs["whole"]
