"""Features of a trained network at labelled points, gathered once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fm_ood_ros.model.input_spec import InputSpec
from fm_ood_ros.model.label_sets import IGNORED, LabelSet
from training.data.cells import features_under
from training.data.frames import Frames, evenly
from training.data.samples import make_sample
from training.models.fusion import LateFusion


@dataclass(frozen=True)
class Rows:
    """features: [F,P,C] float32 of P points in each of F frames, both streams side by side

    labels: [F,P] uint8 train ids, 254 unknown, 255 where a frame has fewer points
    """

    features: Tensor
    labels: Tensor

    def batch(self, frames: Tensor, camera: int) -> dict[str, Tensor]:
        """A training sample of these frames: each a map of one row, `camera` channels the camera's; see HeadOnly."""
        rows = self.features[frames]
        return {
            "image": rows[:, None, :, :camera],
            "lidar": rows[:, :, camera:].permute(0, 2, 1)[:, :, None].contiguous(),
            "target": self.labels[frames][:, None],
        }


@torch.inference_mode()
def gather_rows(
    network: LateFusion, frames: Frames, label_set: LabelSet, spec: InputSpec, at_most: int, points: int
) -> Rows:
    """Rows of `at_most` frames spread evenly, `points` of the cells of each that hold a labelled point, by chance."""
    features, labels = [], []
    device = next(network.parameters()).device
    for index in evenly(len(frames), at_most):
        arrays = make_sample(frames[index], label_set, spec)
        target = torch.from_numpy(arrays["target"]).flatten()
        rng = np.random.default_rng([points, index])
        cells = torch.from_numpy(rng.permutation(np.flatnonzero(target.numpy() != IGNORED))[:points])
        inputs = (torch.from_numpy(np.ascontiguousarray(arrays[k]))[None].to(device) for k in ("image", "lidar"))
        maps = torch.cat(network.features(*inputs), 1).float()
        found = features_under(maps, cells.to(device), network.size).cpu()
        features.append(torch.cat([found, found.new_zeros(points - len(cells), found.shape[1])]))
        labels.append(torch.cat([target[cells], target.new_full((points - len(cells),), IGNORED)]))
    return Rows(torch.stack(features), torch.stack(labels))
