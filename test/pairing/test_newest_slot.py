"""The slot between callbacks and worker: newest wins, nothing leaves uncounted."""

from __future__ import annotations

import threading

import pytest

from fm_ood_ros.pairing.newest_slot import NewestSlot


@pytest.mark.parametrize("size", [1, 3])
def test_the_newest_win_in_order(size: int):
    slot: NewestSlot[int] = NewestSlot(size)
    slot.open()
    for item in range(5):
        slot.put(item)
    assert slot.counts().outcomes == {"superseded": 5 - size}
    assert [slot.take() for _ in range(size)] == list(range(5))[-size:]


def test_close_counts_what_waits_and_sends_the_taker_home():
    slot: NewestSlot[int] = NewestSlot()
    slot.open()
    got: list[int | None] = []
    taker = threading.Thread(target=lambda: got.append(slot.take()))
    taker.start()
    slot.close("deactivated")
    taker.join(5)
    slot.open()
    slot.put(1)
    slot.close("deactivated")
    assert got == [None]
    assert slot.take() is None
    assert slot.counts().outcomes == {"deactivated": 1}


def test_counts_add_up_while_two_threads_work():
    slot: NewestSlot[int] = NewestSlot(2)
    slot.open()

    def work() -> None:
        while slot.take() is not None:
            slot.done("judged")

    taker = threading.Thread(target=work)
    taker.start()
    for item in range(20_000):
        slot.put(item)
        if item % 100 == 0:
            c = slot.counts()
            assert c.put == item + 1 == c.outcomes.total() + c.waiting + c.busy
    slot.close("deactivated")
    taker.join(5)
    counts = slot.counts()
    assert (counts.waiting, counts.busy, counts.outcomes.total()) == (0, 0, 20_000)
    assert counts.outcomes["judged"] > 0
