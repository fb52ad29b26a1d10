"""Every stage of a frame at every size of cloud."""

from __future__ import annotations

import resource
import tracemalloc
from collections.abc import Sequence
from statistics import median
from typing import Any

from benchmark.frame.meters import Peaks, Times
from benchmark.frame.stages import COPY, ENGINE, GROUPS, OneFrame
from benchmark.frame.street import sent
from fm_ood_ros.engines import Engine
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.prediction import Prediction

LEARNING = 6  # clouds after which a rig is known
MOST_MS, AT = 8.0, 120_000  # of judgement on one core, at so many points


def measured(bundle: ModelBundle, engine: Engine, sizes: Sequence[int], rounds: int) -> list[dict[str, Any]]:
    """A row for each number of points; every round takes each size in turn, so that all share its weather."""
    frames = {points: OneFrame(bundle, engine, sent(points)) for points in sizes}
    said = {points: _learnt(frame) for points, frame in frames.items()}
    times: dict[int, list[Times]] = {points: [] for points in sizes}
    for _ in range(rounds):
        for points, frame in frames.items():
            times[points].append(Times())
            frame(times[points][-1])
    return [_row(points, said[points], times[points], _peaks(frames[points])) for points in sizes]


def most_resident() -> float:
    """Largest MB that this process has held in memory so far, what ONNX Runtime holds included."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def aims(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The bound on judgement, where the size that it is about was measured."""
    found = [row["groups"]["judgement"]["cpu_ms"] for row in rows if row["points"] == AT]
    name = f"judgement of {AT} points, one core, ms"
    return [{"aim": name, "found": ms, "wanted": f"<= {MOST_MS:g}", "reached": ms <= MOST_MS} for ms in found]


def _learnt(frame: OneFrame) -> Prediction:
    for _ in range(LEARNING - 1):
        frame(Times())
    return frame(Times())


def _peaks(frame: OneFrame) -> dict[str, int]:
    peaks = Peaks()
    tracemalloc.start()
    try:
        frame(peaks)
    finally:
        tracemalloc.stop()
    return peaks.peak


def _row(points: int, said: Prediction, times: Sequence[Times], peaks: dict[str, int]) -> dict[str, Any]:
    stages = {
        name: {
            "cpu_ms": 1e3 * median(t.cpu[name] for t in times),
            "least_cpu_ms": 1e3 * min(t.cpu[name] for t in times),
            "wall_ms": 1e3 * median(t.wall[name] for t in times),
            "peak_mb": peaks[name] / 1e6,
        }
        for name in times[0].cpu
    }
    copy = stages.pop(COPY)
    whole = sum(stage["cpu_ms"] for stage in stages.values())
    for stage in stages.values():
        stage["share"] = stage["cpu_ms"] / whole
        stage["copies"] = stage["cpu_ms"] / copy["cpu_ms"]
        stage["engines"] = stage["cpu_ms"] / stages[ENGINE]["cpu_ms"]
    return {
        "points": points, "in_view": int(said.in_view.sum()), "judged": said.judged,
        "patches": len(said.views[0].score), "copy_ms": copy["cpu_ms"], "cpu_ms": whole, "stages": stages,
        "groups": {name: _together(stages, members) for name, members in GROUPS.items()},
    }  # fmt: skip


def _together(stages: dict[str, dict[str, float]], members: Sequence[str]) -> dict[str, float]:
    """Sums over a group's stages, of the peaks the largest."""
    inside = [stages[name] for name in members]
    return {key: (max if key == "peak_mb" else sum)(stage[key] for stage in inside) for key in inside[0]}
