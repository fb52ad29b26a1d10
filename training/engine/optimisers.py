"""What changes the weights: optimisers and how their learning rates move over a run, by name."""

from __future__ import annotations

import math
from collections.abc import Callable

from torch import nn
from torch.optim import SGD, AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, OneCycleLR

from training.config import OptimiserConfig
from training.models.fusion import LateFusion

Pairs = list[tuple[Optimizer, LRScheduler]]


def adamw(network: LateFusion, settings: OptimiserConfig) -> Pairs:
    """AdamW on a one-cycle schedule for all weights."""
    optimiser = AdamW(network.parameters(), settings.learning_rate, weight_decay=settings.weight_decay)
    warmup = settings.warmup
    if math.isclose(warmup * settings.iterations, 1):  # OneCycleLR divides by the warm-up's steps less one
        warmup *= 1.01
    schedule = OneCycleLR(
        optimiser, settings.learning_rate, settings.iterations, pct_start=warmup, final_div_factor=100.0
    )
    return [(optimiser, schedule)]


def paper(network: LateFusion, settings: OptimiserConfig) -> Pairs:
    """SGD with Nesterov momentum 0.9 for the camera stream, AdamW for all else; linear warm-up, then a cosine to 0.

    Zhuang et al., ICCV 2021, whose recipe arXiv 2505.16985 takes over.
    """
    camera: list[nn.Parameter] = []
    rest: list[nn.Parameter] = []
    for name, weights in network.named_parameters():
        (camera if name.startswith(("camera.", "camera_head.")) else rest).append(weights)
    rate, decay = settings.learning_rate, settings.weight_decay
    optimisers = [SGD(camera, rate, 0.9, weight_decay=decay, nesterov=True), AdamW(rest, rate, weight_decay=decay)]
    warmup = round(settings.warmup * settings.iterations)
    return [(o, LambdaLR(o, lambda step: warm_cosine(step, warmup, settings.iterations))) for o in optimisers]


def warm_cosine(step: int, warmup: int, steps: int) -> float:
    """Share of the learning rate at a step: rising to 1 over the warm-up, then half a cosine down to 0."""
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))


OPTIMISERS: dict[str, Callable[[LateFusion, OptimiserConfig], Pairs]] = {"adamw": adamw, "paper": paper}
