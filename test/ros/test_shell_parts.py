"""The shell's parts that need no middleware: camera, extrinsics, watch, stages, throttle."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.camera_info import calibration_of, same_info
from fm_ood_ros.health import throttle, watch
from fm_ood_ros.health.stages import Stages
from fm_ood_ros.health.throttle import Throttle
from fm_ood_ros.health.watch import InputWatch
from fm_ood_ros.ros.extrinsics import fixed_calibration

T = np.array([[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1]], np.float64)
K = [100.0, 0, 63.5, 0, 100, 31.5, 0, 0, 1]
P = [90.0, 0, 60, -45, 0, 90, 30, 0, 0, 0, 1, 0]


def info(**changes: Any) -> Any:
    roi = changes.pop("roi", {})
    region = SimpleNamespace(**{"x_offset": 0, "y_offset": 0, "width": 0, "height": 0, "do_rectify": False, **roi})
    values = {"width": 128, "height": 64, "distortion_model": "plumb_bob", "d": [0.1, 0.01, 0, 0, 0], "k": K, "p": P}
    return SimpleNamespace(**{**values, "binning_x": 0, "binning_y": 0, **changes}, roi=region)


def test_raw_images_use_k_and_d():
    c = calibration_of(info(), T)
    np.testing.assert_array_equal(c.K.reshape(-1), K)
    assert (c.width, c.height, c.distortion_model) == (128, 64, "plumb_bob")
    np.testing.assert_array_equal(c.distortion, [0.1, 0.01, 0, 0, 0])


def test_rectified_images_use_p_without_its_baseline():
    c = calibration_of(info(), T, rectified=True)
    np.testing.assert_array_equal(c.K, [[90, 0, 60], [0, 90, 30], [0, 0, 1]])
    assert c.distortion.size == 0


@pytest.mark.parametrize("bins", [(2, 2), (4, 1)])
def test_binning_and_region_move_pixels_as_the_camera_does(bins: tuple[int, int]):
    full = calibration_of(info(d=[]), T)
    roi = {"x_offset": 16, "y_offset": 8, "width": 96, "height": 48}
    c = calibration_of(info(d=[], binning_x=bins[0], binning_y=bins[1], roi=roi), T)
    assert (c.width, c.height) == (96 // bins[0], 48 // bins[1])
    points = np.random.default_rng(0).uniform([5, -2, -1], [30, 2, 1], (50, 3))
    expected = (full.project(points)[0] - [16, 8] + 0.5) / bins - 0.5  # edges of pixels, not centres, scale
    np.testing.assert_allclose(c.project(points)[0], expected)


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({"d": []}, 0),
        ({"d": [0.0] * 12, "distortion_model": ""}, 0),
        ({"d": [0.1, 0, 0, 0, 0, 0, 0, 0]}, 5),
        ({"d": [0.1] * 8 + [0.0] * 6, "distortion_model": "rational_polynomial"}, 8),
        ({"d": [0.1] * 4, "distortion_model": "equidistant"}, 4),
    ],
)
def test_padding_of_the_coefficients_is_left_out(changes: dict[str, Any], left: int):
    assert calibration_of(info(**changes), T).distortion.size == left


@pytest.mark.parametrize(
    ("changes", "rectified", "words"),
    [
        ({"k": [0.0] * 9}, False, r"K\[0\] == 0"),
        ({"p": [0.0] * 12}, True, r"P\[0\] == 0"),
        ({"d": [0.1] * 14, "distortion_model": "rational_polynomial"}, False, "14 coefficients"),
        ({"d": [0.1] * 5, "distortion_model": "mirror"}, False, "mirror"),
        ({"width": 0}, False, "0x64"),
        ({"k": [np.nan] * 9}, False, "finite"),
    ],
)
def test_what_is_no_calibration_is_refused(changes: dict[str, Any], rectified: bool, words: str):
    with pytest.raises(CalibrationError, match=words):
        calibration_of(info(**changes), T, rectified)


def test_the_same_info_is_recognised():
    assert same_info(info(), info())
    assert not same_info(info(), None)
    for change in ({"width": 64}, {"k": [99.0, *K[1:]]}, {"d": []}, {"binning_x": 2}, {"roi": {"x_offset": 1}}):
        assert not same_info(info(), info(**change))


def test_pose_and_matrix_say_the_same():
    pose = SimpleNamespace(calibration_file="", extrinsics=(1.0, 2.0, 3.0, 0.5, -0.5, 0.5, 0.5))
    matrix = T.copy()
    matrix[:3, 3] = [1, 2, 3]
    numbers = SimpleNamespace(calibration_file="", extrinsics=tuple(matrix.reshape(-1)))
    for parameters in (pose, numbers):
        found, whole = fixed_calibration(parameters)  # type: ignore[arg-type]
        np.testing.assert_allclose(found, matrix, atol=1e-12)
        assert whole is None


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
