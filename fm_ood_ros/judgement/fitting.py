"""What known points look like: the scale of a judgement's scores, measured over frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.judgement.judge import Evidence, Judgement
from fm_ood_ros.model.score_scale import LEAST_STD, RangeScale, ScoreScale

EDGES = (10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)  # metres between the ranges that have a scale of their own
LEVELS = np.concatenate([[0.001, 0.003], np.linspace(0.01, 0.99, 99), np.linspace(0.991, 0.999, 9), [0.9995, 0.9999]])
ENOUGH = 1000  # points; fewer tell nothing about the last quantiles, and their range is joined to its neighbour
NEAR = 2.0  # times a distance, or one in so many: points that are about there
Values = NDArray[np.float32]


@dataclass(frozen=True)
class KnownPoints:
    """A frame's evidence, and the patch [K] of each of its known points, as often as points lie on it."""

    evidence: Evidence
    patch: NDArray[np.int32]


def fit_scale(judgement: Judgement, frames: Sequence[KnownPoints]) -> ScoreScale:
    """The scale of known points; raises InputError where they are too few."""
    distance = _pooled([known.evidence.surface.distance[known.patch] for known in frames])
    if len(distance) < ENOUGH:
        raise InputError(f"{len(frames)} frames show {len(distance)} known points in view, expected {ENOUGH} or more")
    members = _ranges(distance)
    raw = _pooled([judgement.raw(known.evidence)[known.patch] for known in frames])
    first = ScoreScale(tuple(_usual(distance[m], raw[m]) for m in members))
    judged = _pooled([judgement.judged(known.evidence, first)[known.patch] for known in frames])
    parts = zip(first.ranges, members, strict=True)
    return ScoreScale(tuple(with_quantiles(part, judged[m]) for part, m in parts))


def refit_quantiles(scale: ScoreScale, distance: Values, judged: Values) -> ScoreScale:
    """The scale with quantiles of other points [P]: at distances in metres, of scores judged by this very scale.

    Distances, means and deviations stay, and so the judged scores. Each range takes the points of half to twice its
    distance, or of more where these are too few: a drive shows the same things again and again, and what happened to
    stand at one distance must not become usual there alone. Raises InputError where there are too few points.
    """
    if len(distance) < ENOUGH:
        raise InputError(f"the frames show {len(distance)} judged points, expected {ENOUGH} or more; give more frames")
    return ScoreScale(tuple(with_quantiles(part, judged[_about(part.distance, distance)]) for part in scale.ranges))


def _about(at: float, distance: Values) -> NDArray[np.bool_]:
    """Which points [P] lie about a distance: within NEAR times, more where fewer than ENOUGH do."""
    apart = np.abs(np.log(np.maximum(distance, 1e-3) / max(at, 1e-3)))
    return np.asarray(apart <= max(np.log(NEAR), np.partition(apart, ENOUGH - 1)[ENOUGH - 1]))


def with_quantiles(part: RangeScale, judged: Values) -> RangeScale:
    """A scale with the quantiles of judged scores [P].

    Of equal values the lowest level stays: "less strange than this one" does not count the equally strange.
    """
    values, first = np.unique(np.quantile(judged.astype(np.float64), LEVELS), return_index=True)
    if len(values) < 2:
        raise InputError(
            f"all {len(judged)} scores at {part.distance:.0f} m are {values[0]:g}; nothing tells them apart"
        )
    return RangeScale(part.distance, part.mean, part.std, LEVELS[first].round(6), values, len(judged))


def _usual(distance: Values, raw: Values) -> RangeScale:
    mean, std = float(raw.mean(dtype=np.float64)), float(raw.std(dtype=np.float64))
    return RangeScale(float(distance.mean()), mean, max(std, LEAST_STD), *_any_two(), 0)


def _any_two() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Quantiles that are still to be measured."""
    return np.array([0.25, 0.75]), np.array([0.0, 1.0])


def _ranges(distance: Values) -> list[NDArray[np.bool_]]:
    """Members [P] of each range, of which none has too few."""
    bounds = [0.0, *EDGES, np.inf]
    while len(bounds) > 2:
        count = np.histogram(distance, bounds)[0]
        fewest = int(count.argmin())
        if count[fewest] >= ENOUGH:
            break
        del bounds[max(1, fewest)]
    return [(distance >= low) & (distance < high) for low, high in pairwise(bounds)]


def _pooled(parts: Sequence[Values]) -> Values:
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
