"""Contact sheets: images beside the labels of their points."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame
from fm_ood_ros.model.label_sets import LabelSet
from simulation.look.weather import WEATHERS
from simulation.output.reading import in_view
from simulation.output.recording import Recording
from simulation.sensors.rigs import rig_names
from simulation.unknown import OTHER_OBJECT, TEST_KINDS
from simulation.world.scene import SceneRequest

TILE = 480  # pixels
UNKNOWN_COLOR, MARKING_COLOR = (255, 0, 0), (255, 255, 255)


def palette_of_labels() -> NDArray[np.uint8]:
    """Colours [65536,3] of raw ids: the label set's, red for unknown objects, white for markings."""
    colors = np.full((65536, 3), 90, np.uint8)
    for info in LabelSet.load("street").classes:
        colors[list(info.raw_ids)] = info.color
    colors[60], colors[OTHER_OBJECT] = MARKING_COLOR, UNKNOWN_COLOR
    return colors


def labelled(frame: Frame) -> NDArray[np.uint8]:
    """The darkened image with its points in the colours of their labels, near ones on top."""
    assert frame.labels is not None
    index, pixel = in_view(frame)
    order = np.argsort(-np.linalg.norm(frame.points[index, :3], axis=1), kind="stable")
    (u, v), color = pixel[order].T, palette_of_labels()[frame.labels[index[order]]]
    picture = (frame.views[0].image * 0.35).astype(np.uint8)
    for dv in (0, 1):
        for du in (0, 1):
            picture[np.clip(v - dv, 0, None), np.clip(u - du, 0, None)] = color
    return picture


def write_sheet(out: Path, seed: int, rows: int, rig: str = "any") -> None:
    """One row a scene, the weathers by turns and the rigs too unless one is named: image left, labels right."""
    weathers, rigs = list(WEATHERS), rig_names() if rig == "any" else [rig]
    tiles = []
    for i in range(rows):
        weather = weathers[i % len(weathers)]
        mounted = rigs[(i + i // math.lcm(len(weathers), len(rigs))) % len(rigs)]
        with Recording(SceneRequest((seed, 8, i), TEST_KINDS, weather, mounted)) as recording:
            frame, _ = recording.frame(0.5)
        tiles.append(_row(frame, f"{weather}, {recording.scene.rig.name}"))
    if not out.parent.is_dir() or not cv2.imwrite(str(out), np.vstack(tiles)[..., ::-1]):
        raise InputError(f"{out} cannot be written; give a file ending in .png or .jpg in an existing folder")


def _row(frame: Frame, caption: str) -> NDArray[np.uint8]:
    """Image and labels side by side, scaled to TILE pixels of width each, with a caption."""
    height, width = frame.views[0].image.shape[:2]
    size = (TILE, round(TILE * height / width))
    row = np.hstack(
        [cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (frame.views[0].image, labelled(frame))]
    )
    row[:18, : 12 + 8 * len(caption)] = 0
    cv2.putText(row, caption, (6, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (255, 255, 255), 1, cv2.LINE_AA)
    return np.asarray(row, np.uint8)
