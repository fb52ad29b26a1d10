"""Cross-pair mixing (ours): the camera feature of one point beside the LiDAR feature of another class's point."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from training.outliers.rows import from_rows, to_rows


def cross_pair(modalities: Sequence[Tensor], labels: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Outliers [B,sum of Ni,...] of modalities [B,Ni,...] with labels [B,...] int64; gradients flow.

    The first modality stays, every other one comes from a point of another class, each from its own.
    Where there is a single class nothing is strange: features come back as they are. generator: of their device.
    """
    first, *others = (to_rows(m) for m in modalities)
    label = labels.flatten()
    moved = [rows[other_class(label, generator)] for rows in others]
    return from_rows(torch.cat([first, *moved], 1), modalities[0])


def other_class(labels: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """For every label [P] int64 the index of a row of another class, uniformly; its own where there is no other."""
    by_class = labels.argsort()
    count = labels.bincount()
    first = count.cumsum(0) - count
    others = len(labels) - count[labels]
    draw = (torch.rand(len(labels), generator=generator, device=labels.device, dtype=torch.float64) * others).long()
    draw = torch.where(draw < first[labels], draw, draw + count[labels])  # step over the own class
    found = by_class[draw.clamp_max(len(labels) - 1)]
    return torch.where(others > 0, found, torch.arange(len(labels), device=labels.device))
