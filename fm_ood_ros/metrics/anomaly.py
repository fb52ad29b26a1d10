"""How well a score tells unknown points from known ones: FPR@95, AUROC, AUPR; unknown is the positive class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError

BITS = 22  # of a float32's 32, in its order: sign, exponent and 13 bits of mantissa


class AnomalyMetrics:
    """Counts scores in 2^22 bins ordered as float32 are; 64 MB however many points come.

    Scores that differ by less than 2^-13 of their size share a bin and count as ties. The result carries
    `auroc_tolerance`: AUROC lies within it of the exact value, whatever the order within bins is.
    """

    def __init__(self) -> None:
        self._known = np.zeros(1 << BITS, np.int64)
        self._unknown = np.zeros(1 << BITS, np.int64)

    def update(self, scores: NDArray[np.floating], is_ood: NDArray[np.bool_]) -> None:
        """Adds points: scores [N], higher is stranger; is_ood [N]. Raises InputError on NaN or unequal lengths."""
        if scores.shape != is_ood.shape:
            raise InputError(f"{scores.shape} scores for {is_ood.shape} labels; they must be of the same points")
        if np.isnan(scores).any():
            raise InputError("scores hold NaN (points that were not judged); leave these out and report their share")
        bins = _ordered_bins(scores)
        np.add.at(self._unknown, bins[is_ood], 1)
        np.add.at(self._known, bins[~is_ood], 1)

    def result(self) -> dict[str, float]:
        """`fpr95`, `auroc`, `aupr`, `auroc_tolerance` in [0,1] (NaN when one class is missing), and counts."""
        used = np.flatnonzero(self._known + self._unknown)[::-1]  # strangest first
        known, unknown = self._known[used], self._unknown[used]
        result = {"known": int(known.sum()), "unknown": int(unknown.sum())}
        if not result["known"] or not result["unknown"]:
            nan = float("nan")
            return {**result, "fpr95": nan, "auroc": nan, "aupr": nan, "auroc_tolerance": nan}
        return {**result, **_curves(known.astype(np.float64), unknown.astype(np.float64))}


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


def _ordered_bins(scores: NDArray[np.floating]) -> NDArray[np.int64]:
    """Bins [N] that rise with the score: a float32's bits sort like integers once the negative ones are flipped."""
    bits = (scores.astype(np.float32) + np.float32(0)).view(np.uint32).astype(np.int64)  # + 0 turns -0 into 0
    negative = bits >> 31 == 1
    ordered = np.where(negative, 0xFFFFFFFF - bits, bits + 0x80000000)
    return ordered >> (32 - BITS)


def spread_near_one(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores in [0,1] drawn apart near 1, in the same order, so that the tail of strange points keeps its bins."""
    with np.errstate(divide="ignore"):
        return (-np.log1p(-scores.astype(np.float64))).astype(np.float32)
