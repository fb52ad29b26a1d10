"""The average of the weights, against the sum written out and against torch's own."""

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from training.engine.averaging import WeightAverage
from training.models.compact import CompactFusion
from training.models.config import NetworkConfig

CONFIG = NetworkConfig((32, 64), (4, 6, 8, 8), (1, 1, 1), features=6, hidden=8)


def moving_network(steps, seed=0):
    """The same network with new weights and statistics at every step."""
    torch.manual_seed(seed)
    network = CompactFusion(4, CONFIG)
    for _ in range(steps):
        with torch.no_grad():
            for value in network.state_dict().values():
                value.copy_(torch.randn_like(value) if value.is_floating_point() else value + 1)
        yield network


def test_against_the_sum_written_out():
    history, average = [], None
    for step, network in enumerate(moving_network(40)):
        average = average or WeightAverage(network, 0.6)
        average.update(network, step)
        history.append({k: v.clone() for k, v in network.state_dict().items()})
    name = "classifier.0.weight"
    expected = history[0][name]
    for step, state in enumerate(history):
        d = min(0.6, (1 + step) / (10 + step))
        expected = d * expected + (1 - d) * state[name]
    kept = average.network.state_dict()
    torch.testing.assert_close(kept[name], expected)
    assert kept["camera.stem.0.1.num_batches_tracked"] == 40
    assert not torch.equal(kept["camera.stem.0.1.running_mean"], history[-1]["camera.stem.0.1.running_mean"])


def test_against_torchs_average_once_the_decay_is_reached():
    mine = theirs = None
    for step, network in enumerate(moving_network(30), start=1000):
        mine = mine or WeightAverage(network, 0.9)
        theirs = theirs or AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(0.9))
        mine.update(network, step)
        theirs.update_parameters(network)
    for a, b in zip(mine.network.parameters(), theirs.module.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)


def test_the_network_itself_is_left_alone():
    network = next(moving_network(1))
    before = {k: v.clone() for k, v in network.state_dict().items()}
    average = WeightAverage(network, 0.9)
    average.update(network, 0)
    assert all(torch.equal(before[k], v) for k, v in network.state_dict().items())
    assert not average.network.training
    assert not any(p.requires_grad for p in average.network.parameters())
