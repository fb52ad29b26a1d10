"""Every method's outliers at one shape of features: time and memory, beside one copy of the same features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmark.measure import Call, medians, profiled
from training.outliers.channel_swap import swap_order
from training.outliers.cross_pair import cross_pair
from training.outliers.feature_mixing import feature_mixing
from training.outliers.folded_mixing import mixed_projection, mixed_weight
from training.outliers.mixup import mixup
from training.outliers.np_mix import NpMix
from training.outliers.npos import Npos
from training.outliers.vos import Vos

COPY, ONE_PERMUTATION, IN_THE_HEAD, NP_MIX = "one copy", "FM, one permutation", "FM, in the head's weights", "NP-Mix"
SAMPLED = 8192  # points of a batch that enter a memory, as in training


@dataclass(frozen=True)
class Shape:
    """Features of a task: batch, channels of both modalities, (H, W) or nothing, classes, swapped channels."""

    name: str
    batch: int
    widths: tuple[int, int]
    grid: tuple[int, ...]
    classes: int
    n: int

    @property
    def points(self) -> int:
        """Feature vectors of a batch."""
        return self.batch * int(torch.tensor(self.grid).prod())

    def __str__(self) -> str:
        size = ", ".join(map(str, (self.batch, f"{self.widths[0]}+{self.widths[1]}", *self.grid)))
        return f"{self.name} [{size}], N = {self.n}, {self.classes} classes"


SHAPES = (
    Shape("segmentation", 2, (16, 32), (256, 1024), 14, 10),
    Shape("segmentation, larger", 4, (16, 32), (384, 1248), 14, 10),
    Shape("detection", 16, (2304, 2048), (), 43, 512),
)
QUICK = (
    Shape("segmentation, small", 2, (16, 32), (32, 128), 14, 10),
    Shape("detection, small", 16, (144, 128), (), 10, 32),
)


class Batch:
    """Random features of a shape, labels in patches, and a linear head over them, as one training step has them."""

    def __init__(self, shape: Shape, device: str) -> None:
        torch.manual_seed(0)
        self.shape = shape
        self.streams = [torch.randn(shape.batch, w, *shape.grid, device=device) for w in shape.widths]
        self.features = torch.cat(self.streams, 1)
        patches = tuple(-(-side // 16) for side in shape.grid)
        labels = torch.randint(0, shape.classes, (shape.batch, *patches), device=device)
        for axis in range(1, labels.dim()):
            labels = labels.repeat_interleave(16, axis)
        self.labels = labels[(slice(None), *(slice(side) for side in shape.grid))]
        channels = sum(shape.widths)
        head = nn.Conv2d(channels, 20, 1) if shape.grid else nn.Linear(channels, shape.classes)
        self.head = head.to(device)
        self.logits = self.head(self.features)

    def sampled(self) -> tuple[Tensor, Tensor]:
        """Rows and labels of the points that enter a memory in a step."""
        chosen = torch.randperm(self.shape.points, device=self.features.device)[:SAMPLED]
        each = self.shape.points // self.shape.batch
        rows = self.features.reshape(self.shape.batch, -1, each)[chosen // each, :, chosen % each]
        return rows, self.labels.flatten()[chosen]


def synthesis(batch: Batch) -> dict[str, Call]:
    """Outliers of a batch by method; those with a memory take the batch in first."""
    shape, streams = batch.shape, batch.streams
    camera, lidar = streams
    return {
        COPY: batch.features.clone,
        "FM, as defined": lambda: as_defined(camera, lidar, shape.n),
        ONE_PERMUTATION: lambda: batch.features.index_select(1, _order(batch)),
        "FM, contiguous block": partial(feature_mixing, streams, shape.n, "block"),
        "FM, a draw per sample": partial(feature_mixing, streams, shape.n, "sample"),
        IN_THE_HEAD: lambda: mixed_weight(batch.head.weight, _order(batch)),
        "Mixup": partial(mixup, streams),
        "cross-pair": partial(cross_pair, streams, batch.labels),
        "VOS": _remembering(Vos, batch, min(SAMPLED, shape.points)),
        "NPOS": _remembering(Npos, batch, min(SAMPLED, shape.points)),
        NP_MIX: _remembering(NpMix, batch, shape.points),
    }


def logits(batch: Batch) -> dict[str, Call]:
    """From a batch's features, and what the head makes of them, to the logits of outliers."""
    head, features = batch.head, batch.features
    np_mix = _remembering(NpMix, batch, batch.shape.points)
    unflat = (batch.shape.batch, *batch.shape.grid)
    return {
        "head alone": lambda: head(features),
        "FM, one permutation, head": lambda: head(features.index_select(1, _order(batch))),
        IN_THE_HEAD: lambda: _apply(head, features, mixed_weight(head.weight, _order(batch))),
        "FM, change of the logits": lambda: mixed_projection(batch.logits, features, head.weight, _order(batch)),
        "NP-Mix, head": lambda: head(np_mix().unflatten(0, unflat).movedim(-1, 1)),
    }


def as_defined(camera: Tensor, lidar: Tensor, n: int) -> Tensor:
    """Feature Mixing as the paper words it: channels written over in copies of both, then joined."""
    a, b = torch.randperm(camera.shape[1])[:n], torch.randperm(lidar.shape[1])[:n]
    mixed_camera, mixed_lidar = camera.clone(), lidar.clone()
    mixed_camera[:, a], mixed_lidar[:, b] = lidar[:, b], camera[:, a]
    return torch.cat([mixed_camera, mixed_lidar], 1)


@torch.no_grad()
def measured(shape: Shape, device: str, rounds: int) -> dict[str, Any]:
    """Seconds, bytes, ratios to one copy and leading operators of every method, and of the way to logits."""
    batch = Batch(shape, device)
    calls, ways = synthesis(batch), logits(batch)
    seconds, way_seconds = medians(calls, rounds), medians(ways, rounds)
    size = batch.features.numel() * batch.features.element_size()
    rows = []
    for name, call in calls.items():
        peak, operators = profiled(call)
        facts = {"ms": 1e3 * seconds[name], "copies": seconds[name] / seconds[COPY], "peak_of_features": peak / size}
        rows.append({"method": name, **facts, "operators": operators})
    ways_rows = [
        {"way": name, "ms": 1e3 * s, "heads": s / way_seconds["head alone"]} for name, s in way_seconds.items()
    ]
    return {"shape": str(shape), "task": shape.name, "features_mb": size / 1e6, "methods": rows, "logits": ways_rows}


def _order(batch: Batch) -> Tensor:
    return swap_order(batch.shape.widths, batch.shape.n).to(batch.features.device)


def _apply(head: nn.Conv2d | nn.Linear, features: Tensor, weight: Tensor) -> Tensor:
    return F.linear(features, weight, head.bias) if features.dim() == 2 else F.conv2d(features, weight, head.bias)


def _remembering(kind: type[Vos] | type[Npos] | type[NpMix], batch: Batch, outliers: int) -> Callable[[], Tensor]:
    method = kind(batch.shape.classes, batch.features.shape[1]).to(batch.features.device)
    size = method.queues.size
    for label in range(batch.shape.classes):  # full from the start, as for most of a training
        rows = torch.randn(size, batch.features.shape[1], device=batch.features.device)
        method.update(rows, torch.full((size,), label, device=rows.device))

    def step() -> Tensor:
        method.update(*batch.sampled())
        return method.synthesise(outliers)

    return step
