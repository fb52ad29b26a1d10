"""Beta variates from a generator, which torch.distributions does not take."""

from __future__ import annotations

import torch
from torch import Tensor


def symmetric_beta(
    count: int, alpha: float, generator: torch.Generator | None = None, device: torch.device | str = "cpu"
) -> Tensor:
    """Draws [count] float32 of Beta(alpha, alpha), as one gamma variate's share of two; generator: of this device."""
    gamma = torch._standard_gamma(torch.full((2, count), alpha, device=device), generator)
    return gamma[0] / gamma.sum(0)
