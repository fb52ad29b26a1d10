"""Time and memory of stages that lie within each other, each without what lies within it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from time import perf_counter, process_time
from typing import Any, Protocol

from fm_ood_ros.errors import InputError

Places = Mapping[str, tuple[Any, str]]


class Meter(Protocol):
    """Something that measures the block of a stage; the names of the stages it has met are those of `met`."""

    @property
    def met(self) -> set[str]: ...

    def stage(self, name: str) -> AbstractContextManager[None]: ...


class Times:
    """Seconds of this process' threads together (`cpu`) and of the clock (`wall`), by stage."""

    def __init__(self) -> None:
        self.cpu: dict[str, float] = {}
        self.wall: dict[str, float] = {}
        self._within = [(0.0, 0.0)]  # what the stages inside took, for every stage that is open

    @property
    def met(self) -> set[str]:
        """See Meter."""
        return set(self.cpu)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Adds the time of the block, without that of stages in it."""
        self._within.append((0.0, 0.0))
        wall, cpu = perf_counter(), process_time()
        try:
            yield
        finally:
            cpu, wall = process_time() - cpu, perf_counter() - wall
            inner_cpu, inner_wall = self._within.pop()
            self.cpu[name] = self.cpu.get(name, 0.0) + cpu - inner_cpu
            self.wall[name] = self.wall.get(name, 0.0) + wall - inner_wall
            outer_cpu, outer_wall = self._within.pop()
            self._within.append((outer_cpu + cpu, outer_wall + wall))


class Peaks:
    """Bytes that a stage, with those in it, held at one time beyond what was held before it; needs tracemalloc on."""

    def __init__(self) -> None:
        self.peak: dict[str, int] = {}
        self._highest = [0]  # so far, for every stage that is open

    @property
    def met(self) -> set[str]:
        """See Meter."""
        return set(self.peak)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Keeps the largest of the block's peaks."""
        before = self._turn()
        self._highest.append(before)
        try:
            yield
        finally:
            self._turn()
            highest = self._highest.pop()
            self.peak[name] = max(self.peak.get(name, 0), highest - before)
            self._highest[-1] = max(self._highest[-1], highest)

    def _turn(self) -> int:
        """Gives the peak since the last turn to the open stage; returns what is held now."""
        held, highest = tracemalloc.get_traced_memory()
        self._highest[-1] = max(self._highest[-1], highest)
        tracemalloc.reset_peak()
        return held


@contextmanager
def measured_at(places: Places, meter: Meter) -> Iterator[None]:
    """Measures each stage wherever the attribute of its owner is called, as long as the block lasts.

    Raises InputError for a place that is not there, and at the end for a stage that was never met.
    """
    gone = [f"'{name}' at {_shown(*place)}" for name, place in places.items() if not hasattr(*place)]
    if gone:
        raise InputError(f"there is nothing to measure for {', '.join(gone)}; say where these stages are now")
    originals = [(owner, name, vars(owner).get(name, _ABSENT)) for owner, name in places.values()]
    try:
        for stage, (owner, name) in places.items():
            setattr(owner, name, _measured(getattr(owner, name), stage, meter))
        yield
    finally:
        for owner, name, original in originals:
            if original is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, original)
    silent = [f"'{name}' at {_shown(*places[name])}" for name in places if name not in meter.met]
    if silent:
        raise InputError(f"a frame never came to {', '.join(silent)}; say where these stages are now")


_ABSENT = object()


def _measured(call: Any, stage: str, meter: Meter) -> Any:
    @wraps(call)
    def measured(*arguments: Any, **named: Any) -> Any:
        with meter.stage(stage):
            return call(*arguments, **named)

    return measured


def _shown(owner: Any, name: str) -> str:
    return f"{getattr(owner, '__name__', type(owner).__name__)}.{name}"
