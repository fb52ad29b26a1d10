"""The paper's network: ResNet-34 on the camera, SalsaNext on the LiDAR, fused late (arXiv 2505.16985, after PMF)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fm_ood_ros.errors import InputError
from training.models.config import NetworkConfig
from training.models.fusion import LateFusion, Scale
from training.models.layers import conv_norm, double
from training.models.resnet import BLOCKS, ResNet
from training.models.salsanext import SalsaNext


class CameraStream(nn.Module):
    """Residual encoder and a thin decoder: [B,3,H,W] to features [B,Nc,H,W].

    The decoder joins every stage's map with what came from below, and doubles it.
    Zhuang et al., "Perception-Aware Multi-Sensor Fusion for 3D LiDAR Semantic Segmentation", ICCV 2021.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        paper = config.paper
        self.encoder = ResNet(BLOCKS[paper.backbone], paper.backbone_width, paper.stem_stride)
        self.dropout = nn.Dropout(config.dropout)
        first, second, third, fourth = self.encoder.widths
        features = paper.camera_features
        self.joins = nn.ModuleList(
            [
                conv_norm(fourth, features),
                conv_norm(third + features, features),
                conv_norm(second + features, features),
                conv_norm(first + features, features, kernel=1),
            ]
        )
        self.halved = paper.stem_stride == 2

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        first, second, third, fourth = self.encoder(x)
        x = self._up(0, self.dropout(fourth))
        for level, skipped in enumerate((self.dropout(third), second, first), 1):
            x = self._up(level, torch.cat([x, skipped], 1))
        return double(x) if self.halved else x

    def _up(self, level: int, x: Tensor) -> Tensor:
        return double(F.leaky_relu(self.joins[level](x)))


class PaperFusion(LateFusion):
    """See LateFusion; features are of the input's size.

    Raises InputError when the backbone or its stride is unknown.
    """

    def __init__(
        self,
        classes: int,
        config: NetworkConfig,
        image_scale: Scale = ([0.0] * 3, [1.0] * 3),
        lidar_scale: Scale = ([0.0] * 5, [1.0] * 5),
    ) -> None:
        paper = config.paper
        if paper.backbone not in BLOCKS or paper.stem_stride not in (1, 2):
            raise InputError(
                f"network.paper has backbone '{paper.backbone}' with stem_stride {paper.stem_stride}, expected one of "
                f"{sorted(BLOCKS)} with 1 or 2; correct the configuration"
            )
        camera, lidar = CameraStream(config), SalsaNext(5, paper.lidar_features, config.dropout)
        super().__init__(classes, config, camera, lidar, 16 * paper.stem_stride, False, image_scale, lidar_scale)
