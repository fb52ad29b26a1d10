"""A line that shows how far long work is."""

from __future__ import annotations

import sys
from time import monotonic
from types import TracebackType


class Progress:
    """Prints `what: done/total, per second` over itself on a terminal, and only the end elsewhere."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total, self._done = what, total, 0
        self._start = monotonic()

    def __enter__(self) -> Progress:
        return self

    def step(self) -> None:
        """One more is done."""
        self._done += 1
        if sys.stderr.isatty():
            print(f"\r{self._line()}", end="", file=sys.stderr, flush=True)

    def _line(self) -> str:
        rate = self._done / max(1e-9, monotonic() - self._start)
        return f"{self._what}: {self._done}/{self._total}, {rate:.1f} per second"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        end = "\r" if sys.stderr.isatty() else ""
        print(f"{end}{self._line()}", file=sys.stderr, flush=True)
