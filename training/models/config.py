"""Shape of the network: settings of the compact and of the paper's one."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PaperConfig:
    """What only the paper's network has; the defaults are the paper's, as far as it says.

    backbone: resnet34 or resnet18; backbone_width: channels of its first stage
    stem_stride: 1 keeps the camera's detail at four times the cost of 2, which ImageNet weights were trained with
    camera_features, lidar_features: channels that each stream hands to the head; the latter is SalsaNext's base width
    pretrained: ImageNet weights of the backbone with torchvision's names, a .safetensors or .pth file
    """

    backbone: str = "resnet34"
    backbone_width: int = 64
    stem_stride: int = 1
    camera_features: int = 16
    lidar_features: int = 32
    pretrained: str | None = None


@dataclass(frozen=True)
class NetworkConfig:
    """Shape of the network.

    size: (H, W) of both inputs; hidden: of the head; dropout: of the deeper maps
    channels, blocks, features: of the compact network: channels of the stem and the three stages, residual blocks per
    stage, and channels that each stream hands to the head
    unimodal_heads: one more head for each stream alone, which losses between the modalities need
    normalise: features of each stream, none, layer (at each position, over channels) or batch (each channel)
    kind: compact, trimodal (the LiDAR's geometry and reflectivity as streams of their own) or paper
    paper: what only the paper's network has
    """

    size: tuple[int, int] = (160, 640)
    channels: tuple[int, int, int, int] = (16, 32, 64, 96)
    blocks: tuple[int, int, int] = (1, 2, 2)
    features: int = 32
    hidden: int = 64
    dropout: float = 0.1
    unimodal_heads: bool = False
    normalise: str = "none"
    kind: str = "compact"
    paper: PaperConfig = field(default_factory=PaperConfig)

    @property
    def widths(self) -> tuple[int, ...]:
        """Feature channels of every stream, the camera's first."""
        if self.kind == "paper":
            return self.paper.camera_features, self.paper.lidar_features
        if self.kind == "trimodal":
            return self.features, self.features // 2, self.features - self.features // 2
        return self.features, self.features
