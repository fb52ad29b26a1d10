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
        cluster = clusters(surface, height, logits, spec)
        logits = as_objects(logits, cluster, spec.together)
        return Evidence(surface, logits, probabilities(logits), height, cluster)

    def raw(self, evidence: Evidence) -> Values:
        """The anomaly score [M] of what patches and their neighbours tell: the scale's means are of this."""
        return self._score(evidence.logits, evidence.probability)

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
        return shared(values, lattice(surface.polar, over.metres, over.share, over.share), over.tilings)


def as_objects(values: Values, cluster: NDArray[np.int32], share: float = 1.0) -> Values:
    """Values [..,M] of which such a share is the mean over their cluster, for those that have one."""
    some = np.flatnonzero(cluster >= 0)
    out = values.copy()
    if not len(some):
        return out
    member = cluster[some].astype(np.intp)
    count = np.maximum(np.bincount(member), 1)
    for row in out.reshape(-1, out.shape[-1]):
        own = row[some]
        mean = (np.bincount(member, own) / count).astype(np.float32)
        row[some] = own + np.float32(share) * (mean[member] - own)
    return out
