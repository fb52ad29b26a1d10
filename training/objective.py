"""The training objective: L = focal + Lovász + gamma1 * entropy of mixed features, at cells that hold a point."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from fm_ood_ros.label_sets import OOD
from training.config import FeatureMixingConfig
from training.feature_mixing import mix_channels, mixing_permutation
from training.losses import focal, lovasz_softmax, negative_entropy
from training.models.fusion import LateFusion


def outlier_weight(config: FeatureMixingConfig, progress: float) -> float:
    """Weight of the entropy term at a share of the run: zero before the start, then rising over the warm-up."""
    if not config.enabled or progress < config.start:
        return 0.0
    return config.gamma1 * (min(1.0, (progress - config.start) / config.warmup) if config.warmup else 1.0)


class Objective(nn.Module):
    """Network and losses in one module, so that one forward call is one step on any number of processes.

    alpha: focal weights [C]; the streams run in bfloat16 where asked, head and losses always in float32
    """

    alpha: Tensor

    def __init__(self, network: LateFusion, alpha: Tensor, mixing: FeatureMixingConfig, bf16: bool) -> None:
        super().__init__()
        self.network = network
        self.mixing = mixing
        self.bf16 = bf16
        self.register_buffer("alpha", alpha)

    def forward(self, sample: Mapping[str, Tensor], weight: float) -> dict[str, Tensor]:
        """Losses `total`, `focal`, `lovasz`, `entropy` of a batch; weight: of the entropy term."""
        image, lidar, target = sample["image"], sample["lidar"], sample["target"].reshape(-1)
        with torch.autocast(image.device.type, torch.bfloat16, enabled=self.bf16):
            streams = self.network.features(image, lidar)
        features = torch.cat(streams, 1).float()
        cells = (target < OOD).nonzero()[:, 0]
        labels = target[cells].long()
        logits = at_cells(self.network.enlarge(self.network.head(features)), cells)
        if not len(cells):  # nothing to learn, but every process must take part in the step
            return dict.fromkeys(("total", "focal", "lovasz", "entropy"), logits.sum() + features.sum() * 0)
        losses = {"focal": focal(logits, labels, self.alpha), "lovasz": lovasz_softmax(logits, labels)}
        losses["entropy"] = self._outlier_entropy(features, cells, labels) if weight else logits.new_zeros(())
        losses["total"] = losses["focal"] + losses["lovasz"] + weight * losses["entropy"]
        return losses

    def _outlier_entropy(self, features: Tensor, cells: Tensor, labels: Tensor) -> Tensor:
        mixing, head = self.mixing, self.network.head
        camera = self.network.camera_channels
        features = features.detach() if mixing.detach else features
        if mixing.per_sample:
            logits = head(mix_channels(features, camera, mixing.n, per_sample=True))
        else:
            order = mixing_permutation(camera, features.shape[1] - camera, mixing.n)
            logits = head(features, order.to(features.device))
        return negative_entropy(
            at_cells(self.network.enlarge(logits), cells), self.alpha[labels] if mixing.class_weighted else None
        )


def at_cells(logits: Tensor, cells: Tensor) -> Tensor:
    """Rows [P,C] of logits [B,C,H,W] at cells [P] of B*H*W."""
    return logits.permute(0, 2, 3, 1).flatten(0, 2)[cells]
