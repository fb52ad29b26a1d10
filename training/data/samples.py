"""Training samples: an endless, numbered stream of augmented frames as the network sees them."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from fm_ood_ros.frame import Frame
from fm_ood_ros.geometry.ground import Plane
from fm_ood_ros.model.input_spec import InputSpec
from fm_ood_ros.model.label_sets import LabelSet
from fm_ood_ros.rig import ALONE, Rig, Sight
from training.config import Config
from training.data.augmentation import augment, vary_ground, vary_intensity
from training.data.frames import Frames

Sample = dict[str, Tensor]


def make_sample(
    frame: Frame, label_set: LabelSet, spec: InputSpec, vary: Callable[[Plane], Plane] | None = None
) -> dict[str, NDArray[np.generic]]:
    """`image` [H,W,3] uint8, `lidar` [5,H,W] float32, `target` [H,W] uint8: 254 unknown, 255 empty or ignored.

    A frame of one view, seen as the vehicle does that knows this frame alone; vary: changes the measured ground
    """
    (sight,) = Rig(spec, ALONE, vary).see(frame)
    return sample_of(sight, frame, label_set)


def sample_of(sight: Sight, frame: Frame, label_set: LabelSet) -> dict[str, NDArray[np.generic]]:
    """See make_sample."""
    assert frame.labels is not None
    target = target_map(label_set.train_ids(frame.labels), sight.projection.nearest, sight.view.size)
    return {"image": sight.image, "lidar": sight.lidar, "target": target}


def target_map(labels: NDArray[np.uint8], nearest: NDArray[np.int32], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Train ids [H,W] of the nearest point of every cell, 255 where empty; labels: train ids [N]."""
    target = np.full(nearest.size, 255, np.uint8)
    occupied = nearest >= 0
    target[occupied] = labels[nearest[occupied]]
    return target.reshape(size)


class SampleStream(Dataset[Sample]):
    """Sample k of a run, whatever came before: its frame and its augmentation depend on the seed and on k alone.

    So a run that resumes at step i reads exactly what it would have read without the break.
    """

    def __init__(self, frames: Frames, label_set: LabelSet, config: Config) -> None:
        self.frames = frames
        self.label_set = label_set
        self.config = config
        self._cache: dict[int, Frame] = {}
        self._cache_room = config.data.cache_mb * 1_000_000
        self._order: tuple[int, NDArray[np.int64]] = (-1, np.zeros(0, np.int64))

    def __getitem__(self, k: int) -> Sample:
        epoch, place = divmod(k, len(self.frames))
        index = int(self._permutation(epoch)[place])
        rng = np.random.default_rng([self.config.seed, k])
        bounds = self.config.augmentation
        frame = augment(self._frame(index), bounds, rng)
        spec = self.config.input_spec()
        sample = make_sample(frame, self.label_set, spec, lambda plane: vary_ground(plane, bounds, rng))
        sample["lidar"] = vary_intensity(sample["lidar"], spec.intensity, bounds, rng)
        return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in sample.items()}

    def _permutation(self, epoch: int) -> NDArray[np.int64]:
        if self._order[0] != epoch:
            rng = np.random.default_rng([self.config.seed, epoch, len(self.frames)])
            self._order = (epoch, rng.permutation(len(self.frames)))
        return self._order[1]

    def _frame(self, index: int) -> Frame:
        if index in self._cache:
            return self._cache[index]
        frame = self.frames[index]
        size = frame.points.nbytes + sum(view.image.nbytes for view in frame.views)
        if size <= self._cache_room:
            self._cache[index] = frame
            self._cache_room -= size
        return frame


def training_loader(stream: SampleStream, start: int, end: int, batch: int) -> DataLoader[Sample]:
    """Batches of the steps `start` to `end`; `batch` is one process's share of a step."""
    whole, workers = stream.config.optimiser.batch, stream.config.data.workers
    return DataLoader(
        stream,
        batch_size=batch,
        sampler=range(start * whole, end * whole),
        num_workers=workers,
        worker_init_fn=_one_thread,
        prefetch_factor=3 if workers else None,
    )


def _one_thread(worker: int) -> None:
    """Loading processes share the cores with the training: one thread each."""
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
