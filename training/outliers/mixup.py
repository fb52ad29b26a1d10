"""Mixup as an outlier: convex combinations of different samples' features (Zhang et al., ICLR 2018)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from fm_ood_ros.errors import InputError
from training.outliers.beta import symmetric_beta


def mixup(modalities: Sequence[Tensor], alpha: float = 10.0, generator: torch.Generator | None = None) -> Tensor:
    """Outliers [B,sum of Ni,...]: every sample of [B,Ni,...] with another one, by a share of Beta(alpha, alpha).

    alpha 10 keeps the shares around a half (our choice): near 0 or 1 the outlier would be a known sample.
    generator: of the features' device. Gradients flow. Raises InputError for a single sample.
    """
    features = torch.cat(list(modalities), 1)
    if len(features) < 2:
        raise InputError(f"mixup got {len(features)} sample(s), expected two or more; use a larger batch")
    shift = int(torch.randint(1, len(features), (), generator=generator, device=features.device))
    share = symmetric_beta(len(features), alpha, generator, features.device).to(features.dtype)
    return features.roll(shift, 0).lerp(features, share.view(-1, *[1] * (features.dim() - 1)))
