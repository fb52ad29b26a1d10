"""Feature maps as rows, one a point, and back."""

from __future__ import annotations

from torch import Tensor


def to_rows(features: Tensor) -> Tensor:
    """[B,C] as it is, [B,C,H,W] as [B*H*W,C]."""
    return features.movedim(1, -1).flatten(0, -2)


def from_rows(rows: Tensor, like: Tensor) -> Tensor:
    """Rows [P,C] in the shape of the features that they were made of."""
    return rows.unflatten(0, (like.shape[0], *like.shape[2:])).movedim(-1, 1)
