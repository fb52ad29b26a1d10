"""Pairs every cloud with the image nearest to it in time, and counts what finds no partner."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import Generic, TypeVar

from fm_ood_ros.errors import InputError
from fm_ood_ros.pairing.images import Images, Seen
from fm_ood_ros.pairing.misses import Misses

Cloud = TypeVar("Cloud")
Image = TypeVar("Image")

SECOND = 1_000_000_000
APART = 10 * SECOND  # no parameter reaches farther: beyond it the two clocks differ

NO_IMAGE = "no_image_in_tolerance"
IMAGE_LATE = "image_late"
CLOUD_LATE = "cloud_late"
CLOCKS_DIFFER = "clocks_differ"
QUEUE_FULL = "cloud_queue_full"


@dataclass(frozen=True)
class SyncSettings:
    """How to pair.

    tolerance, image_offset (expected image stamp - cloud stamp), max_jump, image_memory (how far back images are kept):
    ns; max_wait: s; queue_size: clouds
    """

    tolerance: int = 50_000_000
    image_offset: int = 0
    max_wait: float = 0.1
    queue_size: int = 10
    max_jump: int = SECOND
    image_memory: int = SECOND

    def __post_init__(self) -> None:
        lowest = min(self.tolerance, self.max_wait, self.image_memory)
        if lowest < 0 or self.queue_size < 1 or self.max_jump <= self.tolerance:
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
    arrived: float


class Synchroniser(Generic[Cloud, Image]):
    """LiDAR-driven pairing: a cloud waits until no better image can come, at most `max_wait`.

    Times named `now` are seconds of a steady clock. Pairs leave in the order of their clouds' stamps; only a jump of
    the clouds' clock (a bag that loops, a simulation reset) lets stamps go back. An image may serve several clouds.

    clouds, images: messages received; paired: clouds that found an image
    cloud_drops: `no_image_in_tolerance`, `image_late` (it came after the cloud had left: counted so from then on),
    `cloud_late` (the images of its time had left), `clocks_differ`, `cloud_queue_full`, `duplicate_stamp`,
    `out_of_order`, `time_jump`
    misses: what is known about clouds without an image; clock_difference: ns, camera - LiDAR, when last too large
    lateness: ns by which the last `cloud_late` was older than the newest image
    """

    def __init__(self, settings: SyncSettings | None = None) -> None:
        self.settings = settings or SyncSettings()
        self.clouds = self.images = self.paired = 0
        self.cloud_drops: Counter[str] = Counter()
        self.misses = Misses(self.settings.tolerance)
        self.clock_difference = self.lateness = 0
        self._stamps: list[int] = []  # of the waiting clouds, rising
        self._waiting: list[_Waiting[Cloud]] = []
        self._images: Images[Image] = Images(self.settings.image_memory)
        self._latest_cloud: int | None = None
        self._released: int | None = None  # stamp of the last cloud that left

    @property
    def pending(self) -> int:
        """Clouds that wait for an image."""
        return len(self._waiting)

    @property
    def image_drops(self) -> Counter[str]:
        """Images that no cloud took: `image_unused`, `duplicate_stamp`, `time_jump`."""
        return self._images.drops

    def add_cloud(self, stamp: int, cloud: Cloud, now: float) -> list[Pair[Cloud, Image]]:
        """Takes a cloud; returns the pairs that are ready now."""
        self.clouds += 1
        ready: list[Pair[Cloud, Image]] = []
        if self._jumps(stamp, self._latest_cloud):
            ready = self._release(self.pending, "time_jump")
            self._images.forget("time_jump", keep=lambda image: not self._jumps(image, stamp))
            self._restart()
        self._latest_cloud = max(stamp, self._latest_cloud or stamp)
        place = bisect_left(self._stamps, stamp)
        if stamp == self._released or self._stamps[place : place + 1] == [stamp]:
            self.cloud_drops["duplicate_stamp"] += 1
        elif self._released is not None and stamp < self._released:
            self.cloud_drops["out_of_order"] += 1
        else:
            self._stamps.insert(place, stamp)
            self._waiting.insert(place, _Waiting(cloud, now))
            ready += self._release(max(0, self.pending - self.settings.queue_size), QUEUE_FULL)
        return ready + self.poll(now)

    def add_image(self, stamp: int, image: Image, now: float) -> list[Pair[Cloud, Image]]:
        """Takes an image; returns the pairs that are ready now."""
        self.images += 1
        ready: list[Pair[Cloud, Image]] = []
        if self._jumps(stamp, self._images.newest):
            ready = self._release(self._pairable(), "time_jump")
            self._images.forget("time_jump")
            self.misses.forget()
        if self._images.add(stamp, image, now):
            self._recount(self.misses.add_image(stamp, now))
        ready += self.poll(now)  # before the oldest image leaves: it may be the one
        self._images.let_go(self._unwanted())
        return ready

    def poll(self, now: float) -> list[Pair[Cloud, Image]]:
        """Pairs of the clouds that need not or may not wait any longer."""
        count = 0
        for index, (stamp, waiting) in enumerate(zip(self._stamps, self._waiting, strict=True)):
            if now >= waiting.arrived + self.settings.max_wait or self._settled(stamp):
                count = index + 1  # earlier clouds go with it: pairs leave in order
        return self._release(count)

    def flush(self) -> list[Pair[Cloud, Image]]:
        """Pairs of all waiting clouds with the images at hand."""
        return self._release(self.pending)

    def clear(self, cause: str) -> None:
        """Drops everything that waits, counting the clouds under `cause`."""
        if self.pending:
            self.cloud_drops[cause] += self.pending
        self._stamps.clear()
        self._waiting.clear()
        self._images.forget("time_jump")
        self._restart()

    def _restart(self) -> None:
        self._latest_cloud = self._released = None
        self.misses.forget()

    def _jumps(self, stamp: int, latest: int | None) -> bool:
        return latest is not None and abs(stamp - latest) > self.settings.max_jump

    def _target(self, stamp: int) -> int:
        return stamp + self.settings.image_offset

    def _settled(self, stamp: int) -> bool:
        return self._images.settled(self._target(stamp), self.settings.tolerance, self.settings.max_jump)

    def _unwanted(self) -> int | None:
        """Stamp before which images are out of reach for every cloud that may still come."""
        return None if self._released is None else self._target(self._released) - self.settings.tolerance

    def _pairable(self) -> int:
        """How many clouds from the front leave so that every cloud with an image at hand is among them."""
        nearest = [(self._target(stamp), self._images.nearest(self._target(stamp))) for stamp in self._stamps]
        found = [i + 1 for i, (target, seen) in enumerate(nearest) if seen and self._fits(seen, target)]
        return max(found, default=0)

    def _fits(self, seen: Seen[Image], target: int) -> bool:
        return abs(seen.stamp - target) <= self.settings.tolerance

    def _release(self, count: int, cause: str = "") -> list[Pair[Cloud, Image]]:
        """Lets the first clouds go: as pairs, or counted under `cause`; without one, what keeps them apart is found."""
        pairs = []
        for stamp, waiting in zip(self._stamps[:count], self._waiting[:count], strict=True):
            target = self._target(stamp)
            seen = self._images.nearest(target)
            if seen is not None and self._fits(seen, target):
                seen.used = True
                pairs.append(Pair(stamp, waiting.cloud, seen.image, seen.stamp - target))
                self._watch(stamp, waiting.arrived, seen, paired=True)
            else:
                found = cause or self._cause(target, waiting.arrived, seen)
                self.cloud_drops[found] += 1
                if found == NO_IMAGE:
                    self._watch(stamp, waiting.arrived, seen, paired=False)
            self._released = stamp
        del self._stamps[:count], self._waiting[:count]
        self.paired += len(pairs)
        return pairs

    def _cause(self, target: int, arrived: float, nearest: Seen[Image] | None) -> str:
        if nearest is None:
            return NO_IMAGE
        gap = nearest.stamp - target
        difference = gap - round((nearest.arrived - arrived) * SECOND)  # a camera that is silent is no clock astray
        if min(abs(gap), abs(difference)) > APART:
            self.clock_difference = difference
            return CLOCKS_DIFFER
        gone, newest = self._images.gone_until, self._images.newest
        if gone is not None and newest is not None and target - self.settings.tolerance <= gone:
            self.lateness = newest - target
            return CLOUD_LATE
        return NO_IMAGE

    def _watch(self, stamp: int, arrived: float, nearest: Seen[Image] | None, paired: bool) -> None:
        target = self._target(stamp)
        gap = None if nearest is None else nearest.stamp - target
        if not self._settled(stamp):
            self.misses.watch(target, arrived, gap, paired)
        elif gap is not None and not paired:
            self.misses.gaps.append(gap)

    def _recount(self, late: int) -> None:
        """Clouds whose image came after all are counted under another cause."""
        if late:
            self.cloud_drops[NO_IMAGE] -= late
            self.cloud_drops[IMAGE_LATE] += late
