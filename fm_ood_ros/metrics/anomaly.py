"""How well a score tells unknown points from known ones: FPR@95, AUROC, AUPR; unknown is the positive class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.metrics.score_counts import ScoreCounts, lowest_scores, ordered_bins


class AnomalyMetrics:
    """Counts the scores of known and unknown points; a few MB however many points come.

    Scores that differ by less than 2^-13 of their size count as ties. The result carries `auroc_tolerance`: AUROC
    lies within it of the exact value, whatever the order within bins is.
    """

    def __init__(self) -> None:
        self.known = ScoreCounts()
        self.unknown = ScoreCounts()

    def update(self, scores: NDArray[np.floating], is_ood: NDArray[np.bool_]) -> None:
        """Adds points: scores [N], higher is stranger; is_ood [N]. Raises InputError on NaN or unequal lengths."""
        if scores.shape != is_ood.shape:
            raise InputError(f"{scores.shape} scores for {is_ood.shape} labels; they must be of the same points")
        if np.isnan(scores).any():
            raise InputError("scores hold NaN (points that were not judged); leave these out and report their share")
        bins = ordered_bins(scores)
        self.unknown.add(bins[is_ood])
        self.known.add(bins[~is_ood])

    def result(self) -> dict[str, float]:
        """`fpr95`, `auroc`, `aupr`, `auroc_tolerance` in [0,1] (NaN when one class is missing), and counts."""
        return rates(self.known, self.unknown)

    def threshold(self, passing: float = 0.95) -> float:
        """The lowest score from which on at most 1 - `passing` of the known points are flagged; NaN without any.

        Flagged is score >= threshold. It is the lower edge of a bin, so that counts at it are exact.
        """
        return known_threshold(self.known, passing)

    def flagged(self, threshold: float) -> tuple[float, float]:
        """Shares of known and of unknown points at or above a threshold; NaN where there are none."""
        return share_flagged(self.known, threshold), share_flagged(self.unknown, threshold)


def rates(known: ScoreCounts, unknown: ScoreCounts) -> dict[str, float]:
    """See AnomalyMetrics.result."""
    counts = {"known": known.total, "unknown": unknown.total}
    if not counts["known"] or not counts["unknown"]:
        nan = float("nan")
        return {**counts, "fpr95": nan, "auroc": nan, "aupr": nan, "auroc_tolerance": nan}
    per_bin = strangest_first(known, unknown)
    return {**counts, **_curves(per_bin[0].astype(np.float64), per_bin[1].astype(np.float64))}


def strangest_first(known: ScoreCounts, unknown: ScoreCounts) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Known and unknown points [B] in every bin that either uses, from the highest score on."""
    bins = np.union1d(known.bins, unknown.bins)
    return known.spread_over(bins)[::-1], unknown.spread_over(bins)[::-1]


def known_threshold(known: ScoreCounts, passing: float = 0.95) -> float:
    """See AnomalyMetrics.threshold."""
    if not known.total:
        return float("nan")
    at_or_above = np.cumsum(known.counts[::-1])[::-1]
    allowed = np.flatnonzero(at_or_above <= (1 - passing) * known.total + 1e-9)
    if len(allowed):
        return float(lowest_scores(known.bins[allowed[:1]])[0])
    return float(lowest_scores(known.bins[-1:] + np.int32(1))[0])  # ties at the top: only what is stranger than all


def share_flagged(counts: ScoreCounts, threshold: float) -> float:
    """Share of the scores at or above a threshold; NaN without scores."""
    if not counts.total:
        return float("nan")
    return counts.at_or_above(int(ordered_bins(np.array([threshold]))[0])) / counts.total


def _curves(known: NDArray[np.float64], unknown: NDArray[np.float64]) -> dict[str, float]:
    """Metrics of counts per tied score, strangest first.

    FPR@95 is the first false positive rate at which 95 % of the unknown are found; AUPR is average precision.
    """
    false, true = np.cumsum(known), np.cumsum(unknown)
    found = true / true[-1]
    pairs = false[-1] * true[-1]
    precision = true / (true + false)
    return {
        "fpr95": float(false[np.searchsorted(found, 0.95 - 1e-12)] / false[-1]),
        "auroc": float(((true - unknown / 2) * known).sum() / pairs),
        "aupr": float((precision * unknown).sum() / true[-1]),
        "auroc_tolerance": float((known * unknown).sum() / 2 / pairs),
    }


def spread_near_one(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores in [0,1] drawn apart near 1, in the same order, so that the tail of strange points keeps its bins."""
    with np.errstate(divide="ignore"):
        return (-np.log1p(-scores.astype(np.float64))).astype(np.float32)
