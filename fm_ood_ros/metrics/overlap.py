"""Which predicted object owns how many points of which true one, in one frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.model.label_sets import IGNORED, OOD


@dataclass(frozen=True)
class Overlap:
    """T true objects (instances of unknown points) against K predicted ones; ignored points count nowhere.

    instances: [T] their numbers, rising; sizes: [T] points; distance: [T] metres, mean of their points
    shared: [T,K] points of a true object that a predicted one owns
    points, unknown: [K] points that a predicted object owns, and how many of these are unknown, of an instance or not
    score: [K] float32 of the predicted objects
    """

    instances: NDArray[np.int64]
    sizes: NDArray[np.int64]
    distance: NDArray[np.float64]
    shared: NDArray[np.int64]
    points: NDArray[np.int64]
    unknown: NDArray[np.int64]
    score: NDArray[np.float32]

    def found_at(self) -> NDArray[np.float64]:
        """The highest object score [T] at which a true object is still found, NaN where it is not found at all.

        Found at a score is a true object of whose points at least half belong to predicted objects of that score or
        a higher one, together: a car cut in two is found, and by its weaker half when neither half suffices.
        """
        if not len(self.score):
            return np.full(len(self.sizes), np.nan)
        strongest = np.argsort(-self.score)
        enough = 2 * np.cumsum(self.shared[:, strongest], 1) >= self.sizes[:, None]
        last_needed = self.score[strongest][enough.argmax(1)].astype(np.float64)
        return np.where(enough.any(1), last_needed, np.nan)

    def false(self) -> NDArray[np.bool_]:
        """Whether fewer than half of a predicted object's points [K] are unknown; without points it is not false."""
        return 2 * self.unknown < self.points


def overlap(
    target: NDArray[np.uint8],
    instance: NDArray[np.integer],
    distance: NDArray[np.floating],
    owner: NDArray[np.integer],
    object_score: NDArray[np.float32],
) -> Overlap:
    """Counts the points in view of one frame, unjudged ones included.

    target: [N] train ids; instance: [N], 0 = none; distance: [N] metres; owner: [N] predicted object, -1 = none
    object_score: [K] in [0,1]. Raises InputError on unequal lengths, unknown owners, other scores and distances.
    """
    _check(target, instance, distance, owner, object_score)
    count = len(object_score)
    owned, unknown = owner >= 0, target == OOD
    of_object = unknown & (instance != 0)
    instances, index = np.unique(instance[of_object].astype(np.int64), return_inverse=True)
    sizes = np.bincount(index, minlength=len(instances))
    taken = owned[of_object]
    pairs = index[taken] * count + owner[of_object][taken]
    return Overlap(
        instances=instances,
        sizes=sizes,
        distance=np.bincount(index, distance[of_object], minlength=len(instances)) / sizes,
        shared=np.bincount(pairs, minlength=len(instances) * count).reshape(len(instances), count),
        points=np.bincount(owner[owned & (target != IGNORED)], minlength=count),
        unknown=np.bincount(owner[owned & unknown], minlength=count),
        score=object_score,
    )


def _check(
    target: NDArray[np.uint8],
    instance: NDArray[np.integer],
    distance: NDArray[np.floating],
    owner: NDArray[np.integer],
    object_score: NDArray[np.float32],
) -> None:
    lengths = {len(target), len(instance), len(distance), len(owner)}
    if len(lengths) > 1:
        raise InputError(f"labels, instances, distances and owners of {sorted(lengths)} points; give those of one view")
    if len(owner) and owner.max() >= len(object_score):
        raise InputError(f"points belong to object {owner.max()}, expected below {len(object_score)}, one per score")
    if not ((object_score >= 0) & (object_score <= 1)).all():
        raise InputError("scores of objects lie outside [0,1]; give anomaly scores and leave unjudged objects out")
    if not np.isfinite(distance).all() or (distance < 0).any():
        raise InputError("distances hold NaN, inf or negative values, expected metres from 0 on; leave such points out")
