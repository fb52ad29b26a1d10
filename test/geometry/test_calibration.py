"""Calibrations: points of the LiDAR in the picture, mirroring, and poses that are refused."""

import cv2
import numpy as np
import pytest

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.geometry.pose import pose_matrix

K = np.array([[500.0, 0, 320], [0, 510, 120], [0, 0, 1]])
REP103 = np.array([[0.0, -1, 0, 0.1], [0, 0, -1, -0.2], [1, 0, 0, -0.3], [0, 0, 0, 1]])
D = np.array([-0.3, 0.1, 0.001, -0.002, -0.02])


def calibration(T_camera_lidar=REP103, **changes):
    return Calibration(Lens(**{"K": K, "width": 640, "height": 240, "distortion": D, **changes}), T_camera_lidar)


def points_ahead(n=500):
    rng = np.random.default_rng(3)
    return np.c_[rng.uniform(4, 60, n), rng.uniform(-3, 3, n), rng.uniform(-1, 1, n), np.zeros(n)].astype(np.float32)


def test_projection_from_the_lidar_agrees_with_opencv():
    points = points_ahead()
    uv, depth = calibration().project(points)
    rotation, _ = cv2.Rodrigues(REP103[:3, :3])
    expected, _ = cv2.projectPoints(points[:, None, :3].astype(np.float64), rotation, REP103[:3, 3].copy(), K, D)
    seen = np.isfinite(uv).all(1)
    assert seen.mean() > 0.9
    np.testing.assert_allclose(uv[seen], expected[seen, 0], atol=1e-6)
    np.testing.assert_allclose(depth, points[:, 0] - 0.3, atol=1e-5)


def test_points_behind_the_camera_have_no_pixel():
    uv, depth = calibration().project(np.array([[-5.0, 0, 0, 0], [0.3, 0, 0, 0]], np.float32))
    assert np.isnan(uv).all()
    assert (depth <= 1e-6).all()


def test_mirrored_calibration_sees_the_mirrored_world():
    c, points = calibration(R=cv2.Rodrigues(np.array([0.0, 0.1, 0.02]))[0]), points_ahead()
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
        ({"T_camera_lidar": np.full((4, 4), np.nan)}, "finite"),
    ],
)
def test_impossible_calibrations_are_refused(changes, words):
    with pytest.raises(CalibrationError, match=words):
        calibration(**changes)


@pytest.mark.parametrize(
    "quaternion", [(90.0, 0, 90, 1), (0.0, 0, 0, 0), (0.0, 90, 0, 0), (0.5, 0.5, 0.5, 0.6), (np.nan, 0, 0, 1)]
)
def test_row_7_a_quaternion_that_is_not_of_length_one_is_refused(quaternion):
    with pytest.raises(CalibrationError, match="of length one"):
        pose_matrix((0.0, 0, 0), quaternion)


def test_row_7_a_quaternion_that_a_file_has_rounded_is_taken():
    T = pose_matrix((1.0, 2, 3), (0.5, -0.5, 0.5, 0.501))
    np.testing.assert_allclose(T[:3, :3] @ T[:3, :3].T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(T[:3], [[0, -1, 0, 1], [0, 0, -1, 2], [1, 0, 0, 3]], atol=2e-3)
