"""How strange known points look: quantiles of the raw score, read through the way that the vehicle takes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.engines import Engine
from fm_ood_ros.errors import InputError
from fm_ood_ros.model.input_spec import InputSpec
from fm_ood_ros.model.label_sets import LabelSet
from fm_ood_ros.rig import ALONE, Rig
from training.data.frames import Frames, evenly

LEVELS = np.concatenate([np.linspace(0.001, 0.999, 999), [0.9995, 0.9999]])
ENOUGH = 1000  # points; fewer tell nothing about the last quantiles


def known_scores(
    spec: InputSpec, engine: Engine, frames: Frames, label_set: LabelSet, at_most: int
) -> NDArray[np.float32]:
    """Raw scores [P] of all judged known points of at most that many frames, spread evenly."""
    scores = []
    for index in evenly(len(frames), at_most):
        frame = frames[index]
        assert frame.labels is not None
        (sight,) = Rig(spec, ALONE).see(frame)
        raw = np.asarray(engine.infer(sight.image, sight.lidar)["anomaly"], np.float32)
        lifted = sight.view.lift(raw, sight.projection, np.nan)
        known = label_set.train_ids(frame.labels) < len(label_set.classes)
        scores.append(lifted[known & np.isfinite(lifted)])
    return np.concatenate(scores)


def quantiles(name: str, scores: NDArray[np.float32]) -> dict[str, Any]:
    """The manifest's `score`: strictly rising levels and values; raises InputError when there are too few points.

    Of equal values the lowest level stays: "less strange than this one" does not count the equally strange.
    """
    if len(scores) < ENOUGH:
        raise InputError(f"the validation set shows {len(scores)} known points in view, expected {ENOUGH} or more")
    values, first = np.unique(np.quantile(scores.astype(np.float64), LEVELS), return_index=True)
    return {
        "name": name,
        "quantile_levels": LEVELS[first].round(6).tolist(),
        "quantile_values": values.tolist(),
        "points": len(scores),
    }
