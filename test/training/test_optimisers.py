"""The paper's recipe: which weights each optimiser has, and how fast they learn when."""

import math

import pytest
import torch

from training.config import OptimiserConfig
from training.engine.optimisers import OPTIMISERS, warm_cosine
from training.models.config import NetworkConfig, PaperConfig
from training.models.paper import PaperFusion

SMALL = NetworkConfig((32, 64), hidden=8, unimodal_heads=True, kind="paper", paper=PaperConfig("resnet18", 8, 1, 4, 8))


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_every_weight_has_one_optimiser(kind):
    network = PaperFusion(4, SMALL)
    pairs = OPTIMISERS[kind](network, OptimiserConfig())
    held = [id(p) for optimiser, _ in pairs for group in optimiser.param_groups for p in group["params"]]
    assert sorted(held) == sorted(id(p) for p in network.parameters())


def test_the_camera_learns_by_momentum_and_the_rest_by_adam():
    network = PaperFusion(4, SMALL)
    settings = OptimiserConfig(kind="paper", learning_rate=1e-3, weight_decay=1e-5)
    (camera, _), (rest, _) = OPTIMISERS["paper"](network, settings)
    assert isinstance(camera, torch.optim.SGD)
    assert isinstance(rest, torch.optim.AdamW)
    assert (camera.defaults["momentum"], camera.defaults["nesterov"]) == (0.9, True)
    assert camera.defaults["weight_decay"] == 1e-5
    expected = {id(p) for part in (network.camera, network.camera_head) for p in part.parameters()}
    assert {id(p) for p in camera.param_groups[0]["params"]} == expected


def test_the_rate_rises_over_the_warm_up_and_falls_to_nothing():
    network = PaperFusion(4, SMALL)
    settings = OptimiserConfig(kind="paper", iterations=100, learning_rate=1e-3, warmup=0.1)
    optimiser, schedule = OPTIMISERS["paper"](network, settings)[0]
    rates = []
    for _ in range(100):
        rates.append(schedule.get_last_lr()[0])
        optimiser.step()
        schedule.step()
    assert rates[:10] == pytest.approx([1e-4 * k for k in range(1, 11)])
    assert rates[10] == pytest.approx(1e-3)
    assert rates[55] == pytest.approx(0.5e-3)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 1e-6
    assert warm_cosine(32, 10, 100) == pytest.approx(0.5 + 0.5 * math.cos(math.pi * 22 / 90))


@pytest.mark.parametrize(("steps", "warmup"), [(10, 0.1), (50, 0.02), (1, 0.1), (7, 0.1)])
def test_a_warm_up_of_one_step_is_no_division_by_nothing(steps, warmup):
    network = PaperFusion(4, SMALL)
    settings = OptimiserConfig(iterations=steps, warmup=warmup)
    ((optimiser, schedule),) = OPTIMISERS["adamw"](network, settings)
    rates = []
    for _ in range(steps):
        rates.append(schedule.get_last_lr()[0])
        optimiser.step()
        schedule.step() if len(rates) < steps else None
    assert all(0 < rate <= settings.learning_rate * 1.0001 for rate in rates)
