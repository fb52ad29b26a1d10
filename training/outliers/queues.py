"""The newest features of every class: the memory of VOS, NPOS and NP-Mix."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ClassQueues(nn.Module):
    """First in, first out per class; buffers, so that a checkpoint can hold them.

    rows: [K,size,C] float32; pushed: [K] int64, how many ever came
    """

    rows: Tensor
    pushed: Tensor

    def __init__(self, classes: int, channels: int, size: int) -> None:
        super().__init__()
        self.register_buffer("rows", torch.zeros(classes, size, channels))
        self.register_buffer("pushed", torch.zeros(classes, dtype=torch.int64))

    @property
    def size(self) -> int:
        """Most rows of a class."""
        return self.rows.shape[1]

    @property
    def held(self) -> Tensor:
        """Rows that each class has, [K]."""
        return self.pushed.clamp_max(self.size)

    @torch.no_grad()
    def update(self, features: Tensor, labels: Tensor) -> None:
        """Takes rows [P,C] with labels [P] int64, the last ones as the newest."""
        count = labels.bincount(minlength=len(self.pushed))
        order = labels.argsort(stable=True)
        label = labels[order]
        rank = torch.arange(len(label), device=label.device) - (count.cumsum(0) - count)[label]
        newest = rank >= (count - self.size)[label]
        order, label, rank = order[newest], label[newest], rank[newest]
        slot = (self.pushed[label] + rank) % self.size
        self.rows[label, slot] = features.detach()[order].float()
        self.pushed += count

    def full(self) -> Tensor:
        """Indices of the classes whose queue is full."""
        return (self.pushed >= self.size).nonzero()[:, 0]
