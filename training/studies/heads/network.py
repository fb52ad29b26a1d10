"""A network that is nothing but its head: the streams' features come in, stored."""

from __future__ import annotations

from torch import Tensor, nn

from training.models.config import NetworkConfig
from training.models.fusion import LateFusion


class HeadOnly(LateFusion):
    """See LateFusion; `image` is camera features [B,H,W,Nc], `lidar` LiDAR features [B,Nl,H,W], float32.

    Neither has been through a norm of features, so that network.normalise works on them.
    """

    def __init__(self, classes: int, config: NetworkConfig) -> None:
        none = ([0.0], [1.0])
        super().__init__(classes, config, nn.Identity(), nn.Identity(), 1, False, none, none)

    def features(self, image: Tensor, lidar: Tensor) -> tuple[Tensor, ...]:
        """Features [B,Nc,H,W] and [B,Nl,H,W]."""
        return self.camera_norm(image.permute(0, 3, 1, 2)), self.lidar_norm(lidar)
