"""A LiDAR stream after SalsaNext, with batch norm before every activation, so that it folds away at export.

Cortinhal, Tzelepis and Aksoy, "SalsaNext: Fast, Uncertainty-aware Semantic Segmentation of LiDAR Point Clouds", 2020.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.models.layers import conv_norm


class Context(nn.Module):
    """Two 3x3 convolutions, one of them dilated, added to a 1x1 one; [B,inputs,H,W] to [B,outputs,H,W]."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.shortcut = nn.Conv2d(inputs, outputs, 1)
        self.first = conv_norm(outputs, outputs)
        self.second = conv_norm(outputs, outputs, dilation=2)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        shortcut = F.leaky_relu(self.shortcut(x))
        return shortcut + F.leaky_relu(self.second(F.leaky_relu(self.first(shortcut))))


class Pyramid(nn.Module):
    """Convolutions of growing reach (3x3, dilated 3x3, dilated 2x2), joined by a 1x1 one."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.near = conv_norm(inputs, outputs)
        self.wide = conv_norm(outputs, outputs, dilation=2)
        self.even = conv_norm(outputs, outputs, kernel=2, dilation=2)
        self.join = conv_norm(3 * outputs, outputs, kernel=1)

    def forward(self, x: Tensor) -> Tensor:
        """[B,inputs,H,W] to [B,outputs,H,W]."""
        near = F.leaky_relu(self.near(x))
        wide = F.leaky_relu(self.wide(near))
        even = F.leaky_relu(self.even(wide))
        return F.leaky_relu(self.join(torch.cat([near, wide, even], 1)))


class Down(nn.Module):
    """A pyramid beside a 1x1 shortcut; [B,inputs,H,W] to [B,outputs,H,W]."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.shortcut = nn.Conv2d(inputs, outputs, 1)
        self.pyramid = Pyramid(inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        features: Tensor = F.leaky_relu(self.shortcut(x)) + self.pyramid(x)
        return features


class Up(nn.Module):
    """Joins a coarse map, spread by pixel shuffle, with the skipped one of twice its size."""

    def __init__(self, coarse: int, skipped: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.spread = nn.PixelShuffle(2)
        self.dropout = nn.Dropout2d(dropout)
        self.pyramid = Pyramid(coarse // 4 + skipped, outputs)

    def forward(self, coarse: Tensor, skipped: Tensor) -> Tensor:
        """[B,coarse,H/2,W/2] and [B,skipped,H,W] to [B,outputs,H,W]."""
        joined = torch.cat([self.dropout(self.spread(coarse)), skipped], 1)
        features: Tensor = self.dropout(self.pyramid(self.dropout(joined)))
        return features


class SalsaNext(nn.Module):
    """Encoder-decoder of a LiDAR image [B,inputs,H,W]: features [B,width,H,W]; both sides are multiples of 16."""

    def __init__(self, inputs: int, width: int = 32, dropout: float = 0.2) -> None:
        super().__init__()
        w = width
        self.context = nn.Sequential(Context(inputs, w), Context(w, w), Context(w, w))
        self.downs = nn.ModuleList(Down(a * w, b * w) for a, b in ((1, 2), (2, 4), (4, 8), (8, 8), (8, 8)))
        self.dropout = nn.Dropout2d(dropout)
        self.pool = nn.AvgPool2d(3, 2, 1)
        shapes = ((8, 8, 4), (4, 8, 4), (4, 4, 2), (2, 2, 1))  # coarse, skipped and resulting width
        self.ups = nn.ModuleList(
            Up(coarse * w, skipped * w, outputs * w, dropout if outputs > 1 else 0.0)
            for coarse, skipped, outputs in shapes
        )

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        x = self.context(x)
        skipped: list[Tensor] = []
        for level, down in enumerate(self.downs):
            x = down(self.pool(x) if level else x)
            skipped.append(x)
            x = self.dropout(x) if level else x  # the largest map is never dropped
        for up, skip in zip(self.ups, reversed(skipped[:-1]), strict=True):
            x = up(x, skip)
        return x
