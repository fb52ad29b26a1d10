"""What the head says about synthesised outliers, whichever method makes them."""

from __future__ import annotations

from torch import Tensor, nn

from training.data.cells import at_cells, features_under, some
from training.losses.config import SynthesisConfig
from training.models.fusion import LateFusion
from training.outliers.channel_importance import channel_importance
from training.outliers.channel_swap import swap_order, swap_orders
from training.outliers.cross_pair import cross_pair
from training.outliers.feature_mixing import feature_mixing
from training.outliers.mixup import mixup
from training.outliers.np_mix import NpMix
from training.outliers.npos import Npos
from training.outliers.vos import Vos

MEMORIES = {"vos": Vos, "npos": Npos, "np_mix": NpMix}


class Outliers(nn.Module):
    """Outlier logits of a batch, by one method; its memory, where it has one, is part of the state.

    The head sees the features that lie under the chosen points; the swap with `points` 0, the paper's form, takes whole
    maps instead and blends the logits as the network does.
    """

    def __init__(self, config: SynthesisConfig, classes: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.config = config
        self.widths = widths
        memory = MEMORIES.get(config.method)
        self.memory = memory(classes, sum(widths)) if memory else None

    def remember(self, features: Tensor, cells: Tensor, labels: Tensor, size: tuple[int, int]) -> None:
        """Puts points of a batch into the memory: features [B,C,h,w], cells [P] of B*H*W, labels [P], size (H, W)."""
        if self.memory is not None:
            cells, labels = self._some(cells, labels)
            self.memory.update(features_under(features.detach(), cells, size), labels)

    def forward(
        self, network: LateFusion, features: Tensor, cells: Tensor, labels: Tensor, size: tuple[int, int]
    ) -> tuple[Tensor, Tensor]:
        """Logits [M,C] of outliers and the label [M] of the point in each one's place (of no meaning with a memory)."""
        config = self.config
        features = features.detach() if config.detach else features
        if self.memory is not None:
            rows = self.memory.synthesise(config.points or len(cells))
            return _head_of_rows(network, rows), labels.new_zeros(len(rows))
        if config.method == "feature_mixing" and config.draw in ("batch", "block"):
            return self._swapped(network, features, cells, labels, size)
        cells, labels = self._some(cells, labels)
        rows = self._made_of(features_under(features, cells, size), cells // (size[0] * size[1]), labels)
        return _head_of_rows(network, rows), labels

    def _swapped(
        self, network: LateFusion, features: Tensor, cells: Tensor, labels: Tensor, size: tuple[int, int]
    ) -> tuple[Tensor, Tensor]:
        """One swap for all: in the head's weights, so that no feature is moved."""
        importance = channel_importance(self.config.choice, network, features)
        order = swap_order(self.widths, self.config.n, self.config.draw == "block", importance=importance).to(
            features.device
        )
        if not self.config.points:
            return at_cells(network.head(features, order), cells, size), labels
        cells, labels = self._some(cells, labels)
        return _head_of_rows(network, features_under(features, cells, size), order), labels

    def _made_of(self, rows: Tensor, sample: Tensor, labels: Tensor) -> Tensor:
        """Outliers [P,C] of rows [P,C], each from a sample [P] of the batch."""
        config, streams = self.config, rows.split(list(self.widths), 1)
        if config.method == "cross_pair":
            return cross_pair(streams, labels)
        if config.method == "mixup":
            return mixup(streams) if len(rows) > 1 else rows
        if config.draw == "point":
            return feature_mixing(streams, config.n, "point")
        orders = swap_orders(int(sample.max()) + 1, self.widths, config.n, device=rows.device)
        return rows.gather(1, orders[sample])

    def _some(self, cells: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        chosen = some(cells, self.config.points)
        return cells[chosen], labels[chosen]


def _head_of_rows(network: LateFusion, rows: Tensor, order: Tensor | None = None) -> Tensor:
    return network.head(rows[:, :, None, None], order)[:, :, 0, 0]
