"""Norms as the exported graph has them: folded away, or in operations that are fast everywhere."""

from __future__ import annotations

import copy
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from training.models.fusion import LateFusion
from training.models.layers import ChannelNorm


class Affine(nn.Module):
    """What a batch norm does to [B,C,H,W] once its statistics are fixed: a factor and an offset per channel."""

    factor: Tensor
    offset: Tensor

    def __init__(self, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        assert norm.running_mean is not None and norm.running_var is not None
        factor = torch.rsqrt(norm.running_var + norm.eps) * (1 if norm.weight is None else norm.weight.detach())
        offset = (0 if norm.bias is None else norm.bias.detach()) - norm.running_mean * factor
        self.register_buffer("factor", factor.view(1, -1, 1, 1))
        self.register_buffer("offset", offset.view(1, -1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return x * self.factor + self.offset


class PlanewiseNorm(nn.Module):
    """ChannelNorm whose means over the channels are convolutions of 1x1.

    With means along that strided axis the norm took ONNX Runtime 3.7 times as long.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Standardises [B,C,H,W] over its channels at every position."""
        channels = x.shape[1]
        weight = x.new_full((1, channels, 1, 1), 1 / channels)
        centred = x - F.conv2d(x, weight)
        return centred * torch.rsqrt(F.conv2d(centred * centred, weight) + 1e-5)


def fold_norms(network: LateFusion) -> LateFusion:
    """A copy in evaluation mode with every batch norm folded into the convolution before it, or made plain sums.

    Norms over the channels become PlanewiseNorm.
    """
    folded = copy.deepcopy(network).eval().float().cpu()
    for module in folded.modules():
        for (before, conv), (after, norm) in pairwise(list(module.named_children())):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(module, before, fuse_conv_bn_eval(conv, norm))
                setattr(module, after, nn.Identity())
        for name, norm in module.named_children():
            if isinstance(norm, nn.BatchNorm2d):  # of features that come from no convolution directly
                setattr(module, name, Affine(norm))
            elif isinstance(norm, ChannelNorm):
                setattr(module, name, PlanewiseNorm())
    return folded
