"""Outlier synthesis on stored features, by the functions that segmentation uses."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from training.outliers.feature_mixing import feature_mixing
from training.outliers.mixup import mixup
from training.outliers.np_mix import NpMix
from training.outliers.npos import Npos
from training.outliers.vos import Vos
from training.studies.detection.settings import DetectionConfig

MEMORIES = {"vos": Vos, "npos": Npos, "np_mix": NpMix}


class FeatureOutliers(nn.Module):
    """Makes outliers [M,Dv+Df] of a batch by one method; none for method `none` and before a memory is full."""

    def __init__(self, config: DetectionConfig, classes: int, widths: tuple[int, int]) -> None:
        super().__init__()
        self.config = config
        memory = MEMORIES.get(config.method)
        size = {"size": config.queue} if config.queue else {}
        self.memory = memory(classes, sum(widths), **size) if memory else None

    def forward(self, streams: Sequence[Tensor], labels: Tensor) -> Tensor:
        """streams: [B,Dv] and [B,Df]; labels: [B] int64."""
        if self.memory is not None:
            self.memory.update(torch.cat(list(streams), 1), labels)
            return self.memory.synthesise(len(labels))
        if self.config.method == "feature_mixing":
            return feature_mixing(streams, self.config.n)
        if self.config.method == "mixup" and len(labels) > 1:
            return mixup(streams)
        return streams[0].new_zeros(0, sum(s.shape[1] for s in streams))
