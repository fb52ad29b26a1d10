"""Linear classifiers on stored features."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Heads(nn.Module):
    """A fused head on both modalities' features and one on each alone, every one a single linear layer."""

    def __init__(self, widths: tuple[int, int], classes: int) -> None:
        super().__init__()
        self.fused = nn.Linear(sum(widths), classes)
        self.video = nn.Linear(widths[0], classes)
        self.flow = nn.Linear(widths[1], classes)

    def forward(self, video: Tensor, flow: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits [B,C] of fused, video and flow head for features [B,Dv] and [B,Df]."""
        return self.fused(torch.cat([video, flow], 1)), self.video(video), self.flow(flow)
