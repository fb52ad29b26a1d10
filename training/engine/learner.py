"""What a run changes step by step, and so what a checkpoint holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from training.engine.averaging import WeightAverage
from training.engine.device import device_type
from training.engine.optimisers import OPTIMISERS
from training.engine.stopping import EarlyStop
from training.losses.objective import Objective
from training.losses.points import log_inverse_frequency
from training.models.fusion import LateFusion
from training.models.pretrained import load_backbone
from training.runs.run import Run


@dataclass(frozen=True)
class Learner:
    """Network and losses, what changes them, their average where one is kept, how validation went.

    scaler: what fp16 scales losses by; switched off otherwise
    """

    objective: Objective
    optimisers: list[Optimizer]
    schedules: list[LRScheduler]
    average: WeightAverage | None
    stop: EarlyStop
    scaler: torch.amp.GradScaler

    @classmethod
    def new(cls, run: Run, pretrained: bool) -> Learner:
        """From the run's seed; pretrained: starting from the published weights that the configuration names."""
        config = run.config
        torch.manual_seed(config.seed)
        network = run.new_network()
        published = config.network.paper.pretrained
        if pretrained and published and config.network.kind == "paper":
            encoder = network.camera.encoder
            assert isinstance(encoder, nn.Module)
            load_backbone(Path(published), encoder)
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        counts = torch.tensor(run.statistics.class_counts)
        weighted = config.loss.class_weights == "log_inverse"
        alpha = log_inverse_frequency(counts) if weighted else torch.ones(len(counts))
        pairs = OPTIMISERS[config.optimiser.kind](network, config.optimiser)
        average = WeightAverage(network, config.optimiser.ema) if config.optimiser.ema else None
        optimisers, schedules = [o for o, _ in pairs], [s for _, s in pairs]
        scaler = torch.amp.GradScaler(device_type(), enabled=config.optimiser.precision == "fp16")
        return cls(Objective(network, alpha, config), optimisers, schedules, average, EarlyStop(), scaler)

    def step(self, clip: float) -> None:
        """Changes the weights by their gradients, at most `clip` long in all, and forgets these.

        Where one overflowed in fp16 all weights stay, and the next losses are scaled up less.
        """
        for optimiser in self.optimisers:
            self.scaler.unscale_(optimiser)
        norm = nn.utils.clip_grad_norm_(self.objective.parameters(), clip)
        whole = not self.scaler.is_enabled() or bool(norm.isfinite())  # the scaler asks each optimiser for itself
        for optimiser in self.optimisers:
            if whole:
                self.scaler.step(optimiser)
            optimiser.zero_grad(set_to_none=True)
        self.scaler.update()

    @property
    def network(self) -> LateFusion:
        """The network in training."""
        return self.objective.network

    @property
    def judged(self) -> LateFusion:
        """The network to evaluate and to keep: of average weights where these are kept."""
        return self.average.network if self.average else self.network
