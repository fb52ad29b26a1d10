"""KITTI's calibration files: one rig written as odometry, object, tracking and raw data are, and read alike."""

import cv2
import numpy as np
import pytest

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.kitti_files import read_kitti_calibration, read_sequence_calibration

P0 = np.array([[500.0, 0, 320, 0], [0, 500, 120, 0], [0, 0, 1, 0]])
P2 = P0 + np.outer([1, 0, 0], [0, 0, 0, 50])
VELO = np.array([[0.0, -1, 0, 0.1], [0, 0, -1, -0.2], [1, 0, 0, -0.3]])
RECT = cv2.Rodrigues(np.array([0.01, -0.02, 0.03]))[0]
POINTS = np.random.default_rng(0).uniform([5, -2, -1], [30, 2, 1], (40, 3))
EXPECTED = np.c_[(POINTS @ VELO[:, :3].T + VELO[:, 3]) @ RECT.T, np.ones(40)] @ P2.T
EXPECTED = EXPECTED[:, :2] / EXPECTED[:, 2:]


def line(name, matrix, colon=":"):
    return f"{name}{colon} " + " ".join(f"{v:.12e}" for v in np.reshape(matrix, -1))


LAYOUTS = {
    "odometry": {"calib.txt": [line("P0", P0), line("P2", P2), line("Tr", RECT @ VELO)]},
    "object": {"calib.txt": [line("P2", P2), line("R0_rect", RECT), line("Tr_velo_to_cam", VELO), ""]},
    "tracking": {"calib.txt": [line("P2", P2), line("R_rect", RECT, ""), line("Tr_velo_cam", VELO, "")]},
    "raw": {
        "calib_cam_to_cam.txt": [
            "calib_time: 09-Jan-2012 13:57:47", "corner_dist: 9.950000e-02", line("R_00", np.eye(3)),
            line("R_rect_00", RECT), line("R_02", np.eye(3)), line("T_02", [9, 9, 9]), line("P_rect_02", P2),
        ],
        "calib_velo_to_cam.txt": ["calib_time: 15-Mar-2012 11:37:16", line("R", VELO[:, :3]), line("T", VELO[:, 3])],
    },
}  # fmt: skip


def write(folder, files):
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_row_43_every_kind_of_kitti_calibration_is_read(tmp_path, layout):
    write(tmp_path, LAYOUTS[layout])
    uv, _ = read_sequence_calibration(tmp_path, 640, 240).project(POINTS)
    np.testing.assert_allclose(uv, EXPECTED, atol=1e-6)


def test_the_baseline_moves_into_the_extrinsics(tmp_path):
    write(tmp_path, LAYOUTS["odometry"])
    p0, p2 = (read_kitti_calibration(tmp_path / "calib.txt", 640, 240, camera) for camera in ("P0", "P2"))
    assert p2.T_camera_lidar[0, 3] - p0.T_camera_lidar[0, 3] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("layout", "without", "words"),
    [
        ("odometry", "P2", "'P2:' or 'P_rect_02:'"),
        ("odometry", "Tr", "'Tr:' or 'Tr_velo_to_cam:'"),
        ("object", "R0_rect", "'R0_rect:' or 'R_rect:'"),
        ("tracking", "Tr_velo_cam", "'Tr:' or"),
    ],
)
def test_a_missing_line_is_named_with_its_file(tmp_path, layout, without, words):
    files = {n: [t for t in lines if not t.startswith(without)] for n, lines in LAYOUTS[layout].items()}
    write(tmp_path, files)
    with pytest.raises(CalibrationError, match=words) as caught:
        read_kitti_calibration(tmp_path / "calib.txt", 640, 240)
    assert "calib.txt" in str(caught.value)


def test_half_of_the_raw_files_is_refused(tmp_path):
    write(tmp_path, {"calib_cam_to_cam.txt": LAYOUTS["raw"]["calib_cam_to_cam.txt"]})
    with pytest.raises(CalibrationError, match="calib_velo_to_cam"):
        read_sequence_calibration(tmp_path, 640, 240)
