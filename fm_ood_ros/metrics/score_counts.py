"""How often scores occur, in bins as fine as single precision allows, however many come."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BITS = 22  # of a float32's 32, in its order: sign, exponent and 13 bits of mantissa
BUFFER = 1 << 20  # scores counted at once
PIECES = 1 << 12  # and in how many pieces, each of which costs 100 bytes and more


class ScoreCounts:
    """Counts scores in 2^22 bins ordered as float32 are, of which only the used ones take memory.

    Scores that differ by less than 2^-13 of their size share a bin: usual scores use 50,000 bins, that is 1 MB;
    at worst it is 64 MB, plus 4 MB waiting to be counted.
    """

    def __init__(self) -> None:
        self._bins = np.zeros(0, np.int32)
        self._counts = np.zeros(0, np.int64)
        self._waiting: list[NDArray[np.int32]] = []
        self._pending = 0

    @classmethod
    def of(cls, parts: Sequence[ScoreCounts]) -> ScoreCounts:
        """What several hold together; they stay as they are."""
        whole = cls()
        used = [part.bins for part in parts if len(part.bins)]
        if used:
            whole._bins = np.unique(np.concatenate(used))
            whole._counts = np.sum([part.spread_over(whole._bins) for part in parts], 0)
        return whole

    def add(self, bins: NDArray[np.int32]) -> None:
        """Counts the bins [N] of scores (see ordered_bins)."""
        self._waiting.append(bins)
        self._pending += len(bins)
        if self._pending >= BUFFER or len(self._waiting) >= PIECES:
            self._settle()

    @property
    def bins(self) -> NDArray[np.int32]:
        """Used bins, rising."""
        self._settle()
        return self._bins

    @property
    def counts(self) -> NDArray[np.int64]:
        """Scores in each of `bins`."""
        self._settle()
        return self._counts

    @property
    def total(self) -> int:
        """All scores counted."""
        return int(self.counts.sum())

    def at_or_above(self, bin_: int) -> int:
        """Scores in this bin and all higher ones."""
        return int(self.counts[np.searchsorted(self.bins, bin_) :].sum())

    def spread_over(self, bins: NDArray[np.int32]) -> NDArray[np.int64]:
        """Counts at rising `bins`, which must hold every used one."""
        out = np.zeros(len(bins), np.int64)
        out[np.searchsorted(bins, self.bins)] = self.counts
        return out

    def _settle(self) -> None:
        pending, self._pending = self._pending, 0
        pieces, self._waiting = self._waiting, []
        if not pending:
            return
        waiting = np.concatenate(pieces)
        low = min(int(waiting.min()), int(self._bins[0]) if len(self._bins) else 1 << BITS)
        high = max(int(waiting.max()), int(self._bins[-1]) if len(self._bins) else 0)
        dense = np.bincount(waiting - low, minlength=high - low + 1)
        dense[self._bins - low] += self._counts
        used = np.flatnonzero(dense)
        self._bins, self._counts = (used + low).astype(np.int32), dense[used]


def ordered_bins(scores: NDArray[np.floating]) -> NDArray[np.int32]:
    """Bins [N] that rise with the score: a float32's bits sort like integers once the negative ones are flipped."""
    bits = (scores.astype(np.float32) + np.float32(0)).view(np.uint32)  # + 0 turns -0 into 0
    ordered = np.where(bits >> np.uint32(31) == 1, ~bits, bits | np.uint32(0x80000000))
    return (ordered >> np.uint32(32 - BITS)).astype(np.int32)


def lowest_scores(bins: NDArray[np.int32]) -> NDArray[np.float32]:
    """The lowest score [N] float32 that falls into each bin."""
    ordered = bins.astype(np.uint32) << np.uint32(32 - BITS)
    positive = ordered >> np.uint32(31) == 1
    return np.where(positive, ordered & np.uint32(0x7FFFFFFF), ~ordered).astype(np.uint32).view(np.float32)
