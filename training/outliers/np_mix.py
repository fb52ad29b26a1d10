"""NP-Mix: points between neighbouring classes (Dong et al., MultiOOD, NeurIPS 2024)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from training.outliers.beta import symmetric_beta
from training.outliers.queues import ClassQueues


class NpMix(nn.Module):
    """Convex combinations, by Beta(10, 10), of a class's queue with that of one of its two nearest classes.

    Nearest by the queues' means. A class takes part once its queue is full.
    """

    def __init__(self, classes: int, channels: int, size: int = 65, neighbours: int = 2, alpha: float = 10.0) -> None:
        super().__init__()
        self.queues = ClassQueues(classes, channels, size)
        self.neighbours = neighbours
        self.alpha = alpha

    def update(self, features: Tensor, labels: Tensor) -> None:
        """Takes rows [P,C] with labels [P] int64."""
        self.queues.update(features, labels)

    @torch.no_grad()
    def synthesise(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """n outliers [n,C] float32 without gradient; none before the queues of two classes are full."""
        rows = self.queues.rows[self.queues.full()]
        if len(rows) < 2:
            return rows.new_zeros(0, rows.shape[2])
        near = nearest_classes(rows.mean(1), self.neighbours)

        def draw(below: int) -> Tensor:
            return torch.randint(below, (n,), generator=generator, device=rows.device)

        one = draw(len(rows))
        other = near[one, draw(near.shape[1])]
        share = symmetric_beta(n, self.alpha, generator, rows.device)[:, None]
        return rows[other, draw(rows.shape[1])].lerp(rows[one, draw(rows.shape[1])], share)


def nearest_classes(means: Tensor, count: int) -> Tensor:
    """For each class mean [K,C] its nearest other classes [K,min(count,K-1)] int64, nearest first."""
    distance = torch.cdist(means, means).fill_diagonal_(torch.inf)
    return distance.topk(min(count, len(means) - 1), largest=False).indices
