"""Unknown objects: strange points that are connected and stand on the ground."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.judgement.boxes import boxes
from fm_ood_ros.judgement.judge import Evidence
from fm_ood_ros.judgement.voxels import Voxels, connected, lattice
from fm_ood_ros.model.judgement_spec import JudgementSpec
from fm_ood_ros.objects import UnknownObject

Values = NDArray[np.float32]


def unknown_objects(
    evidence: Evidence, score: Values, threshold: float, spec: JudgementSpec, T_lidar_street: NDArray[np.float64]
) -> tuple[UnknownObject, ...]:
    """What stands out; score: [M] anomaly scores of the patches; threshold: from which one counts as unknown.

    Score and class evidence are means over an object's patches. What lies flat on the ground is none, and neither are
    fewer patches than the spec's `fewest`.
    """
    owner = _owners(evidence, score >= threshold, spec)
    around = boxes(evidence.surface.xyz, owner, T_lidar_street)
    some = np.flatnonzero(owner >= 0)
    mine, count = owner[some], np.bincount(owner[some], minlength=len(around))
    means = [np.bincount(mine, row[some]) / count for row in (score, *evidence.probability)]
    nearest = np.full(len(around), np.inf, np.float32)
    np.minimum.at(nearest, mine, evidence.surface.distance[some])
    points = _members(evidence.surface.at_points(owner, -1), len(around))
    strange, kinds = means[0], np.array(means[1:], np.float32).T
    return tuple(
        UnknownObject(points[k], float(strange[k]), kinds[k], around[k], float(nearest[k])) for k in range(len(around))
    )


def _owners(evidence: Evidence, strange: NDArray[np.bool_], spec: JudgementSpec) -> NDArray[np.int32]:
    """The object [M], 0..K-1, of strange patches that are connected above the ground; -1 for all others."""
    out = np.full(len(strange), -1, np.int32)
    some = np.flatnonzero(strange & (evidence.height >= spec.height))
    if not spec.objects.tilings or not len(some):
        return out
    cells = lattice(evidence.surface.polar[:, some], spec.objects.metres, spec.objects.share, spec.rise)
    voxels = Voxels.gather(cells)
    root = connected(len(voxels.keys), *voxels.neighbours())[voxels.of]
    enough = np.bincount(root) >= spec.fewest
    number = np.cumsum(enough) - 1
    out[some] = np.where(enough[root], number[root], -1)
    return out


def _members(owner: NDArray[np.int32], count: int) -> list[NDArray[np.int32]]:
    """Indices of the members of each of so many groups."""
    some = np.flatnonzero(owner >= 0)
    order = some[np.argsort(owner[some], kind="stable")].astype(np.int32)
    bounds = np.searchsorted(owner[order], np.arange(count + 1))
    return [order[a:b] for a, b in pairwise(bounds)]
