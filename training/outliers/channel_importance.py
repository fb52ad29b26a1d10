"""Which channels matter to the head: likelier ones to be swapped than by the paper's uniform draw."""

from __future__ import annotations

import torch
from torch import Tensor

from training.models.fusion import LateFusion

CHOICES = ("random", "variance", "weight", "gradient")
SPARSE = 4  # every so many rows and columns tell enough


def channel_importance(choice: str, network: LateFusion, features: Tensor) -> Tensor | None:
    """Importance [C] of the channels of features [B,C,h,w], without gradient; None for `random`.

    variance: of the channel; weight: length of its column in the head's first layer; gradient: mean absolute slope of
    the largest logit
    """
    features = features.detach()[:, :, ::SPARSE, ::SPARSE]
    if choice == "variance":
        return features.var((0, 2, 3))
    if choice == "weight":
        return next(network.classifier.parameters()).detach().flatten(1).norm(dim=0)
    if choice == "gradient":
        features.requires_grad_()
        (slope,) = torch.autograd.grad(network.head(features).amax(1).sum(), features)
        return slope.abs().mean((0, 2, 3))
    return None
