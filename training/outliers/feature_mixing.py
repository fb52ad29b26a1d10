"""Feature Mixing: outliers made by swapping channels between the features of modalities.

Source: "Extremely Simple Multimodal Outlier Synthesis for Out-of-Distribution Detection and Segmentation",
arXiv 2505.16985, section 3. The paper has two modalities and one draw per batch; draws per sample and per point,
contiguous blocks, and the cycle through three or more modalities are ours.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from training.outliers.channel_swap import block_starts, swap_order, swap_orders
from training.outliers.rows import from_rows, to_rows

DRAWS = ("batch", "block", "sample", "point")


def feature_mixing(
    modalities: Sequence[Tensor], n: int = 10, draw: str = "batch", generator: torch.Generator | None = None
) -> Tensor:
    """Outlier features Fo [B,sum of Ni,...] of modalities [B,Ni,...]; gradients flow.

    draw: one swap per `batch` (the paper's), the same of a contiguous `block`, or one per `sample` or `point`
    generator: of the CPU for batch and block, else of the features' device

    ||Fo - F|| <= sqrt(2 n) max_ij |Fc_i - Fl_j| at every position (the paper's Theorem 2).
    """
    widths = [m.shape[1] for m in modalities]
    if draw == "block":
        return _block_mixing(modalities, n, block_starts(widths, n, generator))
    features = torch.cat(list(modalities), 1)
    if draw == "point":
        rows = to_rows(features)
        orders = swap_orders(len(rows), widths, n, generator, features.device)
        return from_rows(rows.gather(1, orders), features)
    if draw == "sample":
        orders = swap_orders(len(features), widths, n, generator, features.device)
        return features[torch.arange(len(features), device=features.device)[:, None], orders]
    return features.index_select(1, swap_order(widths, n, generator=generator).to(features.device))


def _block_mixing(modalities: Sequence[Tensor], n: int, starts: Sequence[int]) -> Tensor:
    """Slices in their new order: one pass from the modalities to Fo, which needs no concatenation before it."""
    blocks = [m.narrow(1, start, n) for m, start in zip(modalities, starts, strict=True)]
    handed_on = zip(modalities, starts, [blocks[-1], *blocks[:-1]], strict=True)
    return torch.cat([part for m, start, block in handed_on for part in (m[:, :start], block, m[:, start + n :])], 1)
