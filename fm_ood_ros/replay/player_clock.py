"""When a recorded message is due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import monotonic, sleep

from fm_ood_ros.replay.bag import BagMessage


def in_real_time(messages: Iterable[BagMessage], rate: float = 1.0) -> Iterator[BagMessage]:
    """Yields messages at their recorded pace, `rate` times as fast; a late one at once."""
    first = start = None
    for message in messages:
        if first is None or start is None:
            first, start = message.time, monotonic()
        due = start + (message.time - first) / 1e9 / rate
        sleep(max(0.0, due - monotonic()))
        yield message
