"""The training objective, at cells that hold a point.

L = focal + Lovász + gamma1 * outliers + gamma2 * cross-modal + the cross-modal heads' own focal + Lovász
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from fm_ood_ros.model.label_sets import OOD
from training.config import PRECISIONS, Config
from training.data.cells import at_cells, features_under, some
from training.losses.cross_modal import a2d, xmuda
from training.losses.points import bounded_energy, focal, lovasz_softmax, negative_entropy, unit_logits
from training.models.fusion import LateFusion
from training.outliers.judged import Outliers


class Objective(nn.Module):
    """Network and losses in one module, so that one forward call is one step on any number of processes.

    alpha: focal weights [C]; the streams run in half precision where asked, head and losses always in float32
    """

    alpha: Tensor

    def __init__(self, network: LateFusion, alpha: Tensor, config: Config) -> None:
        super().__init__()
        self.network = network
        self.config = config
        self.outliers = Outliers(config.synthesis, len(alpha), config.network.widths)
        self.register_buffer("alpha", alpha)

    def forward(self, sample: Mapping[str, Tensor], weight: float) -> dict[str, Tensor]:
        """Losses of a batch by name, among them `total`; weight: of the outlier loss, `entropy` or `energy`."""
        image, lidar, target = sample["image"], sample["lidar"], sample["target"].reshape(-1)
        streams = self._streams(image, lidar)
        features = torch.cat(streams, 1)
        size = (image.shape[1], image.shape[2])
        cells = (target < OOD).nonzero()[:, 0]
        labels = target[cells].long()
        fused = at_cells(self.network.head(features), cells, size)
        unimodal = self._unimodal(streams, cells, labels, size)
        if not len(cells):  # nothing to learn, but every process must take part in the step
            nothing = features.sum() * 0 + sum(z.sum() for z in (fused, *unimodal))
            return dict.fromkeys(self._names(), nothing)
        self.outliers.remember(features, cells, labels, size)
        losses = self._known(fused, labels)
        losses[self.config.synthesis.loss] = fused.new_zeros(())
        if weight:
            made = self.outliers(self.network, features, cells, labels, size)
            losses[self.config.synthesis.loss] = self._outlier_loss(fused, *made)
        if unimodal:
            losses |= self._cross_modal(*unimodal)
        return losses | {"total": self._total(losses, weight)}

    def _streams(self, image: Tensor, lidar: Tensor) -> tuple[Tensor, ...]:
        """Features of every stream, float32."""
        precision = PRECISIONS[self.config.optimiser.precision]
        with torch.autocast(image.device.type, precision, enabled=precision != torch.float32):
            return tuple(f.float() for f in self.network.features(image, lidar))

    def _unimodal(
        self, streams: tuple[Tensor, ...], cells: Tensor, labels: Tensor, size: tuple[int, int]
    ) -> list[Tensor]:
        """Logits of both heads and the labels of their points; nothing where no loss asks for them."""
        cross = self.config.cross_modal
        if cross.method == "none":
            return []
        heads = self.network.camera_head, self.network.lidar_head
        if not cross.points:
            return [*(at_cells(head(f), cells, size) for head, f in zip(heads, streams, strict=True)), labels]
        chosen = some(cells, cross.points)
        rows = (features_under(f, cells[chosen], size) for f in streams)
        return [*(head(r[:, :, None, None])[:, :, 0, 0] for head, r in zip(heads, rows, strict=True)), labels[chosen]]

    def _known(self, logits: Tensor, labels: Tensor) -> dict[str, Tensor]:
        if self.config.loss.bounded == "logit_norm":
            logits = unit_logits(logits, self.config.loss.temperature)
        known = focal(logits, labels, self.alpha, self.config.loss.focal_gamma)
        return {"focal": known, "lovasz": lovasz_softmax(logits, labels)}

    def _outlier_loss(self, known: Tensor, outliers: Tensor, labels: Tensor) -> Tensor:
        config = self.config.synthesis
        if not len(outliers):  # the memory is not full yet
            return known.new_zeros(())
        if config.loss == "energy":
            return bounded_energy(known, outliers, config.margins)
        return negative_entropy(outliers, self.alpha[labels] if config.class_weighted else None)

    def _cross_modal(self, camera: Tensor, points: Tensor, labels: Tensor) -> dict[str, Tensor]:
        between = a2d(camera, points, labels) if self.config.cross_modal.method == "a2d" else xmuda(camera, points)
        own = [loss for logits in (camera, points) for loss in self._known(logits, labels).values()]
        return {"cross_modal": between, "unimodal": torch.stack(own).sum()}

    def _total(self, losses: Mapping[str, Tensor], weight: float) -> Tensor:
        cross = self.config.cross_modal
        weights = {self.config.synthesis.loss: weight, "cross_modal": cross.weight, "unimodal": cross.supervision}
        return torch.stack([weights.get(name, 1.0) * loss for name, loss in losses.items()]).sum()

    def _names(self) -> tuple[str, ...]:
        between = () if self.config.cross_modal.method == "none" else ("cross_modal", "unimodal")
        return ("focal", "lovasz", self.config.synthesis.loss, *between, "total")
