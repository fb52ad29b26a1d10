"""Street after street, rendered ahead in processes of their own."""

from __future__ import annotations

import multiprocessing
import queue
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from simulation.live.schedule import Schedule
from simulation.output.recording import Recording
from simulation.sensors.lidar import Scan
from simulation.unknown import KINDS_OF_SPLIT
from simulation.world.scene import SceneRequest

LIVE_CODE = 10  # apart from the codes of bags and of the data sets' splits
ALIVE_SECONDS = 0.2  # between looks at whether a renderer lives
CONTEXT = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class PlayRequest:
    """What to play: rate in frames/s; split: whose unknown objects; street: seconds until the next one begins

    ahead: seconds of frames that each of the workers may be ahead
    """

    rig: str
    rate: float = 10.0
    seed: int = 0
    weather: str = "any"
    split: str = "test"
    street: float = 10.0
    workers: int = 1
    ahead: float = 2.0

    @property
    def frames(self) -> int:
        """Per street."""
        return max(1, round(self.street * self.rate))

    @property
    def mounting(self) -> tuple[int, ...]:
        """One vehicle drives all streets, so that one calibration holds."""
        return (self.seed, LIVE_CODE)

    def scene(self, street: int) -> SceneRequest:
        """The scene of one street."""
        return SceneRequest(
            (self.seed, LIVE_CODE, street), KINDS_OF_SPLIT[self.split], self.weather, self.rig, self.street,
            mounting=self.mounting,
        )  # fmt: skip


class LiveFrame(NamedTuple):
    """k: number since the start; images: [H,W,3] RGB of every camera; scan: of the same moment."""

    k: int
    images: list[NDArray[np.uint8]]
    scan: Scan


class Streets:
    """Frames of all streets in order; use it as a context. Worker i makes the streets i, i + workers, ..."""

    def __init__(self, request: PlayRequest) -> None:
        self._request = request
        self._start = CONTEXT.Value("d", 0.0)
        room = max(1, min(round(request.ahead * request.rate), request.frames))
        self._queues: list[Any] = [CONTEXT.Queue(room) for _ in range(request.workers)]
        self._processes = [
            CONTEXT.Process(target=_render, args=(request, i, q, self._start), daemon=True)
            for i, q in enumerate(self._queues)
        ]

    def __enter__(self) -> Streets:
        for process in self._processes:
            process.start()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join()

    def begin(self) -> Schedule:
        """Waits until the first frames are made ahead; from then on what is overdue is no longer rendered."""
        while not self._queues[0].full():
            self._look_after(0)
            time.sleep(0.02)
        self._start.value = time.monotonic()
        return Schedule(self._start.value, self._request.rate)

    def frames(self) -> Iterator[LiveFrame | None]:
        """Endless; None when there is nothing yet. Raises InputError when a renderer died."""
        for street in count():
            worker = street % self._request.workers
            while True:
                try:
                    frame = self._queues[worker].get(timeout=ALIVE_SECONDS)
                except queue.Empty:
                    self._look_after(worker)
                    yield None
                    continue
                if frame is None:
                    break
                yield frame

    def _look_after(self, worker: int) -> None:
        process = self._processes[worker]
        if process.exitcode is not None:
            raise InputError(f"renderer {worker} ended with exit code {process.exitcode}; see its message above")


def _render(request: PlayRequest, worker: int, frames: Any, start: Any) -> None:
    """One process: its streets' frames in order, None after each street."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for street in count(worker, request.workers):
        first, k = street * request.frames, _next(request, street * request.frames, start.value)
        if k < first + request.frames:
            with Recording(request.scene(street)) as recording:
                while k < first + request.frames:
                    t = (k - first) / request.rate
                    frame, scan = recording.frame(t)
                    frames.put(LiveFrame(k, [frame.views[0].image, *recording.further_images(t)], scan))
                    k = _next(request, k + 1, start.value)
        frames.put(None)


def _next(request: PlayRequest, k: int, start: float) -> int:
    """Frame k, or a later one when k is overdue already; start: 0 before the schedule began."""
    return k if start == 0 else max(k, Schedule(start, request.rate).first_due(time.monotonic()))
