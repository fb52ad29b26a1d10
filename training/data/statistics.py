"""What a training set looks like to the network: measured once, kept with the weights and the model bundle."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame
from fm_ood_ros.geometry.crop import STRAY
from fm_ood_ros.model.input_spec import InputSpec
from fm_ood_ros.model.label_sets import LabelSet
from fm_ood_ros.rig import ALONE, Rig, Sight
from training.data.frames import Frames, evenly
from training.data.samples import sample_of

CHANNELS = ("range", "x", "y", "z", "intensity")


@dataclass(frozen=True)
class Statistics:
    """Of the training set, over occupied cells in view.

    image_mean, image_std: per RGB channel, 0-255; lidar_mean, lidar_std: per channel (range, x, y, z, intensity)
    class_counts: cells per known class; quantities: `intensity` and `range` with mean, std, p01, p50, p99
    elevation: lowest and highest of the points in view, degrees above the horizon as the camera sees them
    frames: how many were measured
    """

    image_mean: list[float]
    image_std: list[float]
    lidar_mean: list[float]
    lidar_std: list[float]
    class_counts: list[int]
    quantities: dict[str, dict[str, float]]
    elevation: tuple[float, float]
    frames: int

    def save(self, path: Path) -> None:
        """Writes JSON."""
        path.write_text(json.dumps(asdict(self), indent=2), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Statistics:
        """Reads JSON; raises InputError naming the file."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{**data, "elevation": tuple(data["elevation"])})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise InputError(f"{path} holds no statistics ({error}); give the folder of a finished run") from error


def measure(frames: Frames, label_set: LabelSet, spec: InputSpec, at_most: int = 200) -> Statistics:
    """Statistics of at most that many frames, spread evenly over the data set."""
    chosen = evenly(len(frames), at_most)
    cells, pixels, elevations = [], [], []
    counts = np.zeros(len(label_set.classes), np.int64)
    for index in chosen:
        frame = frames[index]
        (sight,) = Rig(spec, ALONE).see(frame)
        sample = sample_of(sight, frame, label_set)
        occupied = sample["lidar"][0] > 0
        cells.append(sample["lidar"][:, occupied])
        elevations.append(_elevation(sight, frame))
        pixels.append(sample["image"][::4, ::4].reshape(-1, 3))
        counts += np.bincount(sample["target"].reshape(-1), minlength=256)[: len(counts)]
    lidar = np.concatenate(cells, 1).astype(np.float64)
    image = np.concatenate(pixels).astype(np.float64)
    if not lidar.shape[1] or not counts.any():
        raise InputError(f"{frames.root} shows no labelled point in the camera's view; check calibration and labels")
    lowest, highest = np.nanmedian(elevations, axis=0)
    return Statistics(
        image_mean=image.mean(0).tolist(),
        image_std=_spread(image.std(0)),
        lidar_mean=lidar.mean(1).tolist(),
        lidar_std=_spread(lidar.std(1)),
        class_counts=counts.tolist(),
        quantities={name: _describe(lidar[CHANNELS.index(name)]) for name in ("intensity", "range")},
        elevation=(float(lowest), float(highest)),
        frames=len(chosen),
    )


def _elevation(sight: Sight, frame: Frame) -> tuple[float, float]:
    """Lowest and highest in degrees, without stray returns, whatever frame the network sees."""
    seen = sight.projection.nearest[sight.projection.nearest >= 0]
    if not len(seen):
        return np.nan, np.nan
    T = sight.mount.T[:3, :3] @ frame.views[0].calibration.T_camera_lidar[:3]
    up = frame.points[seen, :3] @ T[2, :3] + T[2, 3]
    sine = np.clip(up / sight.projection.range[seen], -1, 1)
    low, high = np.degrees(np.arcsin(np.percentile(sine, (STRAY, 100 - STRAY))))
    return float(low), float(high)


def _spread(std: NDArray[np.float64]) -> list[float]:
    """Standard deviations that can be divided by, also where a channel is constant."""
    return [float(s) if s > 1e-6 else 1.0 for s in std]


def _describe(values: NDArray[np.float64]) -> dict[str, float]:
    p01, p50, p99 = np.percentile(values, (1, 50, 99))
    return {
        "mean": float(values.mean()), "std": float(values.std()),
        "p01": float(p01), "p50": float(p50), "p99": float(p99),
    }  # fmt: skip
