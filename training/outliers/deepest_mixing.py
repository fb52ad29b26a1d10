"""Feature Mixing at another place than the paper's: in the deepest maps of both encoders, before they are decoded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from training.models.compact import CompactFusion, Maps
from training.outliers.channel_swap import swap_order


def mix_deepest(network: CompactFusion, camera: Maps, lidar: Maps, n: int) -> Tensor:
    """Outlier features [B,Nc+Nl,h,w] of what network.encode gave: n of the deepest channels swapped, then decoded."""
    widths = camera[-1].shape[1], lidar[-1].shape[1]
    deepest = torch.cat([camera[-1], lidar[-1]], 1)
    mixed = deepest.index_select(1, swap_order(widths, n).to(deepest.device)).split(widths, 1)
    with _as_when_judging(network):
        return torch.cat(network.decode((*camera[:-1], mixed[0]), (*lidar[:-1], mixed[1])), 1)


@contextmanager
def _as_when_judging(network: nn.Module) -> Iterator[None]:
    """Batch norms standardise as they will on a vehicle, and take no notice of what they see."""
    training = network.training
    network.eval()
    try:
        yield
    finally:
        network.train(training)
