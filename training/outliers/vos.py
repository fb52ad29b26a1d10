"""VOS: the least likely draws of class-conditional Gaussians (Du et al., ICLR 2022)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.outliers.queues import ClassQueues


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
        z = self._rare(len(rows), keep, rows.shape[2], generator)
        return (means[:, None] + z @ factor.T).flatten(0, 1)[:n]

    def _rare(self, classes: int, keep: int, channels: int, generator: torch.Generator | None) -> Tensor:
        """The longest `keep` of `draws` standard normal vectors [classes,keep,channels].

        The likelihood of mean + L z falls with |z|, whatever mean and L. |z|^2 is chi-squared and independent of z's
        direction: all lengths are drawn, and directions for the kept ones alone.
        """
        half = torch.full((classes, self.draws), channels / 2, device=self.queues.rows.device)
        longest = (2 * torch._standard_gamma(half, generator)).topk(keep, 1).values.sqrt()
        z = torch.randn(classes, keep, channels, generator=generator, device=half.device)
        return F.normalize(z, dim=2) * longest[:, :, None]


def shared_covariance(rows: Tensor, means: Tensor) -> Tensor:
    """Covariance [C,C] of rows [K,size,C] around their class means [K,C], plus 1e-4 on the diagonal."""
    centred = (rows - means[:, None]).flatten(0, 1)
    return centred.T @ centred / len(centred) + 1e-4 * torch.eye(rows.shape[2], device=rows.device)
