"""An average of the weights over the steps of a run, which often judges better than the last ones."""

from __future__ import annotations

import copy

import torch

from training.models.fusion import LateFusion


class WeightAverage:
    """Exponential moving average of a network's weights and running statistics.

    average <- d * average + (1 - d) * weights, d = min(decay, (1 + k) / (10 + k)) at step k = 0, 1, ...: the random
    weights of the start are forgotten soon, however slow the decay.
    """

    def __init__(self, network: LateFusion, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, network: LateFusion, step: int) -> None:
        """Takes in the weights after a step."""
        share = 1 - min(self.decay, (1 + step) / (10 + step))
        current = network.state_dict()
        for name, average in self.network.state_dict().items():
            if average.is_floating_point():
                average.lerp_(current[name], share)
            else:
                average.copy_(current[name])
