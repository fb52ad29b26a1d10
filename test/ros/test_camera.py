"""The node's camera: extrinsics, calibration files, and what it makes of one camera_info after another."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import yaml
from rig_messages import CALIBRATION, FOCAL, HEIGHT, POSE, T_CAMERA_LIDAR, WIDTH, K, info

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.calibration_files import write_calibration
from fm_ood_ros.ros.camera import Camera
from fm_ood_ros.ros.extrinsics import fixed_calibration
from fm_ood_ros.ros.parameters import DOUBLES, SPECS, read_parameters

LENS = {"width": WIDTH, "height": HEIGHT, "K": K.reshape(-1).tolist()}
EMPTY = {"k": [0.0] * 9, "p": [0.0] * 12, "d": [], "distortion_model": ""}


def parameters(extrinsics: Any = (), file: Path | str = "", rectified: bool = False) -> Any:
    return SimpleNamespace(extrinsics=tuple(extrinsics), calibration_file=str(file), rectified=rectified)


def test_pose_and_matrix_say_the_same():
    for numbers in (POSE, T_CAMERA_LIDAR.reshape(-1)):
        found, whole = fixed_calibration(parameters(numbers))
        np.testing.assert_allclose(found, T_CAMERA_LIDAR, atol=1e-12)
        assert whole is None


@pytest.mark.parametrize("pose", [[0, 0, 0, 90, 0, 90, 1], [0, 0, 0, 0, 0, 0, 0], [1, 2, 3, 0, 90, 0, 0]])
def test_row_7_a_pose_whose_quaternion_is_not_of_length_one_is_refused(pose: list[float]):
    with pytest.raises(CalibrationError, match="of length one"):
        Camera(parameters(pose))


def test_a_file_of_the_lens_alone_needs_the_extrinsics(tmp_path: Path):
    (tmp_path / "lens.yaml").write_text(yaml.safe_dump({"camera": LENS}))
    camera = Camera(parameters(POSE, tmp_path / "lens.yaml"))
    assert camera.calibration is not None and not camera.needs_info
    np.testing.assert_allclose(camera.calibration.T_camera_lidar, T_CAMERA_LIDAR, atol=1e-12)
    with pytest.raises(CalibrationError, match="set the parameter extrinsics"):
        Camera(parameters((), tmp_path / "lens.yaml"))
    write_calibration(tmp_path / "both.yaml", CALIBRATION)
    with pytest.raises(CalibrationError, match=r"both.yaml has T_camera_lidar and extrinsics are set too"):
        Camera(parameters(POSE, tmp_path / "both.yaml"))


@pytest.mark.parametrize("rectified", [False, True])
def test_row_10_an_empty_camera_info_is_waited_out(rectified: bool):
    camera = Camera(parameters(POSE, rectified=rectified))
    camera.update(info(**EMPTY))
    assert camera.calibration is None and camera.cause == "camera_info_refused" and "[0] == 0" in camera.trouble
    camera.update(info())
    assert camera.calibration is not None and camera.trouble == ""


def test_another_P_or_R_is_another_calibration():
    camera = Camera(parameters(POSE, rectified=True))
    turned = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    for change in ({}, {"p": np.c_[2 * K, np.zeros(3)].reshape(-1)}, {"r": turned.reshape(-1)}):
        camera.update(info(**change))
        assert camera.calibration is not None
        np.testing.assert_array_equal(camera.calibration.lens.R, turned if "r" in change else np.eye(3))
        assert camera.calibration.lens.K[0, 0] == (2 * FOCAL if "p" in change else FOCAL)


@pytest.mark.parametrize("with_file", [False, True])
def test_row_8_images_named_rect_whose_calibration_bends_are_asked_about(tmp_path: Path, with_file: bool):
    bent = {"d": [-0.2, 0.03, 0.0, 0.0, 0.0]}
    (tmp_path / "lens.yaml").write_text(yaml.safe_dump({"camera": {**LENS, "distortion": bent["d"]}}))
    file = tmp_path / "lens.yaml" if with_file else ""
    for topic, rectified in (("/cam/image_rect", False), ("/cam/image_raw", False), ("/cam/image_rect", True)):
        if rectified and with_file:
            continue
        camera = Camera(parameters(POSE, file, rectified), topic)
        camera.update(info(**bent))
        assert camera.calibration is not None
        assert ("/cam/image_rect" in camera.trouble) == (topic == "/cam/image_rect" and not rectified)


def test_row_8_a_file_speaks_up_before_any_camera_info(tmp_path: Path):
    (tmp_path / "lens.yaml").write_text(yaml.safe_dump({"camera": {**LENS, "distortion": [-0.2, 0.03, 0, 0]}}))
    assert "rectified" in Camera(parameters(POSE, tmp_path / "lens.yaml"), "/cam/image_rect").trouble


def test_a_camera_info_of_another_focal_length_than_the_files_is_told(tmp_path: Path):
    write_calibration(tmp_path / "both.yaml", CALIBRATION)
    camera = Camera(parameters((), tmp_path / "both.yaml"))
    camera.update(info())
    assert camera.trouble == ""
    camera.update(info(k=(np.diag([1.2, 1.2, 1]) @ K).reshape(-1)))
    assert "disagrees with the calibration file" in camera.trouble
    assert camera.calibration is not None and camera.calibration.lens.K[0, 0] == FOCAL


def test_the_home_folder_is_meant_by_a_tilde(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    values = {spec.name: () if spec.default is DOUBLES else spec.default for spec in SPECS}
    values |= {"model": "~/model", "calibration_file": "~/camera.yaml"}
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("fm_ood_ros.ros.parameters.value_of", lambda node, name: values[name])
    read = read_parameters(None)  # type: ignore[arg-type]
    assert (read.model, read.calibration_file) == (f"{tmp_path}/model", f"{tmp_path}/camera.yaml")
    values |= {"model": "", "calibration_file": "/abs/camera.yaml"}
    read = read_parameters(None)  # type: ignore[arg-type]
    assert (read.model, read.calibration_file) == ("", "/abs/camera.yaml")
