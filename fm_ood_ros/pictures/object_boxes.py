"""Unknown objects drawn over the image as boxes that say how far and how strange they are."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.objects import EDGES, UnknownObject

COLOR, SHADE, TEXT = (255, 90, 60), (20, 20, 20), (255, 255, 255)
NEAREST = 0.1  # metres before the camera at which edges are cut
PIECES = 16  # of an edge that a lens bends
FRACTION = 4  # bits of a pixel that OpenCV draws with

Image = NDArray[np.uint8]
Rectangle = tuple[int, int, int, int]  # left, top, right, bottom


def draw_objects(image: Image, calibration: Calibration, objects: Sequence[UnknownObject]) -> Image:
    """Copy of image [H,W,3] with the boxes of objects, the nearest on top: thick lines for confirmed ones.

    Each is labelled with its id where it has one, its distance and score; labels that would cover nearer ones are left
    out, and so is what lies outside of the image.
    """
    out = image.copy()
    height, width = image.shape[:2]
    line = max(1, round(width / 1280))
    seen = [(found, pieces) for found in objects if len(pieces := _pieces(found, calibration))]
    seen.sort(key=lambda pair: pair[0].distance, reverse=True)
    for found, pieces in seen:
        corners = list(np.rint(pieces * 2**FRACTION).astype(np.int32))
        if found.confirmed:
            cv2.polylines(out, corners, False, SHADE, 4 * line, cv2.LINE_AA, FRACTION)
        cv2.polylines(out, corners, False, COLOR, 2 * line if found.confirmed else line, cv2.LINE_AA, FRACTION)
    taken: list[Rectangle] = []
    for found, pieces in reversed(seen):
        ends = np.clip(pieces.reshape(-1, 2), 0, (width - 1, height - 1)).astype(int)
        _label(out, _words(found), (*ends.min(0).tolist(), *ends.max(0).tolist()), taken)
    return out


def _pieces(found: UnknownObject, calibration: Calibration) -> NDArray[np.float64]:
    """[S,2,2] pixels of the ends of pieces of the box's edges, of those that the image may show."""
    T, lens = calibration.T_camera_lidar, calibration.lens
    edges = (found.box.corners() @ T[:3, :3].T + T[:3, 3])[np.array(EDGES)]
    start, end = (edges if lens.model == "equidistant" else _before(edges)).transpose(1, 0, 2)  # a fisheye sees behind
    share = np.linspace(0, 1, (PIECES if lens.bends else 1) + 1)[:, None, None]
    uv = lens.project((start + share * (end - start)).reshape(-1, 3)).reshape(len(share), -1, 2)
    pieces = np.stack([uv[:-1], uv[1:]], 2).reshape(-1, 2, 2)
    with np.errstate(invalid="ignore"):
        inside = (pieces.max(1) >= 0).all(1) & (pieces.min(1) < (lens.width, lens.height)).all(1)
    return np.asarray(pieces[inside], np.float64)


def _before(edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Edges [E,2,3] in the optical frame, cut where they come too near; those behind the camera are left out."""
    edges = edges[(edges[:, :, 2] > NEAREST).any(1)]
    for one, other in ((0, 1), (1, 0)):
        near = edges[:, one, 2] < NEAREST
        apart = edges[near, other] - edges[near, one]
        edges[near, one] += apart * ((NEAREST - edges[near, one, 2]) / apart[:, 2])[:, None]
    return edges


def _words(found: UnknownObject) -> str:
    name = "unknown" if found.id < 0 else f"unknown #{found.id}"
    return f"{name} {found.distance:.0f} m {found.score:.2f}".replace(" 0.", " .")


def _label(image: Image, words: str, box: Rectangle, taken: list[Rectangle]) -> None:
    """Writes words at a box, above, below or inside of it, where nothing is written yet."""
    height, width = image.shape[:2]
    scale = max(0.4, width / 2400)
    line = max(1, round(scale))
    (wide, high), below = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, scale, line)
    wide, high, edge = wide + 4 * line, high + below + 2 * line, below + line
    x = max(0, min(box[0], width - wide))
    for y in (box[1] - high - 2 * line, box[3] + 2 * line, box[1]):
        y = max(0, min(y, height - high))
        place = (x, y, x + wide, y + high)
        if not any(_overlap(place, other) for other in taken):
            taken.append(place)
            image[y : y + high, x : x + wide] = SHADE
            at = (x + 2 * line, y + high - edge)
            cv2.putText(image, words, at, cv2.FONT_HERSHEY_SIMPLEX, scale, TEXT, line, cv2.LINE_AA)
            return


def _overlap(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
