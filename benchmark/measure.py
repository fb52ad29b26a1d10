"""Time, memory and operators of a call, on a machine that has other things to do as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

Call = Callable[[], object]


def medians(calls: Mapping[str, Call], rounds: int, at_least: float = 0.005, at_most: float = 10.0) -> dict[str, float]:
    """Seconds per call, the median over rounds; every round takes each call in turn, so that all share its weather.

    at_least: seconds that a call is repeated for in a round, so that short ones are timed as well as long ones
    at_most: seconds for all rounds of one call; longer ones take part in fewer
    """
    first = {name: _warm(call) for name, call in calls.items()}
    repeats = {name: max(1, round(at_least / seconds)) for name, seconds in first.items()}
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(rounds):
        for name, call in calls.items():
            if number == 0 or first[name] * (number + 1) < at_most:
                times[name].append(_seconds(call, repeats[name]) / repeats[name])
    return {name: median(found) for name, found in times.items()}


def profiled(call: Call, most: int = 3) -> tuple[int, dict[str, float]]:
    """Bytes that torch held for a call at one time beyond what it held before, and the leading operators' shares.

    The shares are of the CPU's time, without the operators that an operator calls.
    """
    if torch.cuda.is_available():
        torch.cuda.synchronize()
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        call()
    peak = torch.cuda.max_memory_allocated() - before if torch.cuda.is_available() else _peak(recorded)
    times = {e.key: e.self_cpu_time_total for e in recorded.key_averages() if e.key != "[memory]"}
    total = sum(times.values()) or 1
    return peak, {name: times[name] / total for name in sorted(times, key=lambda n: -times[n])[:most]}


def _peak(recorded: profile) -> int:
    held = peak = 0
    results: Any = recorded.profiler  # what torch keeps there has no public name
    events = [e for e in results.kineto_results.events() if e.name() == "[memory]"]
    for event in sorted(events, key=lambda e: e.start_ns()):
        held += event.nbytes()
        peak = max(peak, held)
    return peak


def _warm(call: Call) -> float:
    """Seconds of a call, of its second one where the first is short."""
    first = _seconds(call, 1)
    return max(_seconds(call, 1), 1e-7) if first < 1 else first


def _seconds(call: Call, repeats: int) -> float:
    start = perf_counter()
    for _ in range(repeats):
        call()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return perf_counter() - start
