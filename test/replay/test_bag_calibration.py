"""The calibration of a recording is read as the node reads camera_info: raw, rectified, binned, first message empty."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from calibrated_recordings import (
    HEIGHT,
    T_CAMERA_LIDAR,
    WIDTH,
    D,
    K,
    P,
    R,
    empty_info,
    info,
    transform,
    write_recording,
)

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.replay.bag import open_bag
from training.data.opening import open_frames
from training.data.settings import DataConfig

RAYS = np.random.default_rng(0).uniform([-2, -1, 5], [2, 1, 30], (50, 3))
RAW, RECTIFIED = Lens(K, WIDTH, HEIGHT, "plumb_bob", D), Lens(P[:, :3], WIDTH, HEIGHT, R=R)
ZERO, EULER = ((0.0, 0, 0), (0.0,) * 4), ((0.0, 0, 0), (0.0, 90, 0, 0))


def calibration(bag: Path, **options: Any) -> Calibration:
    with open_bag(bag) as opened:
        return opened.calibration(**options)


def same_lens(found: Lens, expected: Lens) -> None:
    np.testing.assert_allclose(found.project(RAYS), expected.project(RAYS), atol=1e-9)
    assert (found.width, found.height) == (expected.width, expected.height)


@pytest.mark.parametrize(("rectified", "expected"), [(False, RAW), (True, RECTIFIED)])
def test_row_8_and_9_a_recording_is_read_raw_or_rectified(tmp_path: Path, rectified: bool, expected: Lens):
    found = calibration(write_recording(tmp_path / "bag", [info()]), rectified=rectified)
    same_lens(found.lens, expected)
    np.testing.assert_allclose(found.T_camera_lidar, T_CAMERA_LIDAR, atol=1e-12)


def test_row_10_the_first_empty_camera_info_of_a_recording_is_skipped(tmp_path: Path):
    for rectified, expected in ((False, RAW), (True, RECTIFIED)):
        bag = write_recording(
            tmp_path / str(rectified), [empty_info(), empty_info(), info(), info(k=2 * K.reshape(-1))]
        )
        same_lens(calibration(bag, rectified=rectified).lens, expected)


def test_row_10_a_recording_with_nothing_but_empty_camera_infos_is_refused(tmp_path: Path):
    with pytest.raises(CalibrationError, match=r"K\[0\] == 0"):
        calibration(write_recording(tmp_path / "bag", [empty_info()] * 2))


def test_row_10_binning_and_padding_hold_in_a_recording(tmp_path: Path):
    changes = {"binning_x": 2, "binning_y": 2, "d": np.pad(D, (0, 9)), "width": 2 * WIDTH, "height": 2 * HEIGHT}
    lens = calibration(write_recording(tmp_path / "bag", [info(**changes)])).lens
    assert (lens.width, lens.height, lens.distortion.size) == (WIDTH, HEIGHT, 5)
    np.testing.assert_allclose(lens.project(RAYS), (RAW.project(RAYS) + 0.5) / 2 - 0.5)


def test_row_39_a_zero_quaternion_beside_the_way_does_no_harm(tmp_path: Path):
    bag = write_recording(tmp_path / "bag", [info()], more=[transform("imu", ZERO)])
    np.testing.assert_allclose(calibration(bag).T_camera_lidar, T_CAMERA_LIDAR, atol=1e-12)


@pytest.mark.parametrize("broken", [ZERO, EULER])
def test_row_39_and_7_a_broken_quaternion_on_the_way_names_its_frames(tmp_path: Path, broken: Any):
    with pytest.raises(CalibrationError, match=r"'base_link' to 'lidar': .*of length one"):
        calibration(write_recording(tmp_path / "bag", [info()], lidar=broken))


def test_a_file_of_the_lens_alone_takes_the_pose_from_the_recording(tmp_path: Path):
    camera = {"width": WIDTH, "height": HEIGHT, "K": (1.5 * K).reshape(-1).tolist()}
    bag = write_recording(tmp_path / "bag", [info()])
    (tmp_path / "lens.yaml").write_text(yaml.safe_dump({"camera": camera}))
    found = calibration(bag, file=tmp_path / "lens.yaml")
    np.testing.assert_array_equal(found.lens.K, 1.5 * K)
    np.testing.assert_allclose(found.T_camera_lidar, T_CAMERA_LIDAR, atol=1e-12)
    pose = np.eye(4).reshape(-1).tolist()
    (tmp_path / "both.yaml").write_text(yaml.safe_dump({"camera": camera, "T_camera_lidar": pose}))
    np.testing.assert_array_equal(calibration(bag, file=tmp_path / "both.yaml").T_camera_lidar, np.eye(4))


@pytest.mark.parametrize(("rectified", "expected"), [(None, RAW), (False, RAW), (True, RECTIFIED)])
def test_row_8_a_labelled_recording_is_read_raw_or_rectified(tmp_path: Path, rectified: bool | None, expected: Lens):
    bag = write_recording(tmp_path / "bag", [empty_info(), info()])
    frame = open_frames(bag, DataConfig(rectified=rectified))[0]
    same_lens(frame.views[0].calibration.lens, expected)


def test_row_8_a_labelled_recording_of_a_topic_named_rect_is_asked_about(tmp_path: Path):
    bag = write_recording(tmp_path / "bag", [info()], image="/cam/image_rect_color")
    with pytest.raises(CalibrationError, match=r"bag: /cam/image_rect_color is named .*data.rectified"):
        open_frames(bag, DataConfig())
    for rectified, expected in ((False, RAW), (True, RECTIFIED)):
        frame = open_frames(bag, DataConfig(rectified=rectified))[0]
        same_lens(frame.views[0].calibration.lens, expected)
    straight = write_recording(tmp_path / "straight", [info(d=np.zeros(5))], image="/cam/image_rect_color")
    assert len(open_frames(straight, DataConfig())) == 1
