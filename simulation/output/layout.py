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

from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.calibration_files import write_calibration
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
    projections = [np.hstack([calibrations[0].lens.K, np.zeros((3, 1))])] * KITTI_CAMERAS
    for i, calibration in enumerate(calibrations[1:], MAIN + 1):
        projections[i:] = [calibration.lens.K @ (calibration.T_camera_lidar @ np.linalg.inv(main))[:3]]
    lines = [f"P{i}: {_numbers(P)}" for i, P in enumerate(projections)] + [f"Tr: {_numbers(main[:3])}"]
    (folder / "calib.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for i, calibration in enumerate(calibrations, MAIN):
        if calibration.lens.distortion.any() or calibration.lens.model == "equidistant" or len(calibrations) > 1:
            write_calibration(folder / f"camera_{i}.yaml", calibration)
    (folder / "times.txt").write_text("".join(f"{t:.6e}\n" for t in times), encoding="utf-8")


def _numbers(matrix: np.ndarray) -> str:
    return " ".join(f"{v:.12e}" for v in matrix.reshape(-1))


def write_frame(folder: Path, index: int, frame: Frame, scan: Scan, further: Sequence[NDArray[np.uint8]] = ()) -> None:
    """One frame: cloud, labels (raw id below, instance above 16 bits), image and those of further cameras."""
    stem = f"{index:06d}"
    (folder / "velodyne" / f"{stem}.bin").write_bytes(np.ascontiguousarray(scan.points, "<f4").data)
    label = scan.label.astype("<u4") | (scan.instance.astype("<u4") << 16)
    (folder / "labels" / f"{stem}.label").write_bytes(label.data)
    for i, image in enumerate([frame.views[0].image, *further], MAIN):
        bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
        _, png = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        (folder / f"image_{i}" / f"{stem}.png").write_bytes(png.data)  # which, unlike imwrite, notes a full disk


def write_json(path: Path, data: object) -> None:
    """JSON with sorted keys, so that equal data gives equal bytes."""
    path.write_text(_json(data), encoding="utf-8")


def replace_json(path: Path, data: object) -> None:
    """write_json for a file that others take for whole as soon as it is there; raises InputError."""
    replace_text(path, _json(data))


def replace_text(path: Path, text: str) -> None:
    """Writes a file whole or not at all; raises InputError."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise InputError(f"{path} cannot be written ({error.strerror}); free some space and run again") from error


def _json(data: object) -> str:
    return json.dumps(data, indent=1, sort_keys=True) + "\n"
