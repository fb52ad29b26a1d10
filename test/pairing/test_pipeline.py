"""From callback to judge without any ROS: every cloud is judged, dropped for a cause, or pending."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import SECONDS, until

from fm_ood_ros.pairing import worker
from fm_ood_ros.pairing.pipeline import Job, Pipeline
from fm_ood_ros.pairing.synchroniser import SyncSettings
from fm_ood_ros.pairing.worker import Refused, StuckError

MS = 1_000_000


def message(ms: int) -> Any:
    sec, nanosec = divmod(ms * MS, 10**9)
    return SimpleNamespace(header=SimpleNamespace(stamp=SimpleNamespace(sec=sec, nanosec=nanosec)))


class Bench:
    """A pipeline with a clock that stands still, a camera that may be missing, and a judge that may fail."""

    def __init__(self, max_pending: int = 1000, **sync: Any) -> None:
        self.now = 0.0
        self.calibration: str | None = "lens"
        self.judged: list[Job[str]] = []
        self.said: list[str] = []
        self.woken = 0
        self.pipeline: Pipeline[str] = Pipeline(
            SyncSettings(**sync),
            max_pending,
            self.current,
            self.judge,
            lambda cause, error: self.said.append(cause),
            self.wake,
            lambda: self.now,
        )

    def current(self) -> str:
        if self.calibration is None:
            raise Refused("no_camera_info", "none came")
        return self.calibration

    def wake(self) -> None:
        self.woken += 1

    def judge(self, job: Job[str]) -> None:
        if job.stamp // MS % 7 == 0:
            raise Refused("bad_cloud", "it is a multiple of seven")
        if job.stamp // MS % 5 == 0:
            raise ValueError("it is a multiple of five")
        self.judged.append(job)

    def balanced(self) -> bool:
        ledger = self.pipeline.ledger()
        assert min(ledger.dropped.values(), default=0) >= 0
        return ledger.unexplained == 0 and ledger.received == (
            ledger.judged + sum(ledger.dropped.values()) + ledger.pending
        )


def test_a_pair_reaches_the_judge_with_its_times_and_the_sign_of_its_error():
    bench = Bench()
    bench.pipeline.start()
    bench.pipeline.add_points(cloud := message(1002))
    assert bench.woken == 1
    bench.now = 0.05
    bench.pipeline.add_image(image := message(1024))
    until(lambda: bench.judged, "judging")
    assert bench.pipeline.stop()
    assert bench.judged == [Job(1002 * MS, cloud, image, "lens", 0.0, 0.05)]
    assert list(bench.pipeline.pair_errors) == [22 * MS]  # the image is later than the cloud
    assert str(bench.pipeline.ledger()) == ("1 clouds received: 1 judged, dropped: none; 0 pending, 0 unexplained")


def test_polls_are_asked_for_only_while_a_cloud_waits():
    bench = Bench()
    bench.pipeline.add_image(message(1000))
    bench.pipeline.add_points(message(1000))
    assert (bench.woken, bench.pipeline.pending) == (0, False)
    bench.pipeline.add_points(message(1100))
    assert (bench.woken, bench.pipeline.pending) == (1, True)
    bench.now = 0.1
    bench.pipeline.poll()
    assert not bench.pipeline.pending


def test_without_a_calibration_a_pair_is_counted_under_its_cause():
    bench = Bench()
    bench.calibration = None
    bench.pipeline.add_image(message(1000))
    bench.pipeline.add_points(message(1000))
    assert bench.pipeline.ledger().dropped == {"no_camera_info": 1}
    assert bench.balanced()


def test_row_22_a_late_image_moves_the_cloud_to_another_cause_and_no_cause_vanishes():
    bench = Bench(tolerance=10 * MS)
    bench.pipeline.add_points(message(1000))
    bench.now = 0.1
    bench.pipeline.poll()
    assert bench.pipeline.ledger().dropped == {"no_image_in_tolerance": 1}
    bench.now = 0.15
    bench.pipeline.add_image(message(1000))
    assert dict(bench.pipeline.ledger().dropped) == {"no_image_in_tolerance": 0, "image_late": 1}
    assert bench.balanced()
    assert str(bench.pipeline.ledger()).count("dropped: 1 image_late;") == 1


def test_a_cloud_in_work_is_pending():
    bench, gate = Bench(), threading.Event()
    bench.pipeline._worker._work = lambda job: bool(gate.wait(SECONDS))  # type: ignore[method-assign]
    bench.pipeline.start()
    bench.pipeline.add_image(message(1000))
    bench.pipeline.add_points(message(1000))
    try:
        until(lambda: bench.pipeline._worker.counts().busy, "taking the pair")
        assert bench.pipeline.ledger().pending == 1
        assert bench.balanced()
    finally:
        gate.set()
        bench.pipeline.stop()


def test_a_pipeline_whose_thread_did_not_stop_starts_no_second_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker.Worker, "alive", property(lambda self: True))
    bench = Bench()
    with pytest.raises(StuckError):
        bench.pipeline.start()
    with pytest.raises(StuckError):
        bench.pipeline.expect_idle()


# ms by which a stamp follows the one before: steady, late, out of order, twice, and jumps both ways
STEPS = st.sampled_from([0, 1, 33, 50, 100, 100, 100, 400, -30, -100, 5000, -5000, 10**9, -(10**9)])
EVENTS = st.lists(
    st.tuples(st.sampled_from(["cloud", "cloud", "image", "image", "poll", "camera", "restart"]), STEPS), max_size=80
)
WAITS = st.sampled_from([0.0, 0.001, 0.02, 0.3])


@settings(max_examples=200, deadline=None)
@given(EVENTS, st.integers(1, 3), st.integers(1, 4), st.integers(-60, 60), WAITS, st.sampled_from([0, 20, 1000]))
def test_every_cloud_is_judged_or_dropped_for_a_cause_or_pending(
    events: list[tuple[str, int]], max_pending: int, queue: int, offset: int, step: float, memory: int
):
    bench = Bench(max_pending, queue_size=queue, image_offset=offset * MS, image_memory=memory * MS)
    pipeline, clouds, images = bench.pipeline, 5 * 10**9, 5 * 10**9
    pipeline.start()
    for kind, ms in events:
        bench.now += step
        if kind == "cloud":
            clouds += ms
            pipeline.add_points(message(clouds))
        elif kind == "image":
            images += ms
            pipeline.add_image(message(images))
        elif kind == "poll":
            pipeline.poll()
        elif kind == "camera":
            bench.calibration = None if bench.calibration else "lens"
        else:
            assert pipeline.stop()
            pipeline.start()
        assert bench.balanced(), str(pipeline.ledger())
    assert pipeline.stop()
    ledger = pipeline.ledger()
    assert bench.balanced() and ledger.pending == 0, str(ledger)
    assert ledger.received == sum(kind == "cloud" for kind, _ in events)
    assert ledger.judged == len(bench.judged)
    assert len(bench.said) == ledger.dropped["bad_cloud"] + ledger.dropped["judging_failed"]
