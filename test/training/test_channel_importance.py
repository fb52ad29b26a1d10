"""Importance finds the channel that stands out, whichever way it is measured."""

import pytest
import torch

from training.models.compact import CompactFusion
from training.models.config import NetworkConfig
from training.outliers.channel_importance import channel_importance


@pytest.fixture
def network():
    torch.manual_seed(0)
    return CompactFusion(3, NetworkConfig((32, 64), (4, 6, 8, 8), (1, 1, 1), 6, 8))


@pytest.mark.parametrize("choice", ["variance", "weight", "gradient"])
def test_the_channel_that_stands_out_is_found(network, choice):
    features = torch.randn(2, 12, 16, 32, requires_grad=True)
    with torch.no_grad():
        network.classifier[0].weight[:, 7] *= 1 if choice == "variance" else 50
        scale = torch.ones(12)
        scale[7] = 50 if choice == "variance" else 1
    found = channel_importance(choice, network, features * scale.view(1, -1, 1, 1))
    assert found.shape == (12,)
    assert found.argmax() == 7
    assert found[7] > 5 * found[torch.arange(12) != 7].max()
    assert not found.requires_grad
    assert features.grad is None
    assert all(p.grad is None for p in network.parameters())


def test_chance_alone_needs_no_importance(network):
    assert channel_importance("random", network, torch.randn(2, 12, 16, 32)) is None
