"""Scenes shared out among processes, one per core, with progress."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from typing import TypeVar

from fm_ood_ros.errors import InputError

Job = TypeVar("Job")
Result = TypeVar("Result")


def work(
    do: Callable[[Job], Result], jobs: Sequence[Job], workers: int, frames: int, name: str, verb: str = "scenes"
) -> list[Result]:
    """What `do` returns for every job of so many frames, in the jobs' order; prints frames/s and the time left.

    The first error ends the work once what was begun is done. Raises InputError when a process dies.
    """
    results: dict[int, Result] = {}
    progress = Progress(name, verb, len(jobs), frames)
    for index, result in _results(do, jobs, min(workers, len(jobs))):
        results[index] = result
        progress.show(len(results))
    return [results[i] for i in range(len(jobs))]


def _results(do: Callable[[Job], Result], jobs: Sequence[Job], workers: int) -> Iterator[tuple[int, Result]]:
    if workers < 2:
        yield from ((i, do(job)) for i, job in enumerate(jobs))
        return
    running = {_pool(workers).submit(do, job): i for i, job in enumerate(jobs)}
    try:
        for future in as_completed(running):
            yield running[future], future.result()
    except BaseException as error:
        _pool(workers).shutdown(cancel_futures=True)
        _pool.cache_clear()
        if isinstance(error, BrokenProcessPool):
            raise InputError(
                "a worker process died, as happens when memory runs out; free some or give fewer --workers and go on"
            ) from error
        raise


@cache
def _pool(workers: int) -> ProcessPoolExecutor:
    """Kept from one split to the next: processes take seconds to start."""
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _leave_interrupts_to_the_parent)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Progress:
    """One line that is renewed on a terminal, and now and then a new one elsewhere."""

    def __init__(self, name: str, verb: str, total: int, frames: int) -> None:
        self._name, self._verb, self._total, self._frames = name, verb, total, frames
        self._start = self._shown = time.perf_counter()

    def show(self, done: int) -> None:
        """Reports so many jobs as done."""
        now, terminal, last = time.perf_counter(), sys.stdout.isatty(), done == self._total
        if not (last or terminal or now - self._shown > 10):
            return
        self._shown = now
        spent = now - self._start
        left = f"{spent / done * (self._total - done):.0f} s left" if not last else f"in {spent:.0f} s"
        rate = done * self._frames / spent
        line = f"{self._name}: {done}/{self._total} {self._verb}, {rate:.1f} frames/s, {left}"
        print(f"{line:<70}" if terminal else line, end="\r" if terminal and not last else "\n", flush=True)
