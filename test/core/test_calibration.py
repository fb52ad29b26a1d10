"""Calibrations: projection against OpenCV, mirroring, files, and everything that is refused."""

import cv2
import numpy as np
import pytest

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.calibration_files import read_calibration, read_kitti_calibration, write_calibration

K = np.array([[500.0, 0, 320], [0, 510, 120], [0, 0, 1]])
REP103 = np.array([[0.0, -1, 0, 0.1], [0, 0, -1, -0.2], [1, 0, 0, -0.3], [0, 0, 0, 1]])
COEFFICIENTS = {
    "plumb_bob": [-0.3, 0.1, 0.001, -0.002, -0.02],
    "rational_polynomial": [0.4, 0.1, 0.001, -0.002, 0.01, 0.6, 0.2, 0.02],
    "equidistant": [0.02, -0.01, 0.004, -0.001],
}


def calibration(model="plumb_bob", distortion=(), **changes):
    values = {"K": K, "width": 640, "height": 240, "T_camera_lidar": REP103}
    return Calibration(**{**values, "distortion_model": model, "distortion": distortion, **changes})


def points_ahead(n=500):
    rng = np.random.default_rng(3)
    return np.c_[rng.uniform(4, 60, n), rng.uniform(-3, 3, n), rng.uniform(-1, 1, n), np.zeros(n)].astype(np.float32)


@pytest.mark.parametrize("model", COEFFICIENTS)
def test_projection_agrees_with_opencv(model):
    c = calibration(model, COEFFICIENTS[model])
    points = points_ahead()
    uv, depth = c.project(points)
    rotation, _ = cv2.Rodrigues(REP103[:3, :3])
    arguments = (points[:, None, :3].astype(np.float64), rotation, REP103[:3, 3].copy())
    if model == "equidistant":
        expected, _ = cv2.fisheye.projectPoints(*arguments, K, np.array(COEFFICIENTS[model]))
    else:
        expected, _ = cv2.projectPoints(*arguments, K, np.array(COEFFICIENTS[model]))
    seen = np.isfinite(uv).all(1)
    assert seen.mean() > 0.9
    np.testing.assert_allclose(uv[seen], expected[seen, 0], atol=1e-6)
    np.testing.assert_allclose(depth, points[:, 0] - 0.3, atol=1e-5)


def test_points_behind_the_camera_have_no_pixel():
    uv, depth = calibration().project(np.array([[-5.0, 0, 0, 0], [0.3, 0, 0, 0]], np.float32))
    assert np.isnan(uv).all()
    assert (depth <= 1e-6).all()


def test_a_folding_lens_does_not_draw_far_rays_into_the_picture():
    c = calibration(distortion=[-0.4, 0, 0, 0])
    uv, _ = c.project(np.array([[1.3, 4.0, 0.0, 0], [10.3, 0.5, 0, 0]], np.float32))
    assert np.isnan(uv[0]).all()
    assert np.isfinite(uv[1]).all()


@pytest.mark.parametrize("model", COEFFICIENTS)
def test_mirrored_calibration_sees_the_mirrored_world(model):
    c = calibration(model, COEFFICIENTS[model])
    points = points_ahead()
    uv, _ = c.project(points)
    flipped, _ = c.mirrored().project(points * np.array([1, -1, 1, 1], np.float32))
    np.testing.assert_allclose(flipped[:, 0], 639 - uv[:, 0], atol=1e-6)
    np.testing.assert_allclose(flipped[:, 1], uv[:, 1], atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"K": np.diag([0.0, 0, 1])}, "not calibrated"),
        ({"K": np.full((3, 3), np.nan)}, "finite"),
        ({"K": np.eye(4)}, r"expected \(3, 3\)"),
        ({"width": 0}, "image size"),
        ({"T_camera_lidar": np.diag([2.0, 1, 1, 1])}, "not a rotation"),
        ({"T_camera_lidar": np.diag([-1.0, 1, 1, 1])}, "not a rotation"),
        ({"distortion_model": "thin_prism"}, "thin_prism"),
        ({"distortion": [1.0, 2.0]}, "2 coefficients"),
        ({"distortion": [np.inf, 0, 0, 0]}, "not finite"),
    ],
)
def test_impossible_calibrations_are_refused(changes, words):
    with pytest.raises(CalibrationError, match=words):
        calibration(**changes)


def test_file_round_trip(tmp_path):
    c = calibration("rational_polynomial", COEFFICIENTS["rational_polynomial"])
    write_calibration(tmp_path / "c.yaml", c)
    back = read_calibration(tmp_path / "c.yaml")
    for name in ("K", "T_camera_lidar", "distortion"):
        np.testing.assert_array_equal(getattr(back, name), getattr(c, name))
    assert (back.width, back.height, back.distortion_model) == (640, 240, "rational_polynomial")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("camera: [", "as YAML"),
        ("camera: {width: 3}", "'K'"),
        ("just text", "lacks or garbles"),
        (
            "camera: {width: 64, height: 32, K: [0,0,0,0,0,0,0,0,1]}\n"
            "T_camera_lidar: [1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1]",
            "not calibrated",
        ),
    ],
)
def test_broken_files_are_refused_by_name(tmp_path, text, words):
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(CalibrationError, match=words) as caught:
        read_calibration(path)
    assert "broken.yaml" in str(caught.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(CalibrationError, match="cannot be read"):
        read_calibration(tmp_path / "none.yaml")


def test_kitti_baseline_moves_into_the_extrinsics(tmp_path):
    path = tmp_path / "calib.txt"
    tr = " ".join(str(v) for v in REP103[:3].reshape(-1))
    path.write_text(f"P0: 500 0 320 0 0 500 120 0 0 0 1 0\nP2: 500 0 320 50 0 500 120 0 0 0 1 0\nTr: {tr}\n")
    p0, p2 = (read_kitti_calibration(path, 640, 240, camera) for camera in ("P0", "P2"))
    assert p2.T_camera_lidar[0, 3] - p0.T_camera_lidar[0, 3] == pytest.approx(0.1)
    with pytest.raises(CalibrationError, match="'P3:'"):
        read_kitti_calibration(path, 640, 240, "P3")
