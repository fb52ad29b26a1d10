"""ONNX Runtime's session: how many cores it takes, and that it leaves them alone between two frames."""

import os
import time
from pathlib import Path

import numpy as np
import onnxruntime  # noqa: F401  before threads are counted: it starts one of its own
import pytest
from bundles import CLASSES, MAX_RANGE, make_tiny_bundle

from fm_ood_ros.engines import open_engine
from fm_ood_ros.engines.onnxruntime_engine import OnnxRuntimeEngine, thread_count
from fm_ood_ros.errors import EngineError
from fm_ood_ros.model.bundle import ModelBundle

TASKS = Path("/proc/self/task")
SIZE = (256, 1024)  # so large that every operation is shared among the threads


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return ModelBundle.load(make_tiny_bundle(tmp_path_factory.mktemp("model") / "tiny", SIZE))


def opened(bundle, threads):
    """An engine and the ids of the threads that it started."""
    before = {task.name for task in TASKS.iterdir()}
    engine = OnnxRuntimeEngine(bundle, "test", threads)
    return engine, {task.name for task in TASKS.iterdir()} - before


def busy(threads):
    """Seconds that threads have run for; the first number of schedstat, in nanoseconds."""
    return sum(int((TASKS / name / "schedstat").read_text().split()[0]) for name in threads) * 1e-9


def inputs():
    rng = np.random.default_rng(0)
    lidar = rng.uniform(-40, 40, (5, *SIZE)).astype(np.float32)
    return rng.integers(0, 256, (*SIZE, 3)).astype(np.uint8), lidar


def test_threads_that_wait_for_the_next_frame_do_not_spin(bundle):
    engine, threads = opened(bundle, 3)
    frame = inputs()
    worked = waited = seconds = 0.0
    for _ in range(20):
        before = busy(threads)
        engine.infer(*frame)
        after, start = busy(threads), time.perf_counter()
        time.sleep(0.02)
        worked += after - before
        waited += busy(threads) - after
        seconds += time.perf_counter() - start
    assert len(threads) == 2, "the calling thread is the third"
    assert worked > 0, "they take part"
    assert waited / seconds < 0.02


@pytest.mark.parametrize(("threads", "cores", "expected"), [(0, 1, 1), (0, 2, 1), (0, 8, 7), (1, 8, 1), (5, 2, 5)])
def test_a_core_is_left_free_unless_told(threads, cores, expected, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    assert thread_count(threads) == expected


def test_the_session_has_as_many_threads_as_said(bundle, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(4)))
    for threads, started in ((0, 2), (1, 0), (4, 3)):
        engine, mine = opened(bundle, threads)
        assert len(mine) == started
        assert engine.infer(*inputs()).shape == (len(CLASSES), *SIZE)


def test_an_unknown_engine_is_refused(bundle):
    with pytest.raises(EngineError, match=r"engine is 'steam', expected 'auto' or 'onnxruntime'"):
        open_engine(bundle, "steam")


def test_what_comes_out_is_what_the_graph_says_of_its_inputs(bundle):
    image, lidar = inputs()
    lidar[0] = np.abs(lidar[0])
    logits = opened(bundle, 1)[0].infer(image, lidar)
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits.max(0), -(image[..., 0].astype(np.float32)) / 255, atol=1e-6)
    np.testing.assert_array_equal(logits.argmax(0), lidar[3] > 0)
    np.testing.assert_allclose(logits.max(0) - logits.min(0), lidar[0] / MAX_RANGE, atol=1e-6)
