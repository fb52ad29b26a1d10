"""Where every cloud went: judged, dropped for a cause, or unexplained (which must be none)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

DROP_PREFIX = "dropped."
LOST_BEFORE, LOST_AFTER = "lost_on_the_way_to_the_node", "lost_on_the_way_from_the_node"


@dataclass(frozen=True)
class Accounting:
    """Clouds by fate.

    sent, judged: how many; dropped: by cause, as the node counts them; rows_lost: judged clouds whose points or
    input fields differ from what was sent
    """

    sent: int
    judged: int
    dropped: dict[str, int]
    rows_lost: int

    @property
    def unexplained(self) -> int:
        """Clouds that are neither judged nor counted as dropped."""
        return self.sent - self.judged - sum(self.dropped.values())

    def to_dict(self) -> dict[str, Any]:
        """For the results file."""
        return {
            "clouds_sent": self.sent,
            "clouds_judged": self.judged,
            "clouds_dropped": self.dropped,
            "clouds_unexplained": self.unexplained,
            "clouds_with_rows_lost": self.rows_lost,
        }


def drops_of(diagnostics: dict[str, str], sent: int, arrived: int) -> dict[str, int]:
    """Dropped clouds by cause: the node's own counts, and what the middleware lost before and after it.

    sent, arrived: clouds that were published, and whose verdicts came back
    """
    found = {k.removeprefix(DROP_PREFIX): int(v) for k, v in diagnostics.items() if k.startswith(DROP_PREFIX)}
    found[LOST_BEFORE] = max(0, sent - int(diagnostics.get("clouds.received", 0)))
    found[LOST_AFTER] = max(0, int(diagnostics.get("clouds.judged", 0)) - arrived)
    return {cause: count for cause, count in sorted(found.items()) if count}


def latency(sent: dict[int, float], arrived: dict[int, float]) -> dict[str, float]:
    """p50, p95 and max in ms from publishing a cloud to receiving its verdict; empty without any."""
    ms = [(arrived[stamp] - sent[stamp]) * 1e3 for stamp in sent if stamp in arrived]
    if not ms:
        return {}
    p50, p95 = np.percentile(ms, (50, 95))
    return {"p50": float(p50), "p95": float(p95), "max": float(max(ms))}
