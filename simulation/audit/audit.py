"""The shortcut test: can simple cues of a point tell unknown objects from known ones?"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.audit.cues import CUES, Sample
from simulation.output.reading import rigs_of

LIMIT = 0.75
RAW_PATCH = "raw patch"
COMPONENTS, MOST_POINTS = 16, 40_000
MOST_JUDGED = 150_000
NEIGHBOUR, BANK, MOST_PATCHES = 3, 12_000, 6_000


class Verdict(NamedTuple):
    """AUROC and average precision of one cue; for patches the precision is among as many known as unknown ones."""

    cue: str
    auroc: float
    precision: float

    @property
    def easy(self) -> bool:
        """Whether the cue tells unknown points, by being rare or by being common."""
        return max(self.auroc, 1 - self.auroc) >= LIMIT


def table(verdicts: list[Verdict], share: float) -> str:
    """The verdicts as lines of text, with the share of unknown points."""
    lines = [f"unknown objects: {share:.2%} of the points in view", f"{'cue':<16}{'AUROC':>7}{'AP':>8}"]
    lines += [f"{v.cue:<16}{v.auroc:7.3f}{v.precision:8.3f}{'   too easy' if v.easy else ''}" for v in verdicts]
    return "\n".join(lines)


def audit(known: Path, test: Path, points: int = MOST_POINTS) -> tuple[list[Verdict], float]:
    """Verdicts over cues (fitted to so many known points) and raw patches, and the share of unknown points in `test`.

    known: a split without unknown objects, of which the frames of the test's rigs are taken: another sensor's points
    would be strange whatever they show; test: one with some.
    """
    fitted, judged = Sample(known, rigs_of(known) & rigs_of(test)), Sample(test)
    rng = np.random.default_rng(0)
    rows = rng.permutation(len(fitted.cues))[:points]
    some = rng.permutation(len(judged.cues))[:MOST_JUDGED]
    middle, spread = fitted.cues[rows].mean(0), fitted.cues[rows].std(0) + 1e-6
    model, seen = (fitted.cues[rows] - middle) / spread, (judged.cues[some] - middle) / spread
    verdicts = [
        _verdict(name, judged.unknown[some], strangeness(model[:, columns], seen[:, columns]))
        for name, columns in CUES.items()
    ]
    bank = fitted.patches[rng.permutation(len(fitted.patches))[:BANK]]
    some = rng.permutation(len(judged.patches))[:MOST_PATCHES]
    far = remoteness(bank, judged.patches[some])
    return [*verdicts, _verdict(RAW_PATCH, judged.patch_unknown[some], far)], judged.share


def _verdict(name: str, truth: NDArray[np.bool_], score: NDArray[np.floating]) -> Verdict:
    from sklearn.metrics import average_precision_score, roc_auc_score

    return Verdict(name, float(roc_auc_score(truth, score)), float(average_precision_score(truth, score)))


def strangeness(known: NDArray[np.floating], judged: NDArray[np.floating]) -> NDArray[np.float64]:
    """Negative log density [M] of rows [M,C] under a mixture fitted to the known rows [N,C]."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture
    from threadpoolctl import threadpool_limits

    mixture = GaussianMixture(COMPONENTS, random_state=0, max_iter=60, reg_covar=1e-4)
    with threadpool_limits(1), warnings.catch_warnings():  # small matrices: threads only wait for each other
        warnings.simplefilter("ignore", ConvergenceWarning)  # a rough density does
        return np.asarray(-mixture.fit(known).score_samples(judged))


def remoteness(known: NDArray[np.float32], judged: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distance [M] of patches [M,D] to their third nearest among known patches [N,D]."""
    from threadpoolctl import threadpool_limits

    nearest = []
    with threadpool_limits(1):
        for part in np.array_split(judged, max(1, len(judged) // 500)):
            square = (part**2).sum(1)[:, None] + (known**2).sum(1) - 2 * part @ known.T
            nearest.append(np.partition(square, NEIGHBOUR - 1, axis=1)[:, NEIGHBOUR - 1])
    return np.sqrt(np.maximum(np.concatenate(nearest), 0))
