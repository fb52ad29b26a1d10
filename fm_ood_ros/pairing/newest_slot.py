"""Hands work to one thread: when it falls behind, the newest wins and what gave way is counted."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")

SUPERSEDED = "superseded"


@dataclass(frozen=True)
class SlotCounts:
    """What became of the items put in: put = sum(outcomes) + waiting + busy."""

    put: int
    outcomes: Counter[str]
    waiting: int
    busy: int


class NewestSlot(Generic[Item]):
    """A bounded queue for one taker; when full, the oldest item gives way (outcome `superseded`)."""

    def __init__(self, size: int = 1) -> None:
        self._size = size
        self._items: deque[Item] = deque()
        self._changed = threading.Condition()
        self._open = False
        self._put = self._busy = 0
        self._outcomes: Counter[str] = Counter()

    def open(self) -> None:
        """Lets items in and takers wait."""
        with self._changed:
            self._open = True

    def close(self, outcome: str) -> None:
        """Counts what waits under `outcome` and sends the taker home."""
        with self._changed:
            self._open = False
            self._drop_all(outcome)
            self._changed.notify_all()

    def put(self, item: Item) -> None:
        """Adds an item; never blocks."""
        with self._changed:
            self._put += 1
            self._items.append(item)
            if len(self._items) > self._size:
                self._items.popleft()
                self._outcomes[SUPERSEDED] += 1
            self._changed.notify()

    def take(self) -> Item | None:
        """The oldest item, waiting for one; None once closed. Each taken item must be reported with done()."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or not self._open)
            if not self._open:
                return None
            self._busy = 1
            return self._items.popleft()

    def done(self, outcome: str) -> None:
        """Counts the outcome of the item taken last."""
        with self._changed:
            self._busy = 0
            self._outcomes[outcome] += 1

    def counts(self) -> SlotCounts:
        """All counts at one moment."""
        with self._changed:
            return SlotCounts(self._put, Counter(self._outcomes), len(self._items), self._busy)

    def _drop_all(self, outcome: str) -> None:
        if self._items:
            self._outcomes[outcome] += len(self._items)
            self._items.clear()
