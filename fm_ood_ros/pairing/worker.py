"""The one thread that judges: when it falls behind, the newest wins; nothing that goes wrong in it ends it."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from fm_ood_ros.errors import FmOodError

Item = TypeVar("Item")

JUDGED = "judged"
FAILED = "judging_failed"
STOPPED = "deactivated"
SUPERSEDED = "superseded"
PATIENCE = 15.0  # seconds that the frame in work may take to end


class Refused(Exception):
    """A pair that cannot be judged; cause: the name under which it is counted."""

    def __init__(self, cause: str, reason: str) -> None:
        super().__init__(reason)
        self.cause = cause


class StuckError(FmOodError):
    """The judging thread did not end."""


@dataclass(frozen=True)
class WorkerCounts:
    """What became of the items put in: put = sum(outcomes) + waiting + busy."""

    put: int
    outcomes: Counter[str]
    waiting: int
    busy: int


class Worker(Generic[Item]):
    """Works on items in a thread of its own; when `size` items wait, the oldest gives way (outcome `superseded`).

    work: judges an item; what it raises is counted (Refused under its cause, all else as `judging_failed`)
    complain: is told the cause and the exception
    """

    def __init__(
        self, work: Callable[[Item], None], complain: Callable[[str, BaseException], None], size: int = 1
    ) -> None:
        self._work = work
        self._complain = complain
        self._size = size
        self._items: deque[Item] = deque()
        self._changed = threading.Condition()
        self._open = False
        self._thread: threading.Thread | None = None
        self._put = self._busy = 0
        self._outcomes: Counter[str] = Counter()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Starts the thread; raises StuckError while an earlier one has not ended: two would share one model."""
        self.expect_idle()
        self._open = True
        self._thread = threading.Thread(target=self._run, name="judging", daemon=True)
        self._thread.start()

    def expect_idle(self) -> None:
        """Raises StuckError while the thread has not ended."""
        if self.alive:
            raise StuckError(
                "the thread that was told to stop still judges a cloud, expected it to end; wait for the model to "
                "return or restart the node"
            )

    def stop(self) -> bool:
        """Drops what waits, lets the item in work end; False when it does not end in time."""
        with self._changed:
            patience = PATIENCE if self._open else 0.0  # it was waited for once
            self._open = False
            if self._items:
                self._outcomes[STOPPED] += len(self._items)
                self._items.clear()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(patience)
        return not self.alive

    def put(self, item: Item) -> None:
        """Adds an item; never blocks."""
        with self._changed:
            self._put += 1
            self._items.append(item)
            if len(self._items) > self._size:
                self._items.popleft()
                self._outcomes[SUPERSEDED] += 1
            self._changed.notify()

    def counts(self) -> WorkerCounts:
        """All counts at one moment."""
        with self._changed:
            return WorkerCounts(self._put, Counter(self._outcomes), len(self._items), self._busy)

    def _run(self) -> None:
        while (item := self._take()) is not None:
            outcome = self._outcome(item)
            with self._changed:
                self._busy = 0
                self._outcomes[outcome] += 1

    def _take(self) -> Item | None:
        with self._changed:
            self._changed.wait_for(lambda: self._items or not self._open)
            if not self._open:
                return None
            self._busy = 1
            return self._items.popleft()

    def _outcome(self, item: Item) -> str:
        try:
            self._work(item)
        except Refused as refused:
            return self._report(refused.cause, refused)
        except BaseException as error:  # a library may raise anything: the thread must outlive it
            return self._report(FAILED, error)
        return JUDGED

    def _report(self, cause: str, error: BaseException) -> str:
        try:
            self._complain(cause, error)
        except Exception:  # logging fails while the context shuts down; the count remains
            return cause
        return cause
