"""A training step of the compact network with and without outlier synthesis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

import training
from benchmark.measure import medians, profiled
from training.config import Config, load_config
from training.losses.objective import Objective
from training.models.compact import CompactFusion

CLASSES, OCCUPIED = 13, 0.17  # share of cells that hold a labelled point: the built-in benchmark's 64-beam LiDAR
PLAIN = "late_fusion"


def measured(presets: list[str], device: str, rounds: int, size: tuple[int, int], samples: int) -> list[dict[str, Any]]:
    """One step by preset: time, ratio to late fusion's, leading operators; random frames, outlier term switched on."""
    sample = _sample(size, samples, device)
    steps = {name: _step(_config(name, size), sample, device) for name in (PLAIN, *presets)}
    seconds = medians(steps, rounds, at_least=0)
    return [
        {"preset": name, "ms": 1e3 * s, "ratio": s / seconds[PLAIN], "operators": profiled(steps[name])[1]}
        for name, s in seconds.items()
    ]


def _config(preset: str, size: tuple[int, int]) -> Config:
    config = load_config(Path(training.__file__).parent / "configs" / f"{preset}.yaml")
    return replace(config, network=replace(config.network, size=size))


def _sample(size: tuple[int, int], samples: int, device: str) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    occupied = torch.rand(samples, *size) < OCCUPIED
    target = torch.randint(0, CLASSES, (samples, *size)).where(occupied, 255).to(torch.uint8)
    image = torch.randint(0, 256, (samples, *size, 3), dtype=torch.uint8)
    lidar = torch.rand(samples, 5, *size) * 30 * occupied[:, None]
    return {name: x.to(device) for name, x in {"image": image, "lidar": lidar, "target": target}.items()}


def _step(config: Config, sample: dict[str, torch.Tensor], device: str) -> Callable[[], None]:
    torch.manual_seed(0)
    network = CompactFusion(CLASSES, config.network, ([120.0] * 3, [70.0] * 3), ([10.0] * 5, [9.0] * 5))
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    objective = Objective(network, torch.ones(CLASSES), config).to(device).train()
    optimiser = torch.optim.AdamW(network.parameters(), config.optimiser.learning_rate)

    def step() -> None:
        objective(sample, config.synthesis.weight(1.0))["total"].backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), config.optimiser.clip)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)

    return step
