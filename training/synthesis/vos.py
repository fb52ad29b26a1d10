"""VOS: the least likely draws of class-conditional Gaussians (Du et al., ICLR 2022)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from training.synthesis.queues import ClassQueues


class Vos(nn.Module):
    """One Gaussian per class over its queue, covariance shared; of `draws` per class the least likely are outliers.

    A class takes part once its queue is full.
    """

    def __init__(self, classes: int, channels: int, size: int = 1000, draws: int = 10_000) -> None:
        super().__init__()
        self.queues = ClassQueues(classes, channels, size)
        self.draws = draws

    def update(self, features: Tensor, labels: Tensor) -> None:
        """Takes rows [P,C] with labels [P] int64."""
        self.queues.update(features, labels)

    @torch.no_grad()
    def synthesise(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Up to n outliers [M,C] float32, equally many per class, without gradient; none before a queue is full."""
        rows = self.queues.rows[self.queues.full()]
        if not len(rows):
            return rows.flatten(0, 1)
        means = rows.mean(1)
        factor = torch.linalg.cholesky(shared_covariance(rows, means))
        keep = min(self.draws, -(-n // len(rows)))
        outliers = []
        for mean in means:  # class by class: all draws at once would be K * draws * C numbers
            z = torch.randn(self.draws, len(mean), generator=generator, device=rows.device)
            # the likelihood of mean + L z falls with |z|, whatever the covariance: only kept draws are multiplied
            rare = z.square().sum(1).topk(keep).indices
            outliers.append(mean + z[rare] @ factor.T)
        return torch.cat(outliers)[:n]


def shared_covariance(rows: Tensor, means: Tensor) -> Tensor:
    """Covariance [C,C] of rows [K,size,C] around their class means [K,C], plus 1e-4 on the diagonal."""
    centred = (rows - means[:, None]).flatten(0, 1)
    return centred.T @ centred / len(centred) + 1e-4 * torch.eye(rows.shape[2], device=rows.device)
