"""What the head says about synthesised outliers, whichever method makes them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from training.cells import at_cells, features_under
from training.models.compact import CompactFusion
from training.objective_config import SynthesisConfig
from training.synthesis.channel_swap import swap_order
from training.synthesis.cross_pair import cross_pair
from training.synthesis.feature_mixing import feature_mixing
from training.synthesis.mixup import mixup
from training.synthesis.np_mix import NpMix
from training.synthesis.npos import Npos
from training.synthesis.vos import Vos

MEMORIES = {"vos": Vos, "npos": Npos, "np_mix": NpMix}


class Outliers(nn.Module):
    """Outlier logits of a batch, by one method; its memory, where it has one, is part of the state.

    The methods by point see the head without neighbours: exact for 1x1 layers, amid zeros for wider ones.
    """

    def __init__(self, config: SynthesisConfig, classes: int, widths: tuple[int, int]) -> None:
        super().__init__()
        self.config = config
        self.widths = widths
        memory = MEMORIES.get(config.method)
        self.memory = memory(classes, sum(widths)) if memory else None

    def remember(self, features: Tensor, cells: Tensor, labels: Tensor, size: tuple[int, int]) -> None:
        """Puts points of a batch into the memory: features [B,C,h,w], cells [P] of B*H*W, labels [P], size (H, W)."""
        if self.memory is not None:
            chosen = self._chosen(cells)
            self.memory.update(features_under(features.detach(), cells[chosen], size), labels[chosen])

    def forward(
        self, network: CompactFusion, features: Tensor, cells: Tensor, labels: Tensor, size: tuple[int, int]
    ) -> tuple[Tensor, Tensor]:
        """Logits [M,C] of outliers and the label [M] of the point in each one's place (of no meaning with a memory)."""
        config = self.config
        features = features.detach() if config.detach else features
        if config.method == "feature_mixing" and config.draw != "point":
            return at_cells(self._mixed_logits(network, features), cells, size), labels
        if self.memory is not None:
            rows = self.memory.synthesise(config.points)
            return _head_of_rows(network, rows), labels.new_zeros(len(rows))
        chosen = self._chosen(cells)
        labels = labels[chosen]
        streams = features_under(features, cells[chosen], size).split(self.widths, 1)
        return _head_of_rows(network, self._made_of(streams, labels)), labels

    def _mixed_logits(self, network: CompactFusion, features: Tensor) -> Tensor:
        n, draw = self.config.n, self.config.draw
        if draw == "sample":
            return network.head(feature_mixing(features.split(self.widths, 1), n, draw))
        order = swap_order(self.widths, n, draw == "block")
        return network.head(features, order.to(features.device))

    def _made_of(self, streams: tuple[Tensor, ...], labels: Tensor) -> Tensor:
        if self.config.method == "cross_pair":
            return cross_pair(streams, labels)
        if self.config.method == "mixup":
            return mixup(streams) if len(labels) > 1 else torch.cat(streams, 1)
        return feature_mixing(streams, self.config.n, "point")

    def _chosen(self, cells: Tensor) -> Tensor:
        return torch.randperm(len(cells), device=cells.device)[: self.config.points]


def _head_of_rows(network: CompactFusion, rows: Tensor) -> Tensor:
    return network.head(rows[:, :, None, None])[:, :, 0, 0]
