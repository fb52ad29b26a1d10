"""Synchroniser, slot and worker: the way of a cloud from callback to verdict."""

from __future__ import annotations

from collections import Counter, deque
from time import monotonic
from typing import Any

from fm_ood_ros.pairing.ledger import Ledger
from fm_ood_ros.pairing.newest_slot import NewestSlot
from fm_ood_ros.pairing.synchroniser import Pair, Synchroniser, SyncSettings
from fm_ood_ros.pairing.worker import STOPPED, Worker
from fm_ood_ros.ros.camera import Camera
from fm_ood_ros.ros.judging import Job, Judge

LAST_PAIRS = 100


class Pipeline:
    """Takes messages in the thread of the callbacks and has pairs judged in its own thread.

    complain: is told the cause and the exception of every pair that could not be judged
    """

    def __init__(self, sync: SyncSettings, max_pending: int, camera: Camera, judge: Judge, complain: Any) -> None:
        self.synchroniser: Synchroniser[tuple[Any, float], Any] = Synchroniser(sync)
        self.pair_errors: deque[int] = deque(maxlen=LAST_PAIRS)  # ns
        self._slot: NewestSlot[Job] = NewestSlot(max_pending)
        self._camera = camera
        self._refused: Counter[str] = Counter()
        self._worker = Worker(self._slot, judge, complain)

    def start(self) -> None:
        """Starts judging."""
        self._worker.start()

    def stop(self) -> bool:
        """Drops what waits (counted as `deactivated`), ends the pair in work; False when that does not end."""
        self.synchroniser.clear(STOPPED)
        return self._worker.stop()

    def add_points(self, message: Any) -> None:
        """Takes a PointCloud2."""
        now = monotonic()
        self._enqueue(self.synchroniser.add_cloud(_stamp(message), (message, now), now))

    def add_image(self, message: Any) -> None:
        """Takes an Image or CompressedImage."""
        self._enqueue(self.synchroniser.add_image(_stamp(message), message, monotonic()))

    def poll(self) -> None:
        """Lets clouds go that have waited long enough."""
        self._enqueue(self.synchroniser.poll(monotonic()))

    def ledger(self) -> Ledger:
        """Where every cloud went."""
        return Ledger.of(self.synchroniser, self._refused, self._slot)

    def _enqueue(self, pairs: list[Pair[tuple[Any, float], Any]]) -> None:
        for pair in pairs:
            self.pair_errors.append(pair.error)
            calibration = self._camera.calibration
            if calibration is None:
                self._refused[self._camera.cause] += 1
                continue
            message, arrived = pair.cloud
            self._slot.put(Job(pair.stamp, message, pair.image, calibration, arrived, monotonic()))


def _stamp(message: Any) -> int:
    stamp = message.header.stamp
    return int(stamp.sec) * 1_000_000_000 + int(stamp.nanosec)
