"""The images that a cloud may still want, by stamp: kept by time, so that a fast camera keeps no shorter memory."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Generic, TypeVar

Image = TypeVar("Image")

INTERVALS = 8  # recent gaps between images from which the next one's arrival is foreseen
MOST_IMAGES = 1000  # ten seconds at 100 Hz; beyond it the stamps cannot be right
STAMP = attrgetter("stamp")


@dataclass(eq=False)  # messages are compared by identity: their arrays are large
class Seen(Generic[Image]):
    """An image; stamp: ns; arrived: seconds of a steady clock; used: whether a cloud took it."""

    stamp: int
    image: Image
    arrived: float
    used: bool = False


class Images(Generic[Image]):
    """Keeps what lies within `span` ns of the newest image.

    drops: of images that no cloud took: `image_unused`, `duplicate_stamp`, `time_jump`
    gone_until: stamp of the newest image that left for its age; a cloud of that time came too late
    """

    def __init__(self, span: int) -> None:
        self._span = span
        self._kept: list[Seen[Image]] = []  # by stamp
        self._intervals: deque[int] = deque(maxlen=INTERVALS)
        self.drops: Counter[str] = Counter()
        self.gone_until: int | None = None

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def newest(self) -> int | None:
        """Stamp of the newest image."""
        return self._kept[-1].stamp if self._kept else None

    def add(self, stamp: int, image: Image, now: float) -> bool:
        """Takes an image; False when there is one of that stamp already."""
        if any(seen.stamp == stamp for seen in self._around(stamp)):
            self.drops["duplicate_stamp"] += 1
            return False
        if self.newest is not None and stamp > self.newest:
            self._intervals.append(stamp - self.newest)
        insort(self._kept, Seen(stamp, image, now), key=STAMP)
        return True

    def nearest(self, target: int) -> Seen[Image] | None:
        """The image nearest to the target; of two as near, the earlier."""
        return min(self._around(target), key=lambda seen: abs(seen.stamp - target), default=None)

    def settled(self, target: int, tolerance: int, reach: int) -> bool:
        """Whether no later image can come nearer to the target; images farther than `reach` are of another time."""
        place = bisect_right(self._kept, target + reach, key=STAMP)
        newest = self._kept[place - 1].stamp if place else None
        if newest is not None and newest >= target:
            return True
        if newest is None or not self._intervals or target - newest > tolerance:
            return False
        return newest + min(self._intervals) - target >= target - newest

    def let_go(self, unwanted: int | None) -> None:
        """Drops what is too old; unwanted: stamp before which no cloud looks any more, but for the nearest one."""
        newest = self.newest
        if newest is None:
            return
        aged = max(bisect_left(self._kept, newest - self._span, key=STAMP), len(self) - MOST_IMAGES)
        if aged > 0:
            self.gone_until = max(self._kept[aged - 1].stamp, self.gone_until or 0)
        passed = bisect_right(self._kept, unwanted, key=STAMP) - 1 if unwanted is not None else 0
        self._drop(self._kept[: max(aged, passed)], "image_unused")
        del self._kept[: max(aged, passed)]

    def forget(self, cause: str, keep: Callable[[int], bool] = lambda stamp: False) -> None:
        """Drops all images but those whose stamps are to be kept."""
        self._drop([seen for seen in self._kept if not keep(seen.stamp)], cause)
        self._kept = [seen for seen in self._kept if keep(seen.stamp)]
        self.gone_until = None

    def _around(self, target: int) -> list[Seen[Image]]:
        place = bisect_left(self._kept, target, key=STAMP)
        return self._kept[max(0, place - 1) : place + 1]

    def _drop(self, images: list[Seen[Image]], cause: str) -> None:
        if unused := sum(not seen.used for seen in images):
            self.drops[cause] += unused
