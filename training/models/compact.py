"""A late-fusion network that a vehicle's CPU can run: two small encoder-decoders with features of half size."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from training.models.config import NetworkConfig
from training.models.fusion import LateFusion, Scale
from training.models.layers import Merge, Residual, conv_norm, feature_norm

STRIDE = 16  # of the deepest stage


class Stream(nn.Module):
    """Encoder-decoder of one modality: [B,inputs,H,W] to features [B,features,H/2,W/2]."""

    def __init__(self, inputs: int, config: NetworkConfig, features: int) -> None:
        super().__init__()
        stem, *stages = config.channels
        self.stem = nn.Sequential(conv_norm(inputs, stem, kernel=5, stride=2), nn.ReLU())
        widths = [stem, *stages]
        self.stages = nn.ModuleList(
            _stage(widths[i], widths[i + 1], config.blocks[i], dilation=2 if i == 2 else 1) for i in range(3)
        )
        self.dropout = nn.Dropout2d(config.dropout)
        self.merges = nn.ModuleList(
            [
                Merge(stages[2], stages[1], stages[1], stages[1]),
                Merge(stages[1], stages[0], stages[0], stages[0]),
                Merge(stages[0], stem, stem, features),
            ]
        )

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        half = self.stem(x)
        quarter = self.stages[0](half)
        eighth = self.stages[1](quarter)
        x = self.merges[0](self.dropout(self.stages[2](eighth)), eighth)
        x = self.merges[1](x, quarter)
        merged: Tensor = self.merges[2](x, half)
        return merged


def _stage(inputs: int, outputs: int, blocks: int, dilation: int) -> nn.Sequential:
    rest = [Residual(outputs, outputs, dilation=dilation) for _ in range(blocks - 1)]
    return nn.Sequential(Residual(inputs, outputs, stride=2), *rest)


class CompactFusion(LateFusion):
    """See LateFusion; both streams are alike, and the LiDAR's knows which cells hold a point."""

    camera: Stream
    lidar: Stream

    def __init__(
        self,
        classes: int,
        config: NetworkConfig,
        image_scale: Scale = ([0.0] * 3, [1.0] * 3),
        lidar_scale: Scale = ([0.0] * 5, [1.0] * 5),
    ) -> None:
        camera, lidar = (Stream(inputs, config, width) for inputs, width in zip((3, 6), config.widths, strict=True))
        super().__init__(classes, config, camera, lidar, STRIDE, True, image_scale, lidar_scale)


class TrimodalFusion(LateFusion):
    """See LateFusion; the LiDAR's geometry and its reflectivity are modalities of their own, so that there are three.

    Both streams of the LiDAR know which cells hold a point; the second hands on half as many features as the camera's,
    and so does the third: the head is as wide as that of two streams.
    """

    streams = ("camera", "lidar", "reflectivity")

    def __init__(
        self,
        classes: int,
        config: NetworkConfig,
        image_scale: Scale = ([0.0] * 3, [1.0] * 3),
        lidar_scale: Scale = ([0.0] * 5, [1.0] * 5),
    ) -> None:
        camera, geometry, reflectivity = config.widths
        streams = Stream(3, config, camera), Stream(5, config, geometry)
        super().__init__(classes, config, *streams, STRIDE, True, image_scale, lidar_scale)
        self.reflectivity = Stream(2, config, reflectivity)
        self.reflectivity_norm = feature_norm(config.normalise, reflectivity)

    def features(self, image: Tensor, lidar: Tensor) -> tuple[Tensor, ...]:
        """Features of camera, geometry and reflectivity, each [B,N,H/2,W/2]."""
        pixels, points = self.inputs(image, lidar)
        geometry, intensity, occupied = points.split([4, 1, 1], 1)
        return (
            self.camera_norm(self.camera(pixels)),
            self.lidar_norm(self.lidar(torch.cat([geometry, occupied], 1))),
            self.reflectivity_norm(self.reflectivity(torch.cat([intensity, occupied], 1))),
        )
