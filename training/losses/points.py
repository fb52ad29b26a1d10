"""Losses over labelled points; every one computes in float32 whatever precision comes in."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def log_inverse_frequency(counts: Tensor) -> Tensor:
    """Focal weights alpha [C] in (0,1] of class counts [C]: log(1 + w) / max, w = 1 / (frequency + 1e-3)."""
    frequency = counts.double() / counts.sum().clamp_min(1)
    alpha = torch.log1p(1 / (frequency + 1e-3))
    return (alpha / alpha.max()).float()


def focal(logits: Tensor, target: Tensor, alpha: Tensor, gamma: float = 2.0) -> Tensor:
    """Mean of -alpha_y (1 - p_y)^gamma log p_y over logits [P,C] and target [P] int64 (Lin et al., ICCV 2017)."""
    log_p = F.log_softmax(logits.float(), 1).gather(1, target[:, None])[:, 0]
    per_point = -alpha[target] * (1 - log_p.exp()).clamp_min(0).pow(gamma) * log_p
    return torch.mean(per_point)


def lovasz_softmax(logits: Tensor, target: Tensor) -> Tensor:
    """Lovász extension of the Jaccard loss of softmax(logits [P,C]), mean over the classes in target [P] int64.

    Berman et al., CVPR 2018: errors sorted downwards, weighted by the steps of the Jaccard index.
    """
    present = torch.unique(target)
    truth = (target[None] == present[:, None]).float()
    error = (truth - logits.float().softmax(1).T[present]).abs()
    error, order = error.sort(1, descending=True)
    return torch.mean((error * jaccard_steps(truth.gather(1, order))).sum(1))


def jaccard_steps(truth: Tensor) -> Tensor:
    """Growth [K,P] of the Jaccard loss as points join the errors one by one; truth [K,P] 0 or 1, worst first."""
    total = truth.sum(1, keepdim=True)
    hit = truth.cumsum(1)
    union = total + torch.arange(1, truth.shape[1] + 1, device=truth.device) - hit
    jaccard = 1 - (total - hit) / union
    return torch.diff(jaccard, dim=1, prepend=jaccard.new_zeros(len(jaccard), 1))


def negative_entropy(logits: Tensor, weight: Tensor | None = None) -> Tensor:
    """Mean of sum_c p log p (natural log, in [-ln C, 0]) over logits [P,C], weighted by weight [P] where given.

    Minimised on outliers, so that their entropy is maximised (arXiv 2505.16985). From log_softmax, since a product
    of a rounded probability with its logarithm is NaN at zero.
    """
    log_p = F.log_softmax(logits.float(), 1)
    per_point = (log_p.exp() * log_p).sum(1)
    return torch.mean(per_point if weight is None else per_point * weight)


def bounded_energy(known: Tensor, outliers: Tensor, margins: tuple[float, float]) -> Tensor:
    """Mean of max(0, E - m_known)^2 over known logits [P,C] plus that of max(0, m_outlier - E)^2 over outliers [M,C].

    E = -logsumexp(z); margins: (m_known, m_outlier), the first the lower (Liu et al., NeurIPS 2020). Unlike the
    entropy it says how high the logits of an outlier may be.
    """
    low, high = margins
    above = F.relu(-known.float().logsumexp(1) - low).square()
    below = F.relu(high + outliers.float().logsumexp(1)).square()
    return torch.mean(above) + torch.mean(below)


def unit_logits(logits: Tensor, temperature: float) -> Tensor:
    """Logits [P,C] over their own length and a temperature, so that training cannot lower a loss by their height.

    LogitNorm (Wei et al., ICML 2022; temperature 0.04 there); scores are still taken from the logits as they are.
    Lengths are smoothed near 0.01, so that the gradient of the shortest logits keeps within half precision.
    """
    logits = logits.float()
    return logits * torch.rsqrt(logits.square().sum(1, keepdim=True) + 1e-4) / temperature
