"""Feature Mixing inside the head's first layer: a swap of its input channels is a swap of its weights' columns."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def mixed_weight(weight: Tensor, order: Tensor) -> Tensor:
    """Weights [K,C,...] that make of F what `weight` makes of F[:, order]: no feature is touched."""
    return weight.index_select(1, order.argsort())


def mixed_projection(projected: Tensor, features: Tensor, weight: Tensor, order: Tensor) -> Tensor:
    """What a first layer makes of F[:, order], from what it made of F: only the moved channels are multiplied.

    projected: [B,K,...] the layer's output on features [B,C,...]; weight: [K,C] of a linear layer, or [K,C,k,k] of a
    convolution of odd k that keeps the size. The share of moved channels is the share of the layer's cost.
    """
    moved = (order != torch.arange(len(order), device=order.device)).nonzero()[:, 0]
    change = mixed_weight(weight, order).index_select(1, moved) - weight.index_select(1, moved)
    channels = features.index_select(1, moved)
    if weight.dim() == 2:
        return projected + F.linear(channels, change)
    return projected + F.conv2d(channels, change, padding=weight.shape[-1] // 2)
