"""From maps to the cells that hold a labelled point."""

from __future__ import annotations

import torch
from torch import Tensor

from training.models.layers import enlarge


def at_cells(logits: Tensor, cells: Tensor, size: tuple[int, int]) -> Tensor:
    """Rows [P,C] of logits [B,C,h,w], enlarged to size (H, W) as in the network, at cells [P] of B*H*W."""
    return enlarge(logits, size).permute(0, 2, 3, 1).flatten(0, 2)[cells]


def features_under(features: Tensor, cells: Tensor, size: tuple[int, int]) -> Tensor:
    """Rows [P,C] of features [B,C,h,w] on which cells [P] of B*H*W lie, as they are: no neighbours blended in."""
    height, width = size
    h, w = features.shape[2:]
    sample, y, x = cells // (height * width), cells // width % height, cells % width
    position = (sample * h + y * h // height) * w + x * w // width
    return features.permute(0, 2, 3, 1).flatten(0, 2).index_select(0, position)


def some(cells: Tensor, most: int) -> Tensor:
    """Indices of at most so many of cells [P], chosen by chance and in its order; 0: of all."""
    chosen = torch.randperm(len(cells), device=cells.device)
    return chosen[:most] if most else chosen
