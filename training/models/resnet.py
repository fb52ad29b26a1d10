"""A residual encoder with torchvision's state-dict names, so that published ImageNet weights load.

He et al., "Deep Residual Learning for Image Recognition", CVPR 2016; the classifier `fc` is left out.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

BLOCKS = {"resnet18": (2, 2, 2, 2), "resnet34": (3, 4, 6, 3)}


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut, which is projected when the shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample: nn.Module = nn.Identity()
        if inputs != outputs or stride != 1:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """[B,inputs,H,W] to [B,outputs,H/stride,W/stride]."""
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.downsample(x))


class ResNet(nn.Module):
    """Encoder of an image [B,3,H,W]: maps of the four stages, [B,w,h,w'], [B,2w,h/2,..], [B,4w,..], [B,8w,..].

    blocks: per stage; width: w; stem_stride: 2 as published (h = H/4), or 1 (h = H/2)
    """

    def __init__(self, blocks: tuple[int, ...], width: int = 64, stem_stride: int = 2) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, stem_stride, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.widths = [width << i for i in range(4)]
        inputs = [width, *self.widths]
        self.layer1, self.layer2, self.layer3, self.layer4 = (
            _stage(inputs[i], self.widths[i], blocks[i], stride=1 if i == 0 else 2) for i in range(4)
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> list[Tensor]:
        """See the class."""
        x = self.maxpool(F.relu(self.bn1(self.conv1(x))))
        maps = []
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
            maps.append(x)
        return maps


def _stage(inputs: int, outputs: int, blocks: int, stride: int) -> nn.Sequential:
    rest = [BasicBlock(outputs, outputs, 1) for _ in range(blocks - 1)]
    return nn.Sequential(BasicBlock(inputs, outputs, stride), *rest)
