"""The one thread that judges: newest wins, nothing leaves uncounted, nothing ends it, never two of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import pytest
from patience import SECONDS, until

from fm_ood_ros.pairing import worker as module
from fm_ood_ros.pairing.worker import Refused, StuckError, Worker


class Gate:
    """Work that goes on only when it is let."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.done: list[int] = []

    def __call__(self, item: int) -> None:
        assert self.open.wait(SECONDS)
        self.done.append(item)


@contextmanager
def gated(size: int = 1) -> Iterator[tuple[Worker[int], Gate]]:
    """A started worker that has item -1 in work and does not come back from it until the gate is open."""
    gate = Gate()
    worker = Worker(gate, lambda cause, error: None, size)
    worker.start()
    worker.put(-1)
    until(lambda: worker.counts().busy, "taking the first item")
    try:
        yield worker, gate
    finally:
        gate.open.set()
        worker.stop()


@pytest.mark.parametrize("size", [1, 3])
def test_the_newest_win_in_order(size: int):
    with gated(size) as (worker, gate):
        for item in range(5):
            worker.put(item)
        assert worker.counts().outcomes == {"superseded": 5 - size}
        assert (worker.counts().waiting, worker.counts().busy, worker.counts().put) == (size, 1, 6)
        gate.open.set()
        until(lambda: worker.counts().outcomes["judged"] == size + 1, "judging what waits")
        assert gate.done == [-1, *list(range(5))[-size:]]


def test_stop_counts_what_waits_and_lets_the_item_in_work_end():
    with gated(2) as (worker, gate):
        worker.put(1)
        worker.put(2)
        threading.Timer(0.05, gate.open.set).start()
        assert worker.stop()
        assert worker.counts().outcomes == {"deactivated": 2, "judged": 1}
        assert gate.done == [-1]


def test_stop_wakes_a_thread_that_waits_for_work():
    worker: Worker[int] = Worker(lambda item: None, lambda cause, error: None)
    worker.start()
    assert worker.alive
    assert worker.stop()
    assert not worker.alive


def test_a_thread_that_did_not_stop_is_never_doubled(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    with gated() as (worker, gate):
        assert not worker.stop()
        with pytest.raises(StuckError, match=r"still judges a cloud, expected it to end; .* restart the node"):
            worker.start()
        assert [t.name for t in threading.enumerate()].count("judging") == 1
        assert worker.alive
        gate.open.set()
        until(lambda: not worker.alive, "the end of the thread")
        worker.start()
        worker.put(7)
        until(lambda: worker.counts().outcomes["judged"] == 2, "judging again")
        assert gate.done == [-1, 7]


def test_a_stuck_thread_is_waited_for_once(monkeypatch: pytest.MonkeyPatch):
    with gated() as (worker, _):
        monkeypatch.setattr(module, "PATIENCE", 0.01)
        assert not worker.stop()
        monkeypatch.setattr(module, "PATIENCE", 10 * SECONDS)
        start = monotonic()
        assert not worker.stop()
        assert monotonic() - start < SECONDS


def test_counts_add_up_while_two_threads_work():
    worker: Worker[int] = Worker(lambda item: None, lambda cause, error: None, 2)
    worker.start()
    for item in range(20_000):
        worker.put(item)
        if item % 100 == 0:
            c = worker.counts()
            assert c.put == item + 1 == c.outcomes.total() + c.waiting + c.busy
    until(lambda: worker.counts().outcomes["judged"], "judging")
    assert worker.stop()
    counts = worker.counts()
    assert (counts.waiting, counts.busy, counts.outcomes.total()) == (0, 0, 20_000)


RAISED = [ValueError("broken"), MemoryError(), SystemExit(1), KeyboardInterrupt(), Refused("x", "y")]


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("logging_fails", [False, True])
def test_the_worker_survives_whatever_is_raised(error: BaseException, logging_fails: bool):
    said: list[str] = []

    def work(item: BaseException | str) -> None:
        if isinstance(item, BaseException):
            raise item

    def complain(cause: str, error: BaseException) -> None:
        said.append(cause)
        if logging_fails:
            raise RuntimeError("the log is closed")

    worker = Worker(work, complain, 10)
    worker.start()
    for item in (error, "good", error, "good"):
        worker.put(item)
    until(lambda: worker.counts().outcomes.total() == 4, "judging four items")
    cause = "x" if isinstance(error, Refused) else "judging_failed"
    assert worker.alive
    assert worker.counts().outcomes == {cause: 2, "judged": 2}
    assert said == [cause, cause]
    assert worker.stop()
    worker.start()
    worker.put("good")
    assert worker.stop()
    assert worker.counts().outcomes.total() == 5
