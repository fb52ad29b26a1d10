"""SemanticKITTI's folder layout: sequences/NN/{velodyne,labels,image_2,calib.txt,times.txt}, one sequence a scene.

The cameras after the main one are image_3 and on; camera_N.yaml states lenses and turned cameras, as calib.txt cannot.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.calibration import Calibration
from fm_ood_ros.calibration_files import write_calibration
from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame
from simulation.sensors.lidar import Scan
from simulation.sensors.rigs import MAIN

FOLDERS = ("velodyne", "labels")
KITTI_CAMERAS = 4  # P0 to P3


def sequence_name(index: int) -> str:
    """Two digits and more, as SemanticKITTI counts."""
    return f"{index:02d}"


def start_sequence(folder: Path, calibrations: Sequence[Calibration], times: Iterable[float]) -> None:
    """Makes the folders of a sequence with the cameras' calibrations and its time stamps in seconds."""
    for name in (*FOLDERS, *(f"image_{MAIN + i}" for i in range(len(calibrations)))):
        (folder / name).mkdir(parents=True)
    main = calibrations[0].T_camera_lidar
    projections = [np.hstack([calibrations[0].K, np.zeros((3, 1))])] * KITTI_CAMERAS
    for i, calibration in enumerate(calibrations[1:], MAIN + 1):
        projections[i:] = [calibration.K @ (calibration.T_camera_lidar @ np.linalg.inv(main))[:3]]
    lines = [f"P{i}: {_numbers(P)}" for i, P in enumerate(projections)] + [f"Tr: {_numbers(main[:3])}"]
    (folder / "calib.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for i, calibration in enumerate(calibrations, MAIN):
        if calibration.distortion.any() or calibration.distortion_model == "equidistant" or len(calibrations) > 1:
            write_calibration(folder / f"camera_{i}.yaml", calibration)
    (folder / "times.txt").write_text("".join(f"{t:.6e}\n" for t in times), encoding="utf-8")


def _numbers(matrix: np.ndarray) -> str:
    return " ".join(f"{v:.12e}" for v in matrix.reshape(-1))


def write_frame(folder: Path, index: int, frame: Frame, scan: Scan, further: Sequence[NDArray[np.uint8]] = ()) -> None:
    """One frame: cloud, labels (raw id below, instance above 16 bits), image and those of further cameras."""
    stem = f"{index:06d}"
    scan.points.astype("<f4").tofile(folder / "velodyne" / f"{stem}.bin")
    label = scan.label.astype("<u4") | (scan.instance.astype("<u4") << 16)
    label.tofile(folder / "labels" / f"{stem}.label")
    for i, image in enumerate([frame.image, *further], MAIN):
        picture = folder / f"image_{i}" / f"{stem}.png"
        if not cv2.imwrite(str(picture), image[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1]):
            raise InputError(f"{picture} could not be written; check the free space and the rights of the folder")


def write_json(path: Path, data: object) -> None:
    """JSON with sorted keys, so that equal data gives equal bytes."""
    path.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")
