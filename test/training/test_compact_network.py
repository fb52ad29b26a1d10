"""The compact network: size, shapes, and what it makes of raw inputs."""

from dataclasses import replace

import pytest
import torch

from fm_ood_ros.errors import InputError
from training.models.compact import CompactFusion
from training.models.config import NetworkConfig
from training.models.cost import multiply_accumulates, parameters
from training.outliers.channel_swap import swap_order

SMALL = NetworkConfig((32, 64), (4, 6, 8, 8), (1, 1, 1), features=6, hidden=8)


def inputs(size=(32, 64), batch=2):
    g = torch.Generator().manual_seed(0)
    image = torch.randint(0, 256, (batch, *size, 3), dtype=torch.uint8, generator=g)
    lidar = torch.rand(batch, 5, *size, generator=g) * 30
    return image, lidar * (torch.rand(batch, 1, *size, generator=g) < 0.3)


def network(config=SMALL, classes=4, **scales):
    torch.manual_seed(0)
    return CompactFusion(classes, config, **scales).eval()


def test_fits_a_vehicles_cpu():
    full = CompactFusion(14, NetworkConfig())
    print(f"{parameters(full)} parameters, {multiply_accumulates(full)} multiply-accumulates")
    assert 0.9e6 < parameters(full) < 1.1e6
    assert 1.4e9 < multiply_accumulates(full) < 1.61e9


def test_shapes():
    net = network()
    camera, lidar = net.features(*inputs())
    assert camera.shape == lidar.shape == (2, 6, 16, 32)
    assert net.head(torch.cat([camera, lidar], 1)).shape == (2, 4, 16, 32)
    assert net(*inputs()).shape == (2, 4, 32, 64)


def test_a_size_that_the_encoder_cannot_halve_is_refused():
    with pytest.raises(InputError, match="multiples of 16"):
        CompactFusion(4, replace(SMALL, size=(40, 64)))


def test_normalisation_is_inside():
    """Inputs in other units and a network that knows these units: the same logits."""
    image, lidar = inputs()
    mean, std = [10.0, 8.0, 1.0, -1.0, 5.0], [7.0, 6.0, 5.0, 2.0, 3.0]
    theirs = network(lidar_scale=(mean, std))
    metres, feet = theirs(image, lidar), lidar * 3.28
    theirs.load_state_dict(
        theirs.state_dict()
        | {
            "normalise_lidar.mean": theirs.normalise_lidar.mean * 3.28,
            "normalise_lidar.std": theirs.normalise_lidar.std * 3.28,
        }
    )
    torch.testing.assert_close(theirs(image, feet), metres, rtol=1e-3, atol=1e-4)


def test_empty_cells_say_nothing_but_that_they_are_empty():
    """What lies in a cell of range 0 does not reach the LiDAR stream."""
    image, lidar = inputs()
    net = network(lidar_scale=([10.0] * 5, [5.0] * 5))
    garbage = lidar.clone()
    garbage[:, 1:] += 77 * (lidar[:, :1] == 0)
    torch.testing.assert_close(net(image, garbage), net(image, lidar))
    assert not torch.allclose(net(image, lidar * 0), net(image, lidar))


def test_both_streams_reach_the_verdict():
    image, lidar = inputs()
    net = network(image_scale=([100.0] * 3, [50.0] * 3), lidar_scale=([10.0] * 5, [5.0] * 5))
    assert not torch.allclose(net(image, lidar), net(255 - image, lidar))
    assert not torch.allclose(net(image, lidar), net(image, lidar * 1.5))


def test_swapped_weights_are_swapped_features():
    net = network()
    features = torch.randn(2, 12, 5, 7).requires_grad_()
    order = swap_order((6, 6), 4)
    torch.testing.assert_close(net.head(features, order), net.head(features[:, order]))
    grads = []
    for logits in (net.head(features, order), net.head(features[:, order])):
        net.zero_grad()
        features.grad = None
        logits.square().sum().backward()
        grads.append((features.grad.clone(), net.classifier[0].weight.grad.clone()))
    for mine, theirs in zip(*grads, strict=True):
        torch.testing.assert_close(mine, theirs)


def test_unimodal_heads_come_when_asked():
    net = network(replace(SMALL, unimodal_heads=True))
    camera, lidar = net.features(*inputs())
    assert net.camera_head(camera).shape == net.lidar_head(lidar).shape == (2, 4, 16, 32)
    assert not hasattr(network(), "camera_head")


@pytest.mark.parametrize(("kind", "dims"), [("layer", (1,)), ("batch", (0, 2, 3))])
def test_features_are_normalised_when_asked(kind, dims):
    net = network(replace(SMALL, normalise=kind)).train()
    for features in net.features(*inputs()):
        torch.testing.assert_close(features.mean(dims), torch.zeros_like(features.mean(dims)), rtol=0, atol=1e-4)
        assert (features.std(dims, correction=0) < 1.001).all()
        assert features.std().item() > 0.5
