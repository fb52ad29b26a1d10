"""From CameraInfo to a lens: raw and rectified, binned and cut out, padded, empty, refused; what a topic is named."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.camera_info import is_calibrated, lens_of, rectification_doubt, same_info

K = [100.0, 0, 63.5, 0, 100, 31.5, 0, 0, 1]
P = [90.0, 0, 60, -45, 0, 90, 30, 0, 0, 0, 1, 0]
R = cv2.Rodrigues(np.array([0.02, -0.05, 0.03]))[0]
RAYS = np.random.default_rng(0).uniform([-2, -1, 5], [2, 1, 30], (50, 3))


def info(**changes: Any) -> Any:
    region = {"x_offset": 0, "y_offset": 0, "width": 0, "height": 0, "do_rectify": False, **changes.pop("roi", {})}
    values = {"width": 128, "height": 64, "distortion_model": "plumb_bob", "d": [0.1, 0.01, 0, 0, 0], "k": K, "p": P}
    values |= {"r": R.reshape(-1), "binning_x": 0, "binning_y": 0}
    return SimpleNamespace(**{**values, **changes}, roi=SimpleNamespace(**region))


def test_raw_images_use_k_and_d():
    lens = lens_of(info())
    np.testing.assert_array_equal(lens.K.reshape(-1), K)
    np.testing.assert_array_equal(lens.R, np.eye(3))
    np.testing.assert_array_equal(lens.distortion, [0.1, 0.01, 0, 0, 0])
    assert (lens.width, lens.height, lens.model) == (128, 64, "plumb_bob")


def test_row_9_rectified_images_are_P_R_X_without_the_baseline():
    """The fourth column of P is the stereo pair's affair: the extrinsics are of this very camera."""
    projected = RAYS @ R.T @ np.reshape(P, (3, 4))[:, :3].T
    np.testing.assert_allclose(lens_of(info(), True).project(RAYS), projected[:, :2] / projected[:, 2:])
    assert not lens_of(info(), True).bends


def test_rectified_images_of_a_fisheye_are_a_pinholes():
    lens = lens_of(info(distortion_model="equidistant", d=[0.1] * 4, r=[0.0] * 9), True)
    assert (lens.model, lens.field, lens.bends) == ("plumb_bob", 90, False)
    np.testing.assert_array_equal(lens.R, np.eye(3))


@pytest.mark.parametrize("rectified", [False, True])
@pytest.mark.parametrize("bins", [(2, 2), (4, 1)])
def test_row_10_binning_and_region_move_pixels_as_the_camera_does(bins: tuple[int, int], rectified: bool):
    roi = {"x_offset": 16, "y_offset": 8, "width": 96, "height": 48}
    full, lens = lens_of(info(), rectified), lens_of(info(binning_x=bins[0], binning_y=bins[1], roi=roi), rectified)
    assert (lens.width, lens.height) == (96 // bins[0], 48 // bins[1])
    expected = (full.project(RAYS) - [16, 8] + 0.5) / bins - 0.5  # edges of pixels, not centres, scale
    np.testing.assert_allclose(lens.project(RAYS), expected)


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({"d": []}, 0),
        ({"d": [0.0] * 12, "distortion_model": ""}, 0),
        ({"d": [0.0] * 5, "distortion_model": "none"}, 0),
        ({"d": [0.1, 0, 0, 0, 0, 0, 0, 0]}, 5),
        ({"d": [0.1] * 8 + [0.0] * 6, "distortion_model": "rational_polynomial"}, 14),
        ({"d": [0.1] * 4 + [0.0] * 8, "distortion_model": "fisheye"}, 4),
    ],
)
def test_row_10_padding_of_the_coefficients_is_left_out(changes: dict[str, Any], left: int):
    assert lens_of(info(**changes)).distortion.size == left


@pytest.mark.parametrize(
    ("changes", "rectified", "words"),
    [
        ({"k": [0.0] * 9}, False, r"K\[0\] == 0"),
        ({"p": [0.0] * 12}, True, r"P\[0\] == 0"),
        ({"d": [0.1] * 13, "distortion_model": "rational_polynomial"}, False, "13 coefficients"),
        ({"d": [0.1] * 5, "distortion_model": "mirror"}, False, "mirror"),
        ({"width": 0}, False, "0x64"),
        ({"k": [np.nan] * 9}, False, "finite"),
        ({"r": [2.0, 0, 0, 0, 2, 0, 0, 0, 2]}, True, "expected the rotation"),
    ],
)
def test_what_is_no_calibration_is_refused(changes: dict[str, Any], rectified: bool, words: str):
    with pytest.raises(CalibrationError, match=words):
        lens_of(info(**changes), rectified)


def test_row_10_an_empty_message_is_known_by_what_will_be_read_of_it():
    for rectified in (False, True):
        assert is_calibrated(info(), rectified)
    assert [is_calibrated(info(k=[0.0] * 9), rectified) for rectified in (False, True)] == [False, True]
    assert [is_calibrated(info(p=[0.0] * 12), rectified) for rectified in (False, True)] == [True, False]


@pytest.mark.parametrize(
    "change",
    [
        {"width": 64}, {"height": 32}, {"distortion_model": "equidistant"}, {"k": [99.0, *K[1:]]}, {"d": []},
        {"p": [91.0, *P[1:]]}, {"r": np.eye(3).reshape(-1)}, {"binning_x": 2}, {"binning_y": 2},
        {"roi": {"x_offset": 1}},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_everything_that_matters_makes_another_info(change: dict[str, Any]):
    assert same_info(info(), info())
    assert not same_info(info(), info(**change))
    assert not same_info(info(), None)


@pytest.mark.parametrize(
    ("topic", "asked"),
    [
        ("/camera/image_rect", True), ("/camera/image_rect_color", True), ("/rectified/image", True),
        ("/camera/image_rect/compressed", True), ("image_rectified", True), ("/camera/image_raw", False),
        ("/direct/image", False), ("/camera/image_unrectified", False), ("/rectangle/image", False),
    ],
)  # fmt: skip
def test_row_8_a_topic_named_rect_is_asked_about_when_the_calibration_bends(topic: str, asked: bool):
    doubt = rectification_doubt(topic, lens_of(info()))
    assert (topic in doubt and "rectified" in doubt) if asked else doubt == ""
    assert rectification_doubt(topic, lens_of(info(d=[]))) == ""
    assert rectification_doubt(topic, lens_of(info(), True)) == ""
    assert bool(rectification_doubt(topic, lens_of(info(d=[], distortion_model="fisheye")))) == asked
