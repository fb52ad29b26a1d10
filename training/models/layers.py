"""Building blocks: convolution, batch norm, activation, in this order, so that the norm folds away at export."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def conv_norm(inputs: int, outputs: int, kernel: int = 3, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    """Convolution and batch norm; [B,inputs,H,W] to [B,outputs,H/stride,W/stride]."""
    padding = dilation * (kernel - 1) // 2
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, bias=False), nn.BatchNorm2d(outputs)
    )


class Residual(nn.Module):
    """Two 3x3 convolutions beside a shortcut, which is projected when the shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        self.first = conv_norm(inputs, outputs, stride=stride)
        self.second = conv_norm(outputs, outputs, dilation=dilation)
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else conv_norm(inputs, outputs, kernel=1, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        """[B,inputs,H,W] to [B,outputs,H/stride,W/stride]."""
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


class Merge(nn.Module):
    """Joins a coarse map with the skipped one of twice its size."""

    def __init__(self, coarse: int, skipped: int, joined: int, outputs: int) -> None:
        super().__init__()
        self.coarse = conv_norm(coarse, joined, kernel=1)
        self.skipped = conv_norm(skipped, joined, kernel=1)
        self.smooth = conv_norm(joined, outputs)

    def forward(self, coarse: Tensor, skipped: Tensor) -> Tensor:
        """[B,coarse,H/2,W/2] and [B,skipped,H,W] to [B,outputs,H,W]."""
        return F.relu(self.smooth(F.relu(double(self.coarse(coarse)) + self.skipped(skipped))))


def double(x: Tensor) -> Tensor:
    """Bilinear enlargement by two: [B,C,H,W] to [B,C,2H,2W]."""
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def enlarge(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Bilinear enlargement of [B,C,h,w] to size (H, W); a map of that size stays as it is."""
    return x if x.shape[2:] == size else F.interpolate(x, size, mode="bilinear", align_corners=False)


class ChannelNorm(nn.Module):
    """Standardises [B,C,H,W] over its channels at every position, in float32."""

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        variance, mean = torch.var_mean(x.float(), 1, correction=0, keepdim=True)
        return (x - mean) * torch.rsqrt(variance + 1e-5)


def feature_norm(kind: str, channels: int) -> nn.Module:
    """`layer` or `batch` norm of a stream's features without weights of its own, or nothing for `none`."""
    kinds = {"none": nn.Identity(), "layer": ChannelNorm(), "batch": nn.BatchNorm2d(channels, affine=False)}
    return kinds[kind]
