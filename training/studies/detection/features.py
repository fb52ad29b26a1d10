"""Stored features of clips: video and optical flow, one row a clip."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from fm_ood_ros.errors import InputError

ARRAYS = ("video", "flow", "labels")


@dataclass(frozen=True)
class Features:
    """video: [N,Dv] float32 (SlowFast: 2304); flow: [N,Df] float32 (SlowOnly: 2048); labels: [N] int64, from 0 on."""

    name: str
    video: Tensor
    flow: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def streams(self) -> tuple[Tensor, Tensor]:
        """Both modalities."""
        return self.video, self.flow

    @property
    def widths(self) -> tuple[int, int]:
        """Channels of both modalities."""
        return self.video.shape[1], self.flow.shape[1]

    @property
    def classes(self) -> int:
        """Known classes, if these are known clips."""
        return int(self.labels.max()) + 1

    def rows(self, chosen: Tensor) -> Features:
        """Some of the clips."""
        return Features(self.name, self.video[chosen], self.flow[chosen], self.labels[chosen])

    def split(self, share: float, seed: int) -> tuple[Features, Features]:
        """Two parts, the second with that share of every class (at least one clip of classes with two or more)."""
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(self), generator=generator)
        order = order[self.labels[order].argsort(stable=True)]
        count = self.labels.bincount()
        rank = torch.arange(len(self)) - (count.cumsum(0) - count)[self.labels[order]]
        of_class = count[self.labels[order]]
        held = rank < torch.where(of_class > 1, (of_class * share).round().clamp_min(1), torch.zeros(1))
        return self.rows(order[~held].sort().values), self.rows(order[held].sort().values)


def read_features(path: Path, widths: tuple[int, int] | None = None) -> Features:
    """From an .npz with video [N,Dv], flow [N,Df] and labels [N]; never unpickles.

    widths: that the features must have. Raises InputError naming the file.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = [name for name in ARRAYS if name not in archive]
            if missing:
                raise InputError(f"{path} lacks the array '{missing[0]}', expected {', '.join(ARRAYS)}; store it too")
            video, flow, labels = (np.asarray(archive[name]) for name in ARRAYS)
    except (OSError, ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{path} cannot be read as plain arrays ({error}); pickled files are refused: write it with numpy.savez"
        ) from error
    _check(path, video, flow, labels, widths)
    return Features(
        path.stem,
        torch.from_numpy(video.astype(np.float32)),
        torch.from_numpy(flow.astype(np.float32)),
        torch.from_numpy(labels.astype(np.int64)),
    )


def _check(path: Path, video: np.ndarray, flow: np.ndarray, labels: np.ndarray, widths: tuple[int, int] | None) -> None:
    shapes = f"video {video.shape}, flow {flow.shape}, labels {labels.shape}"
    if video.ndim != 2 or flow.ndim != 2 or labels.ndim != 1 or not len(video) == len(flow) == len(labels) > 0:
        raise InputError(f"{path} has {shapes}, expected [N,Dv], [N,Df] and [N] of the same clips; store them together")
    if labels.dtype.kind not in "iu" or labels.min() < 0:
        raise InputError(f"{path} has labels of {labels.dtype} from {labels.min()} on, expected whole ones from 0 on")
    for name, values in (("video", video), ("flow", flow)):
        if values.dtype.kind != "f" or not np.isfinite(values).all():
            raise InputError(f"{path} has {name} of {values.dtype}, expected finite floats; store it anew")
    if widths is not None and (video.shape[1], flow.shape[1]) != widths:
        raise InputError(f"{path} has {shapes}, expected {widths[0]} and {widths[1]} channels; use the same extractors")
