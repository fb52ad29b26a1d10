"""Pairs every cloud with the image nearest to it in time, and counts what finds no partner."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque
from dataclasses import dataclass
from typing import Generic, TypeVar

from fm_ood_ros.errors import InputError

Cloud = TypeVar("Cloud")
Image = TypeVar("Image")

INTERVALS = 8  # recent gaps between images from which the next one's arrival is foreseen


@dataclass(frozen=True)
class SyncSettings:
    """tolerance, image_offset (expected image stamp - cloud stamp), max_jump: ns; max_wait: s; queue_size: messages."""

    tolerance: int = 50_000_000
    image_offset: int = 0
    max_wait: float = 0.1
    queue_size: int = 10
    max_jump: int = 1_000_000_000

    def __post_init__(self) -> None:
        if self.tolerance < 0 or self.max_wait < 0 or self.queue_size < 1 or self.max_jump <= self.tolerance:
            raise InputError(
                f"the synchroniser got {self}, expected no negative times, a queue of one or more and a max_jump above "
                "the tolerance; correct the parameters"
            )


@dataclass(frozen=True)
class Pair(Generic[Cloud, Image]):
    """A cloud and its image; stamp: of the cloud, ns; error: ns by which the image is later than expected."""

    stamp: int
    cloud: Cloud
    image: Image
    error: int


@dataclass(eq=False)  # messages are compared by identity: their arrays are large
class _Waiting(Generic[Cloud]):
    cloud: Cloud
    deadline: float


@dataclass(eq=False)
class _Seen(Generic[Image]):
    stamp: int
    image: Image
    used: bool = False


class Synchroniser(Generic[Cloud, Image]):
    """LiDAR-driven pairing: a cloud waits until no better image can come, at most `max_wait`.

    Times named `now` are seconds of a steady clock. Pairs leave in the order of their clouds' stamps; only a jump of
    the clouds' clock (a bag that loops, a simulation reset) lets stamps go back. An image may serve several clouds.

    clouds, images: messages received; paired: clouds that found an image
    cloud_drops: `no_image_in_tolerance`, `cloud_queue_full`, `duplicate_stamp`, `out_of_order`, `time_jump`
    image_drops: `image_unused`, `duplicate_stamp`, `time_jump`
    last_miss: ns by which the nearest image was later than expected when a cloud last found none in tolerance
    """

    def __init__(self, settings: SyncSettings | None = None) -> None:
        self.settings = settings or SyncSettings()
        self.clouds = self.images = self.paired = 0
        self.cloud_drops: Counter[str] = Counter()
        self.image_drops: Counter[str] = Counter()
        self.last_miss: int | None = None
        self._stamps: list[int] = []  # of the waiting clouds, rising
        self._waiting: list[_Waiting[Cloud]] = []
        self._seen: deque[_Seen[Image]] = deque()  # in order of arrival
        self._intervals: deque[int] = deque(maxlen=INTERVALS)
        self._latest_cloud: int | None = None
        self._latest_image: int | None = None
        self._released: int | None = None  # stamp of the last cloud that left

    @property
    def pending(self) -> int:
        """Clouds that wait for an image."""
        return len(self._waiting)

    def add_cloud(self, stamp: int, cloud: Cloud, now: float) -> list[Pair[Cloud, Image]]:
        """Takes a cloud; returns the pairs that are ready now."""
        self.clouds += 1
        ready: list[Pair[Cloud, Image]] = []
        if self._jumps(stamp, self._latest_cloud):
            ready = self._release(self.pending, "time_jump")
            self._forget_images(far_from=stamp)
            self._latest_cloud = self._released = None
        self._latest_cloud = max(stamp, self._latest_cloud or stamp)
        place = bisect_left(self._stamps, stamp)
        if stamp == self._released or self._stamps[place : place + 1] == [stamp]:
            self.cloud_drops["duplicate_stamp"] += 1
        elif self._released is not None and stamp < self._released:
            self.cloud_drops["out_of_order"] += 1
        else:
            self._stamps.insert(place, stamp)
            self._waiting.insert(place, _Waiting(cloud, now + self.settings.max_wait))
            ready += self._release(max(0, self.pending - self.settings.queue_size), "cloud_queue_full")
        return ready + self.poll(now)

    def add_image(self, stamp: int, image: Image, now: float) -> list[Pair[Cloud, Image]]:
        """Takes an image; returns the pairs that are ready now."""
        self.images += 1
        ready: list[Pair[Cloud, Image]] = []
        if self._jumps(stamp, self._latest_image):
            ready = self._release(self._pairable(), "time_jump")
            self._forget_images()
            self._latest_image = None
        if any(seen.stamp == stamp for seen in self._seen):
            self.image_drops["duplicate_stamp"] += 1
            return ready + self.poll(now)
        if self._latest_image is not None and stamp > self._latest_image:
            self._intervals.append(stamp - self._latest_image)
        self._latest_image = max(stamp, self._latest_image or stamp)
        self._seen.append(_Seen(stamp, image))
        ready += self.poll(now)  # before the oldest image leaves: it may be the one
        if len(self._seen) > self.settings.queue_size:
            self._count_image(self._seen.popleft(), "image_unused")
        return ready

    def poll(self, now: float) -> list[Pair[Cloud, Image]]:
        """Pairs of the clouds that need not or may not wait any longer."""
        count = 0
        for index, (stamp, waiting) in enumerate(zip(self._stamps, self._waiting, strict=True)):
            if now >= waiting.deadline or self._settled(stamp + self.settings.image_offset):
                count = index + 1  # earlier clouds go with it: pairs leave in order
        return self._release(count, "no_image_in_tolerance")

    def flush(self) -> list[Pair[Cloud, Image]]:
        """Pairs of all waiting clouds with the images at hand."""
        return self._release(self.pending, "no_image_in_tolerance")

    def clear(self, cause: str) -> None:
        """Drops everything that waits, counting the clouds under `cause`."""
        self.cloud_drops[cause] += self.pending
        self._stamps.clear()
        self._waiting.clear()
        self._forget_images()
        self._latest_cloud = self._latest_image = self._released = None

    def _jumps(self, stamp: int, latest: int | None) -> bool:
        return latest is not None and abs(stamp - latest) > self.settings.max_jump

    def _settled(self, target: int) -> bool:
        """Whether no later image can come nearer to the target."""
        near = [s.stamp for s in self._seen if abs(s.stamp - target) <= self.settings.max_jump]
        newest = max(near, default=None)
        if newest is None or newest >= target:
            return newest is not None
        if not self._intervals or target - newest > self.settings.tolerance:
            return False
        return newest + min(self._intervals) - target >= target - newest

    def _nearest(self, target: int) -> _Seen[Image] | None:
        best = min(self._seen, key=lambda seen: abs(seen.stamp - target), default=None)
        if best is None or abs(best.stamp - target) <= self.settings.tolerance:
            return best
        self.last_miss = best.stamp - target
        return None

    def _pairable(self) -> int:
        """How many clouds from the front leave so that every cloud with an image at hand is among them."""
        offset = self.settings.image_offset
        found = [i + 1 for i, stamp in enumerate(self._stamps) if self._nearest(stamp + offset)]
        return max(found, default=0)

    def _release(self, count: int, cause: str) -> list[Pair[Cloud, Image]]:
        """Lets the first clouds go: as pairs, or counted under `cause`."""
        pairs = []
        for stamp, waiting in zip(self._stamps[:count], self._waiting[:count], strict=True):
            target = stamp + self.settings.image_offset
            seen = self._nearest(target)
            if seen is None:
                self.cloud_drops[cause] += 1
            else:
                seen.used = True
                pairs.append(Pair(stamp, waiting.cloud, seen.image, seen.stamp - target))
            self._released = stamp
        del self._stamps[:count], self._waiting[:count]
        self.paired += len(pairs)
        return pairs

    def _forget_images(self, far_from: int | None = None) -> None:
        """Drops all images, or those of another time."""
        kept = [s for s in self._seen if far_from is not None and not self._jumps(s.stamp, far_from)]
        for seen in self._seen:
            if seen not in kept:
                self._count_image(seen, "time_jump")
        self._seen = deque(kept)

    def _count_image(self, seen: _Seen[Image], cause: str) -> None:
        if not seen.used:
            self.image_drops[cause] += 1
