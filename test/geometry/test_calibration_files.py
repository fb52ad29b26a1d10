"""Calibration files: our own there and back, ROS's camera_calibration, and everything that is refused by name."""

import cv2
import numpy as np
import pytest
import yaml

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.calibration_files import read_calibration, read_lens, write_calibration
from fm_ood_ros.geometry.lens import Lens

K = np.array([[500.0, 3, 320], [0, 510, 120], [0, 0, 1]])
SMALLER = np.diag([0.9, 0.9, 1]) @ K
T = np.array([[0.0, -1, 0, 0.1], [0, 0, -1, -0.2], [1, 0, 0, -0.3], [0, 0, 0, 1]])
R = cv2.Rodrigues(np.array([0.02, -0.05, 0.03]))[0]
D = [-0.3, 0.1, 0.001, -0.002, -0.02]
RAYS = np.random.default_rng(0).uniform([-2, -1, 5], [2, 1, 30], (50, 3))


def matrix(rows, columns, values):
    return {"rows": rows, "cols": columns, "data": [float(v) for v in np.reshape(values, -1)]}


ROS = {
    "image_width": 640, "image_height": 240, "camera_name": "front", "camera_matrix": matrix(3, 3, K),
    "distortion_model": "plumb_bob", "distortion_coefficients": matrix(1, 5, D),
    "rectification_matrix": matrix(3, 3, R), "projection_matrix": matrix(3, 4, np.c_[SMALLER, [-45, 0, 0]]),
}  # fmt: skip


def write(folder, data):
    (folder / "camera.yaml").write_text(yaml.safe_dump(data))
    return folder / "camera.yaml"


@pytest.mark.parametrize("lens", [Lens(K, 640, 240, "plumb_bob", D), Lens(K, 640, 240, R=R)], ids=["raw", "rectified"])
def test_what_is_written_is_read_back(tmp_path, lens):
    write_calibration(tmp_path / "c.yaml", Calibration(lens, T))
    back = read_calibration(tmp_path / "c.yaml")
    np.testing.assert_array_equal(back.T_camera_lidar, T)
    np.testing.assert_array_equal(back.lens.project(RAYS), lens.project(RAYS))
    assert (back.lens.width, back.lens.height, back.lens.model) == (640, 240, "plumb_bob")


def test_a_file_of_camera_calibration_is_read_for_raw_and_for_rectified_images(tmp_path):
    path = write(tmp_path, ROS)
    raw, pose = read_lens(path)
    assert pose is None and (raw.width, raw.height) == (640, 240)
    np.testing.assert_array_equal(raw.project(RAYS), Lens(K, 640, 240, "plumb_bob", D).project(RAYS))
    rectified, _ = read_lens(path, rectified=True)
    np.testing.assert_allclose(rectified.project(RAYS), Lens(SMALLER, 640, 240, R=R).project(RAYS))


def test_a_lens_alone_needs_a_pose_from_elsewhere(tmp_path):
    with pytest.raises(CalibrationError, match=r"camera.yaml says nothing of the LiDAR.*T_camera_lidar"):
        read_calibration(write(tmp_path, ROS))
    path = write(tmp_path, {**ROS, "T_camera_lidar": T.reshape(-1).tolist()})
    np.testing.assert_array_equal(read_calibration(path).T_camera_lidar, T)


OWN = {"camera": {"width": 64, "height": 32, "K": [50.0, 0, 32, 0, 50, 16, 0, 0, 1]}}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("camera: [", "as YAML"),
        ("camera: {width: 3}", "'K'"),
        ("just text", "lacks or garbles"),
        ("", "lacks or garbles"),
        ({"camera": {**OWN["camera"], "K": [0.0] * 9}}, "not calibrated"),
        ({**OWN, "T_camera_lidar": [1.0] * 12}, "lacks or garbles"),
        ({**OWN, "T_camera_lidar": [2.0] * 16}, "not a rotation"),
        ({**ROS, "camera_matrix": {"data": [0.0] * 9}}, r"K\[0\] == 0"),
        ({**ROS, "camera_matrix": [1.0] * 9}, "lacks or garbles"),
        ({k: v for k, v in ROS.items() if k != "image_width"}, "'image_width'"),
    ],
)
def test_broken_files_are_refused_by_name(tmp_path, data, words):
    path = tmp_path / "broken.yaml"
    path.write_text(data if isinstance(data, str) else yaml.safe_dump(data))
    with pytest.raises(CalibrationError, match=words) as caught:
        read_lens(path)
    assert "broken.yaml" in str(caught.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(CalibrationError, match="cannot be read"):
        read_calibration(tmp_path / "none.yaml")


def test_row_8_a_file_whose_lens_bends_is_not_of_rectified_images(tmp_path):
    path = write(tmp_path, {"camera": {**OWN["camera"], "distortion": D}})
    assert read_lens(path)[0].bends
    with pytest.raises(CalibrationError, match=r"camera.yaml: .*said to be rectified"):
        read_lens(path, rectified=True)
