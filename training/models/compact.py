"""A late-fusion network that a vehicle's CPU can run: two small encoder-decoders and a head over both features."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from fm_ood_ros.errors import InputError
from training.models.layers import Merge, Residual, conv_norm, double, feature_norm

STRIDE = 16  # of the deepest stage: both sides of the input are multiples of it


@dataclass(frozen=True)
class NetworkConfig:
    """Shape of the network.

    size: (H, W) of both inputs; channels: of the stem and the three stages; blocks: residual blocks per stage
    features: channels that each stream hands to the head; hidden: of the head; dropout: of the deepest maps
    unimodal_heads: one more head for each stream alone, which losses between the modalities need
    normalise: features of each stream, none, layer (at each position, over channels) or batch (each channel)
    """

    size: tuple[int, int] = (160, 640)
    channels: tuple[int, int, int, int] = (16, 32, 64, 96)
    blocks: tuple[int, int, int] = (1, 2, 2)
    features: int = 32
    hidden: int = 64
    dropout: float = 0.1
    unimodal_heads: bool = False
    normalise: str = "none"


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


class Stream(nn.Module):
    """Encoder-decoder of one sensor: [B,inputs,H,W] to features [B,F,H/2,W/2]."""

    def __init__(self, inputs: int, config: NetworkConfig) -> None:
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
                Merge(stages[0], stem, stem, config.features),
            ]
        )

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        half = self.stem(x)
        quarter = self.stages[0](half)
        eighth = self.stages[1](quarter)
        deep = self.dropout(self.stages[2](eighth))
        x = self.merges[0](deep, eighth)
        x = self.merges[1](x, quarter)
        features: Tensor = self.merges[2](x, half)
        return features


def _stage(inputs: int, outputs: int, blocks: int, dilation: int) -> nn.Sequential:
    rest = [Residual(outputs, outputs, dilation=dilation) for _ in range(blocks - 1)]
    return nn.Sequential(Residual(inputs, outputs, stride=2), *rest)


class CompactFusion(nn.Module):
    """Camera and LiDAR streams, fused late by concatenation and 1x1 convolutions.

    classes: C known classes, nothing else: an output for "ignored" would leak into every score
    image_scale, lidar_scale: (mean, std) per channel of the image (0-255) and of range, x, y, z, intensity
    Raises InputError when the size is no multiple of 16.
    """

    def __init__(
        self,
        classes: int,
        config: NetworkConfig,
        image_scale: tuple[list[float], list[float]] = ([0.0] * 3, [1.0] * 3),
        lidar_scale: tuple[list[float], list[float]] = ([0.0] * 5, [1.0] * 5),
    ) -> None:
        super().__init__()
        if config.size[0] % STRIDE or config.size[1] % STRIDE:
            raise InputError(f"network size is {config.size}, expected multiples of {STRIDE}; correct network.size")
        self.size = config.size
        self.camera_channels = config.features
        self.normalise_image = Normalise(*image_scale)
        self.normalise_lidar = Normalise(*lidar_scale)
        self.camera = Stream(3, config)
        self.lidar = Stream(6, config)
        self.classifier = nn.Sequential(
            nn.Conv2d(2 * config.features, config.hidden, 1),
            nn.LeakyReLU(0.1),
            nn.Conv2d(config.hidden, classes, 1),
        )
        self.camera_norm, self.lidar_norm = (feature_norm(config.normalise, config.features) for _ in range(2))
        if config.unimodal_heads:
            self.camera_head, self.lidar_head = (nn.Conv2d(config.features, classes, 1) for _ in range(2))

    def features(self, image: Tensor, lidar: Tensor) -> tuple[Tensor, Tensor]:
        """Camera and LiDAR features, each [B,F,H/2,W/2], of image [B,H,W,3] uint8 and lidar [B,5,H,W] float32."""
        # the whole tensor is cast before anything else: TensorRT takes uint8 into a Cast only
        pixels = self.normalise_image(image.float().permute(0, 3, 1, 2))
        occupied = (lidar[:, :1] > 0).float()
        points = torch.cat([self.normalise_lidar(lidar) * occupied, occupied], 1)
        return self.camera_norm(self.camera(pixels)), self.lidar_norm(self.lidar(points))

    def head(self, features: Tensor, order: Tensor | None = None) -> Tensor:
        """Logits [B,C,H/2,W/2] of concatenated features [B,2F,H/2,W/2], or of features[:, order] for an involution.

        A swap of channels is the same swap of the first layer's weights: no feature is moved.
        """
        first, *rest = self.classifier
        assert isinstance(first, nn.Conv2d)
        weight = first.weight if order is None else first.weight.index_select(1, order)
        logits = F.conv2d(features, weight, first.bias)
        for layer in rest:
            logits = layer(logits)
        return logits

    def forward(self, image: Tensor, lidar: Tensor) -> Tensor:
        """Logits [B,C,H,W]."""
        return double(self.head(torch.cat(self.features(image, lidar), 1)))


def parameters(network: nn.Module) -> int:
    """Number of trainable parameters."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def multiply_accumulates(network: CompactFusion) -> int:
    """Multiply-accumulate operations of one frame."""
    height, width = network.size
    device = next(network.parameters()).device
    image = torch.zeros(1, height, width, 3, dtype=torch.uint8, device=device)
    lidar = torch.zeros(1, 5, height, width, device=device)
    was_training = network.training
    network.eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(image, lidar)
    network.train(was_training)
    return int(counter.get_total_flops()) // 2
