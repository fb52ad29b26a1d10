"""Waiting for another thread, but not for ever."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep

SECONDS = 20.0  # nothing takes so long, unless it fails


def until(condition: Callable[[], object], what: str) -> None:
    """Returns once the condition holds; fails when it does not."""
    end = monotonic() + SECONDS
    while not condition():
        assert monotonic() < end, f"{what} did not happen in {SECONDS} s"
        sleep(0.001)
