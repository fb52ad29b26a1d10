"""How far a figure may be off because other scenes could have been recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError

RESAMPLES = 1000
AT_ONCE = 64  # resamples, so that their histograms take some MB
LIMITS = (2.5, 97.5)  # percentiles


class Scenes(Protocol):
    """What can be resampled: SceneScores and SceneClasses."""

    @property
    def counts(self) -> Mapping[str, NDArray[Any]]:
        """By scene."""

    def measure(self, weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Metrics [R] of scenes taken so many times [R,S], in the order of names."""


def intervals(scenes: Scenes, resamples: int = RESAMPLES, seed: int = 0) -> dict[str, dict[str, float]]:
    """By metric its `value` over all scenes and `low` and `high`, between which 95 % of the resamples lie.

    A resample draws as many scenes as there are, with replacement. Resamples in which a metric has no value (no
    unknown points) are left out. The limits are NaN for fewer than two scenes, of which nothing can be said.
    """
    return _limits(*_measured(scenes, resamples, seed))


def differences(
    first: Scenes, second: Scenes, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, dict[str, float]]:
    """Intervals of first - second on the same resamples of the same scenes: what both find hard cancels.

    Raises InputError when the scenes are not the same.
    """
    apart = set(first.counts) ^ set(second.counts)
    if apart:
        raise InputError(f"scene '{min(apart)}' was judged by one method only; compare methods on the same scenes")
    whole, drawn = _measured(first, resamples, seed)
    other_whole, other_drawn = _measured(second, resamples, seed)
    return _limits(
        {name: value - other_whole[name] for name, value in whole.items()},
        {name: values - other_drawn[name] for name, values in drawn.items()},
    )


def _measured(scenes: Scenes, resamples: int, seed: int) -> tuple[dict[str, float], dict[str, NDArray[np.float64]]]:
    """Metrics over all scenes, and of every resample [R]; the same seed and number of scenes draw alike."""
    count = len(scenes.counts)
    if not count:
        raise InputError("no scenes were counted, expected two or more; add frames before asking for intervals")
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(count, np.full(count, 1 / count), size=resamples).astype(np.float64)
    parts = [scenes.measure(weights[i : i + AT_ONCE]) for i in range(0, resamples, AT_ONCE)]
    whole = {name: float(values[0]) for name, values in scenes.measure(np.ones((1, count))).items()}
    drawn = {name: np.concatenate([part[name] for part in parts]) for name in whole}
    return whole, drawn if count > 1 else {name: np.full(resamples, np.nan) for name in whole}


def _limits(whole: Mapping[str, float], drawn: Mapping[str, NDArray[np.float64]]) -> dict[str, dict[str, float]]:
    found = {}
    for name, values in drawn.items():
        valued = values[~np.isnan(values)]
        low, high = np.percentile(valued, LIMITS) if len(valued) else (np.nan, np.nan)
        found[name] = {"value": whole[name], "low": float(low), "high": float(high)}
    return found
