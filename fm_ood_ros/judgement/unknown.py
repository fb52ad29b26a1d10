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
    patches, points = _members(owner, len(around)), _members(_owners_of_points(owner, evidence), len(around))
    return tuple(
        UnknownObject(
            points=points[k].astype(np.int32),
            score=float(score[patches[k]].mean()),
            evidence=evidence.probability[:, patches[k]].mean(1),
            box=around[k],
            distance=float(evidence.surface.distance[patches[k]].min()),
        )
        for k in range(len(around))
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


def _owners_of_points(owner: NDArray[np.int32], evidence: Evidence) -> NDArray[np.int32]:
    return np.append(owner, np.int32(-1))[evidence.surface.patch]


def _members(owner: NDArray[np.int32], count: int) -> list[NDArray[np.intp]]:
    """Indices of the members of each of so many groups."""
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(count + 1))
    return [order[a:b] for a, b in pairwise(bounds)]
