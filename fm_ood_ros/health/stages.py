"""Where the time goes: percentiles of milliseconds per stage over the last verdicts."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Mapping

import numpy as np

LAST = 200


class Stages:
    """Keeps the last values of every stage; safe to use from two threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=LAST))

    def add(self, timings: Mapping[str, float]) -> None:
        """Takes milliseconds per stage."""
        with self._lock:
            for stage, ms in timings.items():
                self._values[stage].append(ms)

    def percentiles(self) -> dict[str, tuple[float, float]]:
        """p50 and p95 in ms per stage, in the order in which stages first came."""
        with self._lock:
            values = {stage: list(ms) for stage, ms in self._values.items()}
        return {stage: (float(np.median(ms)), float(np.percentile(ms, 95))) for stage, ms in values.items()}
