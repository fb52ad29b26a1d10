"""The one thread that judges; nothing that goes wrong in it ends it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from fm_ood_ros.pairing.newest_slot import NewestSlot

Item = TypeVar("Item")

JUDGED = "judged"
FAILED = "judging_failed"
STOPPED = "deactivated"
PATIENCE = 15.0  # seconds that the frame in work may take to end


class Refused(Exception):
    """A pair that cannot be judged; cause: the name under which it is counted."""

    def __init__(self, cause: str, reason: str) -> None:
        super().__init__(reason)
        self.cause = cause


class Worker(Generic[Item]):
    """Takes items from a slot and works on them until stopped.

    work: judges an item; what it raises is counted (Refused under its cause, all else as `judging_failed`)
    complain: is told the cause and the exception
    """

    def __init__(
        self,
        slot: NewestSlot[Item],
        work: Callable[[Item], None],
        complain: Callable[[str, BaseException], None],
    ) -> None:
        self._slot = slot
        self._work = work
        self._complain = complain
        self._thread: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Opens the slot and starts the thread."""
        self._slot.open()
        self._thread = threading.Thread(target=self._run, name="judging", daemon=True)
        self._thread.start()

    def stop(self) -> bool:
        """Drops what waits, lets the item in work end; False when it does not end in time."""
        self._slot.close(STOPPED)
        if self._thread is not None:
            self._thread.join(PATIENCE)
        return not self.alive

    def _run(self) -> None:
        while (item := self._slot.take()) is not None:
            self._slot.done(self._outcome(item))

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
