"""Reads frames of a written split back, for audits and tests."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path

import cv2
import numpy as np

from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame, View
from fm_ood_ros.geometry.kitti_files import read_sequence_calibration


def frames(root: Path, rigs: Collection[str] = ()) -> Iterator[Frame]:
    """Every frame of ROOT/sequences (taken by one of these rigs), with raw labels; raises InputError without any."""
    clouds = [c for c in sorted(root.glob("sequences/*/velodyne/*.bin")) if not rigs or _rig(c.parents[1]) in rigs]
    if not clouds:
        raise InputError(f"{root} has no sequences/*/velodyne/*.bin; write a split there with 'dataset'")
    for path in clouds:
        yield read_frame(path)


def rigs_of(root: Path) -> set[str]:
    """Names of the rigs that took the frames of ROOT/sequences."""
    return {_rig(sequence) for sequence in root.glob("sequences/*")}


def _rig(sequence: Path) -> str:
    return str(json.loads((sequence / "scene.json").read_text(encoding="utf-8"))["rig"])


def read_frame(cloud: Path) -> Frame:
    """One frame by the path of its cloud."""
    sequence, stem = cloud.parents[1], cloud.stem
    points = np.fromfile(cloud, "<f4").reshape(-1, 4)
    labels, _ = read_raw_labels(cloud)
    picture = sequence / "image_2" / f"{stem}.png"
    image = cv2.imread(str(picture))
    if image is None:
        raise InputError(f"{picture} is missing or broken; write the split anew")
    rgb = np.ascontiguousarray(image[..., ::-1]).astype(np.uint8, copy=False)
    calibration = read_sequence_calibration(sequence, rgb.shape[1], rgb.shape[0])
    stamp = round(float((sequence / "times.txt").read_text().split()[int(stem)]) * 1e9)
    return Frame(stamp, points, (View(rgb, calibration),), labels)


def read_raw_labels(cloud: Path) -> tuple[np.ndarray, np.ndarray]:
    """Raw class ids and instance ids [N], uint16, of one frame by the path of its cloud."""
    raw = np.fromfile(cloud.parents[1] / "labels" / f"{cloud.stem}.label", "<u4")
    return (raw & 0xFFFF).astype(np.uint16), (raw >> 16).astype(np.uint16)


def in_view(frame: Frame) -> tuple[np.ndarray, np.ndarray]:
    """Indices [M] of points inside the image, and their pixels [M,2] int64 (u, v)."""
    uv, _ = frame.views[0].calibration.project(frame.points)
    with np.errstate(invalid="ignore"):
        pixel = np.rint(uv)
        inside = (
            (pixel >= 0).all(1)
            & (pixel[:, 0] < frame.views[0].image.shape[1])
            & (pixel[:, 1] < frame.views[0].image.shape[0])
        )
    return np.flatnonzero(inside), pixel[inside].astype(np.int64)
