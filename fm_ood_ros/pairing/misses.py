"""What is learnt about clouds that left with no image, or a poor one, from the images that come afterwards."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

LAST = 100  # misses that are remembered, and clouds that are watched


@dataclass
class _Left:
    """A cloud that left too early to be sure.

    alone: no image had come before it; wait: s that would have brought it the nearest image
    """

    target: int
    arrived: float
    gap: int | None
    paired: bool
    alone: bool
    wait: float | None = None


class Misses:
    """Watches clouds that left before an image later than their target had come.

    tolerance: ns
    gaps: ns by which the nearest image was later than expected, of clouds with none in tolerance
    waits: s after which the image nearest to a cloud came, when the cloud had not waited so long
    outrun: clouds that had been paired when a nearer image came
    """

    def __init__(self, tolerance: int) -> None:
        self._tolerance = tolerance
        self._left: deque[_Left] = deque(maxlen=LAST)
        self.gaps: deque[int] = deque(maxlen=LAST)
        self.waits: deque[float] = deque(maxlen=LAST)
        self.outrun = 0

    def watch(self, target: int, arrived: float, gap: int | None, paired: bool) -> None:
        """Takes a cloud that left at its deadline; gap: ns by which its nearest image was later than expected."""
        self._left.append(_Left(target, arrived, gap, paired, gap is None))

    def add_image(self, stamp: int, now: float) -> int:
        """Takes the stamp of an image that just came; returns how many unpaired clouds it came too late for."""
        late = 0
        for cloud in self._left:
            gap = stamp - cloud.target
            if cloud.gap is None or abs(gap) < abs(cloud.gap):
                cloud.gap = gap
                if abs(gap) <= self._tolerance:
                    late += not cloud.paired and cloud.wait is None
                    cloud.wait = now - cloud.arrived
        for cloud in [cloud for cloud in self._left if stamp >= cloud.target]:
            self._left.remove(cloud)
            self._conclude(cloud)
        return late

    def forget(self) -> None:
        """Watches no cloud any longer: the stamps have jumped."""
        self._left.clear()

    def _conclude(self, cloud: _Left) -> None:
        if cloud.wait is not None:
            self.waits.append(cloud.wait)
            self.outrun += cloud.paired
        elif not cloud.paired and not cloud.alone and cloud.gap is not None:
            self.gaps.append(cloud.gap)
