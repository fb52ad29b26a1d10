"""How well a score tells unknown points from known ones: FPR@95, AUROC, AUPR, recall; unknown is the positive class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.metrics.score_counts import ScoreCounts, lowest_scores, ordered_bins

NAN = float("nan")
ALLOWED = {"recall_at_1": 0.01, "recall_at_5": 0.05}  # share of the known points that may be flagged


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
        """`fpr95`, `auroc`, `aupr`, `recall_at_1`, `recall_at_5`, `auroc_tolerance` in [0,1], and counts; see curves.

        All but the counts are NaN when one class is missing.
        """
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
    per_bin = strangest_first(known, unknown)
    found = curves(per_bin[0].astype(np.float64), per_bin[1].astype(np.float64))
    return {"known": known.total, "unknown": unknown.total, **{name: float(value) for name, value in found.items()}}


def strangest_first(known: ScoreCounts, unknown: ScoreCounts) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Known and unknown points [B] in every bin that either uses, from the highest score on."""
    bins = np.union1d(known.bins, unknown.bins)
    return known.spread_over(bins)[::-1], unknown.spread_over(bins)[::-1]


def known_threshold(known: ScoreCounts, passing: float = 0.95) -> float:
    """See AnomalyMetrics.threshold."""
    if not known.total:
        return NAN
    at_or_above = np.cumsum(known.counts[::-1])[::-1]
    allowed = np.flatnonzero(at_or_above <= (1 - passing) * known.total + 1e-9)
    if len(allowed):
        return float(lowest_scores(known.bins[allowed[:1]])[0])
    return float(lowest_scores(known.bins[-1:] + np.int32(1))[0])  # ties at the top: only what is stranger than all


def share_flagged(counts: ScoreCounts, threshold: float) -> float:
    """Share of the scores at or above a threshold; NaN without scores."""
    if not counts.total:
        return NAN
    return counts.at_or_above(int(ordered_bins(np.array([threshold]))[0])) / counts.total


def curves(known: NDArray[np.float64], unknown: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Metrics [...] of counts [...,B] per tied score, strangest first; NaN where a class is missing.

    FPR@95 is the first false positive rate at which 95 % of the unknown are found; AUPR is average precision; recall
    at a share is that at the last score which flags no more of the known. Nothing is interpolated between scores.
    """
    false, true = _summed(known), _summed(unknown)
    with np.errstate(invalid="ignore", divide="ignore"):
        false_rate, found = false / false[..., -1:], true / true[..., -1:]
        precision = np.nan_to_num(true / (true + false))[..., 1:]
        pairs = false[..., -1] * true[..., -1]
        first = (found < 0.95 - 1e-12).sum(-1, keepdims=True)
        metrics = {
            "fpr95": np.take_along_axis(false_rate, np.minimum(first, known.shape[-1]), -1)[..., 0],
            "auroc": ((true[..., 1:] - unknown / 2) * known).sum(-1) / pairs,
            "aupr": (precision * unknown).sum(-1) / true[..., -1],
            "auroc_tolerance": (known * unknown).sum(-1) / 2 / pairs,
            **{name: _last(found, false_rate <= share + 1e-12) for name, share in ALLOWED.items()},
        }
    return {name: np.where(pairs > 0, value, NAN) for name, value in metrics.items()}


def _summed(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Counts [...,B+1] of the strangest 0 to B bins."""
    return np.cumsum(np.concatenate([np.zeros((*counts.shape[:-1], 1)), counts], -1), -1)


def _last(values: NDArray[np.float64], allowed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The last allowed of rising values [...,B] from 0 on; the first must be."""
    return np.asarray(np.max(values, -1, where=allowed, initial=0))


def spread_near_one(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores in [0,1] drawn apart near 1, in the same order, so that the tail of strange points keeps its bins."""
    with np.errstate(divide="ignore"):
        return (-np.log1p(-scores.astype(np.float64))).astype(np.float32)
