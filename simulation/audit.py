"""The shortcut test: can simple cues of a point tell unknown objects from known ones?"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.reading import frames, in_view
from simulation.sensors.lidar import OUTLIER
from simulation.unknown import OTHER_OBJECT

LIMIT = 0.75
CUES: dict[str, tuple[int, ...]] = {
    "colour": (0, 1, 2), "saturation": (3,), "intensity": (4,), "height": (5,), "log range": (6,),
    "all together": (0, 1, 2, 3, 4, 5, 6),
}  # fmt: skip
COMPONENTS, MOST_POINTS = 16, 40_000


class Verdict(NamedTuple):
    """AUROC and average precision of one cue."""

    cue: str
    auroc: float
    precision: float


def cues(root: Path) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Cues [N,7] of a split's points in view (backscatter left out) and which belong to unknown objects [N]."""
    rows, unknown = [], []
    for frame in frames(root):
        index, pixel = in_view(frame)
        assert frame.labels is not None
        label = frame.labels[index]
        color = frame.image[pixel[:, 1], pixel[:, 0]] / np.float32(255)
        p = frame.points[index]
        distance = np.log(np.linalg.norm(p[:, :3], axis=1))
        row = np.column_stack([color, color.max(1) - color.min(1), p[:, 3], p[:, 2], distance])
        kept = label != OUTLIER
        rows.append(row[kept].astype(np.float32))
        unknown.append(label[kept] == OTHER_OBJECT)
    return np.concatenate(rows), np.concatenate(unknown)


def audit(known: Path, test: Path, points: int = MOST_POINTS) -> tuple[list[Verdict], float]:
    """Verdicts of mixtures fitted to so many known points, and the share of unknown points in the test split."""
    from sklearn.metrics import average_precision_score, roc_auc_score  # type: ignore[import-untyped]

    fitted, _ = cues(known)
    judged, truth = cues(test)
    rng = np.random.default_rng(0)
    fitted = fitted[rng.permutation(len(fitted))[:points]]
    middle, spread = fitted.mean(0), fitted.std(0) + 1e-6
    fitted, judged = (fitted - middle) / spread, (judged - middle) / spread
    verdicts = []
    for name, columns in CUES.items():
        score = strangeness(fitted[:, columns], judged[:, columns])
        verdicts.append(Verdict(name, roc_auc_score(truth, score), average_precision_score(truth, score)))
    return verdicts, float(truth.mean())


def strangeness(known: NDArray[np.floating], judged: NDArray[np.floating]) -> NDArray[np.float64]:
    """Negative log density [M] of rows [M,C] under a mixture fitted to the known rows [N,C]."""
    from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
    from sklearn.mixture import GaussianMixture  # type: ignore[import-untyped]
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    mixture = GaussianMixture(COMPONENTS, random_state=0, max_iter=60, reg_covar=1e-4)
    with threadpool_limits(1), warnings.catch_warnings():  # small matrices: threads only wait for each other
        warnings.simplefilter("ignore", ConvergenceWarning)  # a rough density does
        return np.asarray(-mixture.fit(known).score_samples(judged))
