"""From what a network says of patches to what they are: evidence shared, objects, a score that reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import FieldError
from fm_ood_ros.judgement.clusters import above_ground, clusters
from fm_ood_ros.judgement.scores import SCORES, probabilities
from fm_ood_ros.judgement.surface import Surface
from fm_ood_ros.judgement.voxels import lattice, shared
from fm_ood_ros.model.judgement_spec import JudgementSpec, Neighbourhood
from fm_ood_ros.model.score_scale import ScoreScale

Values = NDArray[np.float32]


@dataclass(frozen=True)
class Evidence:
    """What is known of M patches before they are compared with known ones.

    logits, probability: [C,M], averaged over neighbours and things; height: [M] metres above the ground
    cluster: [M] int32 the thing, -1 for none
    """

    surface: Surface
    logits: Values
    probability: Values
    height: Values
    cluster: NDArray[np.int32]


class Judgement:
    """The steps from a network's logits to verdicts; raises FieldError for a score that it does not know."""

    def __init__(self, spec: JudgementSpec) -> None:
        if spec.score not in SCORES:
            raise FieldError(f"'judgement.score' is '{spec.score}', expected one of {sorted(SCORES)}")
        self.spec = spec
        self._score = SCORES[spec.score]

    def evidence(self, surface: Surface) -> Evidence:
        """What patches tell of each other: neighbours, then those of one thing."""
        spec = self.spec
        logits = self._share(surface.logits, surface, spec.evidence)
        height = above_ground(surface.xyz)
        cluster = clusters(surface.xyz, height, logits, spec)
        own = np.float32(1 - spec.together)
        logits = own * logits + (1 - own) * as_objects(logits, cluster)
        return Evidence(surface, logits, probabilities(logits), height, cluster)

    def raw(self, evidence: Evidence) -> Values:
        """The anomaly score [M] of what patches and their neighbours tell: the scale's means are of this."""
        return self._score(evidence.logits)

    def judged(self, evidence: Evidence, scale: ScoreScale) -> Values:
        """How strange patches [M] are, in standard deviations of known ones at their range: as objects, then smoothed.

        The scale's quantiles are of this.
        """
        surface = evidence.surface
        strange = scale.standardised(self.raw(evidence), surface.distance)
        return self._share(as_objects(strange, evidence.cluster), surface, self.spec.smooth)

    def _share(self, values: Values, surface: Surface, over: Neighbourhood) -> Values:
        if not over.tilings:
            return values
        return shared(values, lattice(surface.xyz, over.metres, over.share, over.share), over.tilings)


def as_objects(values: Values, cluster: NDArray[np.int32]) -> Values:
    """Values [..,M] with those of a cluster replaced by their mean."""
    if values.ndim > 1:
        return np.stack([as_objects(row, cluster) for row in values])
    some = np.flatnonzero(cluster >= 0)
    out = values.copy()
    if len(some):
        member = cluster[some]
        count = np.maximum(np.bincount(member), 1)
        out[some] = (np.bincount(member, values[some]) / count)[member]
    return out
