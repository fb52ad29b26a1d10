"""Where every received cloud went, on one page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from fm_ood_ros.pairing.newest_slot import NewestSlot
from fm_ood_ros.pairing.synchroniser import Synchroniser
from fm_ood_ros.pairing.worker import JUDGED


@dataclass(frozen=True)
class Ledger:
    """Clouds: received = judged + sum(dropped) + pending, or else some are unexplained (which must be none)."""

    received: int
    judged: int
    dropped: Counter[str]
    pending: int

    @classmethod
    def of(cls, synchroniser: Synchroniser[Any, Any], refused: Counter[str], slot: NewestSlot[Any]) -> Ledger:
        """Adds up synchroniser, pairs refused before judging, and slot; call it in the thread of the callbacks."""
        counts = slot.counts()
        dropped = synchroniser.cloud_drops + refused + counts.outcomes
        judged = dropped.pop(JUDGED, 0)
        return cls(synchroniser.clouds, judged, dropped, synchroniser.pending + counts.waiting + counts.busy)

    @property
    def unexplained(self) -> int:
        """Clouds that are nowhere."""
        return self.received - self.judged - self.dropped.total() - self.pending

    def __str__(self) -> str:
        causes = ", ".join(f"{count} {cause}" for cause, count in self.dropped.most_common()) or "none"
        return (
            f"{self.received} clouds received: {self.judged} judged, dropped: {causes}; {self.pending} pending, "
            f"{self.unexplained} unexplained"
        )
