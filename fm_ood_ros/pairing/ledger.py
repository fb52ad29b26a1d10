"""Where every received cloud went, on one page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from fm_ood_ros.pairing.synchroniser import Synchroniser
from fm_ood_ros.pairing.worker import JUDGED, WorkerCounts


@dataclass(frozen=True)
class Ledger:
    """Clouds: received = judged + sum(dropped) + pending, or else some are unexplained (which must be none).

    dropped: by cause; a cause that was counted once stays, even when its clouds are counted under another by now
    """

    received: int
    judged: int
    dropped: Counter[str]
    pending: int

    @classmethod
    def of(cls, synchroniser: Synchroniser[Any, Any], refused: Counter[str], worker: WorkerCounts) -> Ledger:
        """Adds up synchroniser, pairs refused before judging, and worker; call it in the thread of the callbacks."""
        dropped = synchroniser.cloud_drops.copy()
        dropped.update(refused)
        dropped.update(worker.outcomes)
        judged = dropped.pop(JUDGED, 0)
        return cls(synchroniser.clouds, judged, dropped, synchroniser.pending + worker.waiting + worker.busy)

    @property
    def unexplained(self) -> int:
        """Clouds that are nowhere."""
        return self.received - self.judged - self.dropped.total() - self.pending

    def __str__(self) -> str:
        causes = ", ".join(f"{count} {cause}" for cause, count in (+self.dropped).most_common()) or "none"
        return (
            f"{self.received} clouds received: {self.judged} judged, dropped: {causes}; {self.pending} pending, "
            f"{self.unexplained} unexplained"
        )
