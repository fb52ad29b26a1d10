"""Feature Mixing: outliers made by swapping channels between the features of two modalities.

Source: "Extremely Simple Multimodal Outlier Synthesis for Out-of-Distribution Detection and Segmentation",
arXiv 2505.16985, section 3.
"""

from __future__ import annotations

import torch
from torch import Tensor

from fm_ood_ros.errors import InputError


def mixing_permutation(camera: int, lidar: int, n: int, generator: torch.Generator | None = None) -> Tensor:
    """Channel order [camera + lidar] int64 that swaps n random channels of each modality in their concatenation.

    The swap is its own inverse. Raises InputError when n exceeds one modality's channels.
    """
    if not 0 <= n <= min(camera, lidar):
        raise InputError(
            f"feature mixing swaps n = {n} channels, expected 0 to {min(camera, lidar)} for {camera} camera and "
            f"{lidar} LiDAR channels; choose a smaller n"
        )
    from_camera = torch.randperm(camera, generator=generator)[:n]
    from_lidar = torch.randperm(lidar, generator=generator)[:n] + camera
    order = torch.arange(camera + lidar)
    order[from_camera], order[from_lidar] = from_lidar, from_camera
    return order


def mix_channels(
    features: Tensor, camera: int, n: int, per_sample: bool = False, generator: torch.Generator | None = None
) -> Tensor:
    """Outlier features Fo, shaped like the concatenated features F [B,Nc+Nl,...] of which the first `camera` are Nc.

    One draw for the whole batch, as in the paper, or one per sample. Gradients flow to F.
    ||Fo - F|| <= sqrt(2 n) max_ij |Fc_i - Fl_j| at every position (the paper's Theorem 2).
    """
    lidar = features.shape[1] - camera
    if not per_sample:
        return features.index_select(1, mixing_permutation(camera, lidar, n, generator).to(features.device))
    orders = [mixing_permutation(camera, lidar, n, generator) for _ in range(len(features))]
    sample = torch.arange(len(features), device=features.device)[:, None]
    return features[sample, torch.stack(orders).to(features.device)]


def feature_mixing(
    camera: Tensor, lidar: Tensor, n: int = 10, per_sample: bool = False, generator: torch.Generator | None = None
) -> Tensor:
    """Outlier features Fo [B,Nc+Nl,...] of camera features [B,Nc,...] and LiDAR features [B,Nl,...]."""
    return mix_channels(torch.cat([camera, lidar], 1), camera.shape[1], n, per_sample, generator)
