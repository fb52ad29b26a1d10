"""NPOS: noise around the boundary points of every class, no distribution assumed (Tao et al., ICLR 2023)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.outliers.queues import ClassQueues


class Npos(nn.Module):
    """Queue points far from their k-th neighbour, on the unit sphere, plus noise; the farthest results are outliers.

    boundary: such points per class; draws: noisy copies of each; noise: standard deviation per channel
    The head sees features that are not normalised, so an outlier takes its boundary point's length back (ours).
    A class takes part once its queue is full.
    """

    def __init__(
        self,
        classes: int,
        channels: int,
        size: int = 1000,
        k: int = 50,
        boundary: int = 100,
        draws: int = 10,
        noise: float = 0.1,
    ) -> None:
        super().__init__()
        self.queues = ClassQueues(classes, channels, size)
        self.k, self.boundary, self.draws, self.noise = min(k, size - 1), min(boundary, size), draws, noise

    def update(self, features: Tensor, labels: Tensor) -> None:
        """Takes rows [P,C] with labels [P] int64."""
        self.queues.update(features, labels)

    @torch.no_grad()
    def synthesise(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Up to n outliers [M,C] float32, equally many per class, without gradient; none before a queue is full."""
        classes = self.queues.rows[self.queues.full()]
        keep = -(-n // max(1, len(classes)))
        outliers = [self._of_class(rows, keep, generator) for rows in classes]
        return torch.cat([classes.new_zeros(0, classes.shape[2]), *outliers])[:n]

    def _of_class(self, rows: Tensor, keep: int, generator: torch.Generator | None) -> Tensor:
        known = F.normalize(rows)
        # its own nearest neighbour is the point itself, hence k + 1
        origin = kth_distance(known, known, self.k + 1).topk(self.boundary).indices.repeat_interleave(self.draws)
        noise = torch.randn(len(origin), rows.shape[1], generator=generator, device=rows.device)
        candidates = known[origin] + self.noise * noise
        far = kth_distance(candidates, known, self.k).topk(min(keep, len(candidates))).indices
        return candidates[far] * rows[origin[far]].norm(dim=1, keepdim=True)


def kth_distance(points: Tensor, known: Tensor, k: int) -> Tensor:
    """Distance [P] of points [P,C] to the k-th nearest of known [M,C]."""
    distance = torch.cdist(points, known)
    if points.device.type != "cpu":  # off the GPU and back took a step from 24 to 106 ms
        return distance.kthvalue(k).values
    # NumPy selects 7 to 15 times faster than torch's topk and kthvalue on a CPU, where this was nearly all the time
    return torch.from_numpy(np.partition(distance.numpy(), k - 1, axis=1)[:, k - 1])
