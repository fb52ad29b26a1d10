"""Overlay pictures of a replay: points over the image, by class, by anomaly score and by ground truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.bundle import ModelBundle
from fm_ood_ros.calibration import Calibration
from fm_ood_ros.image_message import decode_image
from fm_ood_ros.label_sets import IGNORED, OOD
from fm_ood_ros.overlay import draw_anomaly, draw_classes
from fm_ood_ros.prediction import NOT_JUDGED
from fm_ood_ros.replay.annotated import _clouds, stamp_ns
from fm_ood_ros.replay.bag import Bag
from fm_ood_ros.replay.truth import LABEL_FIELD

UNKNOWN_COLOR = (255, 0, 0)


def write_pictures(
    bag: Bag, annotated: Path, bundle: ModelBundle, calibration: Calibration, folder: Path, count: int
) -> list[Path]:
    """Draws `count` judged clouds spread over the recording; returns the PNG files."""
    stamps = [stamp for stamp, _ in _clouds(annotated)]
    chosen = {stamps[i] for i in np.linspace(0, len(stamps) - 1, min(count, len(stamps))).round().astype(int)}
    images = _nearest_images(bag, sorted(chosen))
    written = []
    for stamp, cloud in _clouds(annotated):
        if stamp in chosen:
            path = folder / f"overlay_{stamps.index(stamp):04d}.png"
            cv2.imwrite(str(path), _panels(images[stamp], cloud, bundle, calibration)[..., ::-1])
            written.append(path)
    return written


def _nearest_images(bag: Bag, stamps: list[int]) -> dict[int, NDArray[np.uint8]]:
    """The image nearest in time to each stamp."""
    best: dict[int, Any] = {}
    for message in bag.messages(bag.rig.image.name):
        image = bag.deserialise(message)
        for stamp in stamps:
            apart = abs(stamp_ns(image) - stamp)
            if stamp not in best or apart < best[stamp][0]:
                best[stamp] = (apart, image)
    return {stamp: decode_image(image) for stamp, (_, image) in best.items()}


def _panels(
    image: NDArray[np.uint8], cloud: NDArray[np.void], bundle: ModelBundle, calibration: Calibration
) -> NDArray[np.uint8]:
    """Image, classes, anomaly and (with labels) the truth, one above the other."""
    xyz = np.stack([cloud["x"], cloud["y"], cloud["z"]], 1)
    with np.errstate(invalid="ignore", over="ignore"):
        uv, _ = calibration.project(xyz)
    class_id, score = cloud["class_id"].copy(), cloud["anomaly_score"]
    panels = [image, draw_classes(image, uv, class_id, bundle.labels.colors), draw_anomaly(image, uv, score)]
    if LABEL_FIELD in (cloud.dtype.names or ()):
        truth = bundle.labels.train_ids((cloud[LABEL_FIELD].astype(np.uint32) & 0xFFFF).astype(np.uint16))
        colors = np.concatenate([bundle.labels.colors, np.array([UNKNOWN_COLOR], np.uint8)])
        truth[truth == OOD] = len(colors) - 1
        truth[(truth == IGNORED) | (class_id == NOT_JUDGED)] = NOT_JUDGED
        panels.append(draw_classes(image, uv, truth, colors))
    return np.concatenate(panels)
