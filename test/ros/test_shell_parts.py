"""The shell's parts that need no middleware: watch, stages, throttle."""

from __future__ import annotations

from collections import Counter

import pytest

from fm_ood_ros.health import throttle, watch
from fm_ood_ros.health.stages import Stages
from fm_ood_ros.health.throttle import Throttle
from fm_ood_ros.health.watch import InputWatch


def test_rate_age_and_silence_of_an_input(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watch, "monotonic", lambda: 100.0)
    points = InputWatch("points")
    assert points.trouble(101.0) == ""
    assert points.trouble(103.2) == "no points yet, waiting for 3.2 s"
    for i in range(100):
        points.tick(104 + i / 10)
    assert points.rate(114.0) == pytest.approx(10, rel=0.01)
    assert points.trouble(115.0) == ""
    assert points.trouble(117.9) == "no points since 4.0 s"
    assert points.rate(130.0) == 0
    points.incompatible_qos = "a publisher offers an incompatible RELIABILITY"
    assert "incompatible RELIABILITY" in points.trouble(130.0)
    points.restart()
    assert points.trouble(101.0) == ""


def test_stages_keep_the_last_values():
    stages = Stages()
    for ms in range(1000):
        stages.add({"infer": float(ms), "lift": 1.0})
    p50, p95 = stages.percentiles()["infer"]
    assert (p50, round(p95)) == (899.5, 989)
    assert stages.percentiles()["lift"] == (1.0, 1.0)


def test_the_throttle_speaks_once_per_kind_and_counts_the_rest(monkeypatch: pytest.MonkeyPatch):
    now = [0.0]
    monkeypatch.setattr(throttle, "monotonic", lambda: now[0])
    say = Throttle(5.0)
    assert [say("a", "A"), say("b", "B"), say("a", "A"), say("a", "A")] == ["A", "B", "", ""]
    now[0] = 5.0
    assert say("a", "A") == "A (2 more since the last report)"
    assert Counter([say("a", "A"), say("b", "B")]) == {"": 1, "B": 1}
