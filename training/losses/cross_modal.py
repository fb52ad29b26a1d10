"""Losses between the predictions of two modalities, over labelled points; float32 whatever precision comes in."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

LEAST = 1e-12  # of a squared Hellinger distance: where both predictions agree the root has no gradient


def a2d(camera: Tensor, lidar: Tensor, target: Tensor) -> Tensor:
    """Minus the mean Hellinger distance, in [-1,0], of two predictions over the classes that are not the true one.

    camera, lidar: logits [P,C]; target: [P] int64. Minimised, so that the modalities disagree about everything but
    the truth (Dong et al., MultiOOD, NeurIPS 2024). A true logit of -inf removes its class from the softmax.
    """
    true = F.one_hot(target, camera.shape[1]).bool()
    p, q = ((F.log_softmax(z.float().masked_fill(true, -torch.inf), 1) / 2).exp() for z in (camera, lidar))
    squared = (p - q).square().sum(1) / 2
    return -torch.mean(squared.clamp_min(LEAST).sqrt())


def xmuda(camera: Tensor, lidar: Tensor) -> Tensor:
    """Mean over points of KL(lidar || camera) + KL(camera || lidar) of logits [P,C], each teacher detached.

    Summed over classes, so that both predictions approach each other (Jaritz et al., CVPR 2020).
    """
    log_p, log_q = (F.log_softmax(z.float(), 1) for z in (camera, lidar))
    both = divergence(log_q.detach(), log_p) + divergence(log_p.detach(), log_q)
    return torch.mean(both)


def divergence(teacher: Tensor, student: Tensor) -> Tensor:
    """KL(teacher || student) [P] of log-probabilities [P,C], natural logarithm."""
    return F.kl_div(student, teacher, reduction="none", log_target=True).sum(1)
