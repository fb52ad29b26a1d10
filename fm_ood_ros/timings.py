"""Milliseconds per stage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter


class Timings(dict[str, float]):
    """A dictionary of stage -> milliseconds that measures with `with timings.stage(name):`."""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Adds the time of the block to a stage."""
        start = perf_counter()
        try:
            yield
        finally:
            self[name] = self.get(name, 0.0) + (perf_counter() - start) * 1e3
