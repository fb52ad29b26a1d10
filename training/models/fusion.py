"""Late fusion: two streams, whose features are concatenated, and a head of 1x1 convolutions over both."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fm_ood_ros.errors import InputError
from training.models.config import NetworkConfig
from training.models.layers import enlarge, feature_norm

Scale = tuple[list[float], list[float]]


class Normalise(nn.Module):
    """Standardises the channels of [B,C,H,W] float32 with constants that travel with the weights."""

    mean: Tensor
    std: Tensor

    def __init__(self, mean: list[float], std: list[float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32).view(1, -1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(x - mean) / std."""
        return (x - self.mean) / self.std


class LateFusion(nn.Module):
    """Camera and LiDAR streams, fused late by concatenation and 1x1 convolutions.

    classes: C known classes, nothing else: an output for "ignored" would leak into every score
    camera, lidar: streams, whose features [B,Nc,h,w] and [B,Nl,h,w] are of the input's size or of half of it
    stride: of the deepest stage; occupancy: the LiDAR stream has a sixth input, 1 where a cell holds a point
    image_scale, lidar_scale: (mean, std) per channel of the image (0-255) and of range, x, y, z, intensity
    Raises InputError when the size is no multiple of the stride.
    """

    streams: tuple[str, ...] = ("camera", "lidar")  # names of the submodules, in the order of their features

    def __init__(
        self,
        classes: int,
        config: NetworkConfig,
        camera: nn.Module,
        lidar: nn.Module,
        stride: int,
        occupancy: bool,
        image_scale: Scale,
        lidar_scale: Scale,
    ) -> None:
        super().__init__()
        if config.size[0] % stride or config.size[1] % stride:
            raise InputError(f"network size is {config.size}, expected multiples of {stride}; correct network.size")
        self.classes = classes
        self.size = config.size
        self.occupancy = occupancy
        self.camera_channels, self.lidar_channels = config.widths[0], sum(config.widths[1:])
        self.normalise_image = Normalise(*image_scale)
        self.normalise_lidar = Normalise(*lidar_scale)
        self.camera = camera
        self.lidar = lidar
        self.classifier = nn.Sequential(
            nn.Conv2d(sum(config.widths), config.hidden, 1),
            nn.LeakyReLU(0.1),
            nn.Conv2d(config.hidden, classes, 1),
        )
        self.camera_norm, self.lidar_norm = (feature_norm(config.normalise, width) for width in config.widths[:2])
        if config.unimodal_heads:
            self.camera_head, self.lidar_head = (nn.Conv2d(width, classes, 1) for width in config.widths)

    def inputs(self, image: Tensor, lidar: Tensor) -> tuple[Tensor, Tensor]:
        """Standardised inputs [B,3,H,W] and [B,5 or 6,H,W] of image [B,H,W,3] uint8 and lidar [B,5,H,W] float32."""
        # the whole tensor is cast before anything else: TensorRT takes uint8 into a Cast only
        pixels = self.normalise_image(image.float().permute(0, 3, 1, 2))
        occupied = (lidar[:, :1] > 0).float()
        points = self.normalise_lidar(lidar) * occupied
        if self.occupancy:
            points = torch.cat([points, occupied], 1)
        return pixels, points

    def features(self, image: Tensor, lidar: Tensor) -> tuple[Tensor, ...]:
        """Features [B,Nc,h,w] and [B,Nl,h,w] of image [B,H,W,3] uint8 and lidar [B,5,H,W] float32."""
        pixels, points = self.inputs(image, lidar)
        return self.camera_norm(self.camera(pixels)), self.lidar_norm(self.lidar(points))

    def head(self, features: Tensor, order: Tensor | None = None) -> Tensor:
        """Logits [B,C,h,w] of concatenated features [B,Nc+Nl,h,w], or of features[:, order].

        Channels in another order are the first layer's weights in the opposite one: no feature is moved.
        """
        first, *rest = self.classifier
        assert isinstance(first, nn.Conv2d)
        weight = first.weight if order is None else first.weight.index_select(1, order.argsort())
        logits = F.conv2d(features, weight, first.bias)
        for layer in rest:
            logits = layer(logits)
        return logits

    def coarse(self, image: Tensor, lidar: Tensor) -> Tensor:
        """Logits [B,C,h,w] of the features' size."""
        return self.head(torch.cat(self.features(image, lidar), 1))

    def forward(self, image: Tensor, lidar: Tensor) -> Tensor:
        """Logits [B,C,H,W]."""
        return enlarge(self.coarse(image, lidar), self.size)
