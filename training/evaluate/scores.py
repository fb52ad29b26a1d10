"""Anomaly scores of logits: higher is stranger, each the negative of a published confidence."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

Score = Callable[..., Tensor]


def msp(logits: Tensor, dim: int = 1) -> Tensor:
    """-max_c p_c, maximum softmax probability (Hendrycks and Gimpel, ICLR 2017)."""
    return -logits.softmax(dim).amax(dim)


def max_logit(logits: Tensor, dim: int = 1) -> Tensor:
    """-max_c z_c, maximum logit (Hendrycks et al., ICML 2022)."""
    return -logits.amax(dim)


def energy(logits: Tensor, dim: int = 1, temperature: float = 1.0) -> Tensor:
    """-T log sum_c exp(z_c / T), free energy (Liu et al., NeurIPS 2020)."""
    return -temperature * torch.logsumexp(logits / temperature, dim)


def entropy(logits: Tensor, dim: int = 1) -> Tensor:
    """-sum_c p_c log p_c in nats (Chan et al., ICCV 2021, for segmentation)."""
    log_p = F.log_softmax(logits, dim)
    return -(log_p.exp() * log_p).sum(dim)


def gen(logits: Tensor, dim: int = 1, gamma: float = 0.1) -> Tensor:
    """sum_c p_c^g (1 - p_c)^g with g = 0.1, generalised entropy (Liu et al., CVPR 2023).

    1 - p of a nearly certain class is the sum of the others: a difference would round to nothing, and the tenth
    power turns that into a jump of 0.2.
    """
    p = logits.softmax(dim)
    likely = p > 0.5
    others = torch.where(likely, torch.zeros_like(p), p).sum(dim, keepdim=True)
    return (p * torch.where(likely, others, 1 - p)).pow(gamma).sum(dim)


SCORES: dict[str, Score] = {
    "msp": msp,
    "max_logit": max_logit,
    "energy": energy,
    "entropy": entropy,
    "gen": gen,
}
