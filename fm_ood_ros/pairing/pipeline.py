"""The way of a cloud: a callback brings it, the synchroniser finds its image, the worker's thread judges both."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any, Generic, TypeVar

from fm_ood_ros.pairing.ledger import Ledger
from fm_ood_ros.pairing.synchroniser import Pair, Synchroniser, SyncSettings
from fm_ood_ros.pairing.worker import STOPPED, Refused, Worker

Camera = TypeVar("Camera")

LAST_PAIRS = 100


@dataclass(frozen=True)
class Job(Generic[Camera]):
    """A pair on its way to the model; stamp in ns, arrived and paired in seconds of a steady clock."""

    stamp: int
    cloud: Any
    image: Any
    calibration: Camera
    arrived: float
    paired: float


class Pipeline(Generic[Camera]):
    """Takes messages in the thread of the callbacks and has pairs judged in its own thread.

    calibration: gives the camera's current one; raises Refused while there is none
    judge: judges a pair; what it raises is counted, Refused under its cause
    complain: is told the cause and the exception of every pair that could not be judged
    wake: asks for calls of poll() as long as `pending`; clock: seconds that only grow
    """

    def __init__(
        self,
        sync: SyncSettings,
        max_pending: int,
        calibration: Callable[[], Camera],
        judge: Callable[[Job[Camera]], None],
        complain: Callable[[str, BaseException], None],
        wake: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.synchroniser: Synchroniser[tuple[Any, float], Any] = Synchroniser(sync)
        self.pair_errors: deque[int] = deque(maxlen=LAST_PAIRS)  # ns
        self._worker = Worker(judge, complain, max_pending)
        self._calibration = calibration
        self._refused: Counter[str] = Counter()
        self._wake = wake
        self._clock = clock

    @property
    def pending(self) -> bool:
        """Whether a cloud waits for an image."""
        return self.synchroniser.pending > 0

    def start(self) -> None:
        """Starts judging; raises StuckError while the thread of the last time has not ended."""
        self._worker.start()

    def expect_idle(self) -> None:
        """Raises StuckError while the judging thread has not ended."""
        self._worker.expect_idle()

    def stop(self) -> bool:
        """Drops what waits (counted as `deactivated`), ends the pair in work; False when that does not end."""
        self.synchroniser.clear(STOPPED)
        return self._worker.stop()

    def add_points(self, message: Any) -> None:
        """Takes a PointCloud2."""
        now = self._clock()
        self._judge(self.synchroniser.add_cloud(_stamp(message), (message, now), now))
        if self.pending:
            self._wake()

    def add_image(self, message: Any) -> None:
        """Takes an Image or CompressedImage."""
        self._judge(self.synchroniser.add_image(_stamp(message), message, self._clock()))

    def poll(self) -> None:
        """Lets clouds go that have waited long enough."""
        self._judge(self.synchroniser.poll(self._clock()))

    def ledger(self) -> Ledger:
        """Where every cloud went."""
        return Ledger.of(self.synchroniser, self._refused, self._worker.counts())

    def _judge(self, pairs: list[Pair[tuple[Any, float], Any]]) -> None:
        for pair in pairs:
            self.pair_errors.append(pair.error)
            message, arrived = pair.cloud
            try:
                calibration = self._calibration()
            except Refused as refused:
                self._refused[refused.cause] += 1
                continue
            self._worker.put(Job(pair.stamp, message, pair.image, calibration, arrived, self._clock()))


def _stamp(message: Any) -> int:
    stamp = message.header.stamp
    return int(stamp.sec) * 1_000_000_000 + int(stamp.nanosec)
