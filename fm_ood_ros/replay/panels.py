"""Overlay pictures of a replay: points over the image, by class, by anomaly score and by ground truth."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.messages.image_message import decode_image
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.label_sets import IGNORED, OOD
from fm_ood_ros.pictures.object_boxes import draw_objects
from fm_ood_ros.pictures.overlay import UNKNOWN_COLOR, draw_anomaly, draw_classes, draw_legend
from fm_ood_ros.prediction import NOT_JUDGED
from fm_ood_ros.replay.annotated import judged_clouds
from fm_ood_ros.replay.bag import Bag
from fm_ood_ros.replay.frames import nearest_images
from fm_ood_ros.replay.objects import objects_in
from fm_ood_ros.replay.truth import LABEL_FIELD


def write_pictures(
    bag: Bag, annotated: Path, bundle: ModelBundle, calibration: Calibration, folder: Path, count: int
) -> list[Path]:
    """Draws `count` judged clouds spread over the recording; returns the PNG files."""
    stamps = [stamp for stamp, _ in judged_clouds(annotated)]
    chosen = {stamps[i] for i in np.linspace(0, len(stamps) - 1, min(count, len(stamps))).round().astype(int)}
    images = nearest_images(bag, chosen)
    written = []
    for stamp, cloud in judged_clouds(annotated):
        if stamp in chosen:
            image = decode_image(bag.deserialise(images[stamp]))
            path = folder / f"overlay_{stamps.index(stamp):04d}.png"
            cv2.imwrite(str(path), _panels(image, cloud, bundle, calibration)[..., ::-1])
            written.append(path)
    return written


def _panels(
    image: NDArray[np.uint8], cloud: NDArray[np.void], bundle: ModelBundle, calibration: Calibration
) -> NDArray[np.uint8]:
    """Image, classes, anomaly with objects and (with labels) the truth, one above the other, with a legend."""
    xyz = np.stack([cloud["x"], cloud["y"], cloud["z"]], 1)
    with np.errstate(invalid="ignore", over="ignore"):
        uv, depth = calibration.project(xyz)
    class_id, colors = cloud["class_id"], bundle.labels.colors
    scores = draw_anomaly(image, uv, cloud["anomaly_score"], depth)
    panels = {
        "image": image.copy(),
        "predicted class": draw_classes(image, uv, class_id, colors, depth),
        "anomaly score, unknown objects": draw_objects(scores, calibration, objects_in(cloud, calibration)),
    }
    if LABEL_FIELD in (cloud.dtype.names or ()):
        truth, known_and_unknown = _truth(cloud, bundle)
        panels["ground truth"] = draw_classes(image, uv, truth, known_and_unknown, depth)
    titled = [_titled(panel, title) for title, panel in panels.items()]
    return draw_legend(np.concatenate(titled), [c.name for c in bundle.labels.classes], colors)


def _truth(cloud: NDArray[np.void], bundle: ModelBundle) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """True class [N] of every judged point, the last one for unknown, and the colours [C+1,3]."""
    colors = np.concatenate([bundle.labels.colors, np.array([UNKNOWN_COLOR], np.uint8)])
    truth = bundle.labels.train_ids((cloud[LABEL_FIELD].astype(np.uint32) & 0xFFFF).astype(np.uint16))
    truth[truth == OOD] = len(colors) - 1
    truth[(truth == IGNORED) | (cloud["class_id"] == NOT_JUDGED)] = NOT_JUDGED
    return truth, colors


def _titled(panel: NDArray[np.uint8], title: str) -> NDArray[np.uint8]:
    """The panel with its title in a corner."""
    (width, height), below = cv2.getTextSize(title, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)
    panel[: height + below + 8, : width + 12] = 20
    cv2.putText(panel, title, (6, height + 4), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1, cv2.LINE_AA)
    return panel
