"""SemanticKITTI's folder layout: sequences/NN/{velodyne,labels,image_2,calib.txt,times.txt}, one sequence a scene."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from fm_ood_ros.calibration import Calibration
from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame
from simulation.sensors.lidar import Scan

FOLDERS = ("velodyne", "labels", "image_2")


def sequence_name(index: int) -> str:
    """Two digits and more, as SemanticKITTI counts."""
    return f"{index:02d}"


def start_sequence(folder: Path, calibration: Calibration, times: Iterable[float]) -> None:
    """Makes the folders of a sequence with its calibration and its time stamps in seconds."""
    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
    K = np.hstack([calibration.K, np.zeros((3, 1))])
    lines = [f"P{i}: {_numbers(K)}" for i in range(4)] + [f"Tr: {_numbers(calibration.T_camera_lidar[:3])}"]
    (folder / "calib.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "times.txt").write_text("".join(f"{t:.6e}\n" for t in times), encoding="utf-8")


def _numbers(matrix: np.ndarray) -> str:
    return " ".join(f"{v:.12e}" for v in matrix.reshape(-1))


def write_frame(folder: Path, index: int, frame: Frame, scan: Scan) -> None:
    """One frame: cloud, labels (raw id below, instance above 16 bits) and image."""
    stem = f"{index:06d}"
    scan.points.astype("<f4").tofile(folder / "velodyne" / f"{stem}.bin")
    label = scan.label.astype("<u4") | (scan.instance.astype("<u4") << 16)
    label.tofile(folder / "labels" / f"{stem}.label")
    picture = folder / "image_2" / f"{stem}.png"
    if not cv2.imwrite(str(picture), frame.image[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1]):
        raise InputError(f"{picture} could not be written; check the free space and the rights of the folder")


def write_json(path: Path, data: object) -> None:
    """JSON with sorted keys, so that equal data gives equal bytes."""
    path.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")
