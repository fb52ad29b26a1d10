"""Line charts as pictures, drawn with OpenCV: no plotting library is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Picture = NDArray[np.uint8]
Lines = Mapping[str, tuple[ArrayLike, ArrayLike]]

COLOURS = ((31, 119, 180), (214, 39, 40), (44, 160, 44), (148, 103, 189), (255, 127, 14), (23, 190, 207), (90, 90, 90))
INK, GRID = (40, 40, 40), (225, 225, 225)
LEFT, RIGHT, TOP, BOTTOM = 70, 16, 34, 30
FONT, SMALL = cv2.FONT_HERSHEY_SIMPLEX, 0.4


def chart(title: str, lines: Lines, size: tuple[int, int] = (300, 480)) -> Picture:
    """RGB picture [H,W,3] of lines by name, each (x [N], y [N]); points that are not finite are left out."""
    shown = {name: _finite(x, y) for name, (x, y) in lines.items()}
    shown = {name: points for name, points in shown.items() if len(points)}
    picture = np.full((*size, 3), 255, np.uint8)
    cv2.putText(picture, title, (LEFT, 20), FONT, 0.5, INK, 1, cv2.LINE_AA)
    if not shown:
        return picture
    everything = np.concatenate(list(shown.values()))
    low, high = everything.min(0), everything.max(0)
    span = np.where(high > low, high - low, 1.0)
    scale = np.array([size[1] - LEFT - RIGHT, TOP + BOTTOM - size[0]]) / span
    origin = np.array([LEFT, size[0] - BOTTOM])
    _axes(picture, low, span)
    for row, (name, points) in enumerate(shown.items()):
        colour = COLOURS[row % len(COLOURS)]
        places = np.round(origin + (points - low) * scale).astype(np.int32)
        cv2.polylines(picture, [places.reshape(-1, 1, 2)], False, colour, 1, cv2.LINE_AA)
        if len(shown) > 1:
            width = cv2.getTextSize(name, FONT, SMALL, 1)[0][0]
            place = (size[1] - RIGHT - width - 4, TOP + 14 + 15 * row)
            cv2.putText(picture, name, place, FONT, SMALL, colour, 1, cv2.LINE_AA)
    return picture


def sheet(charts: Sequence[Picture], columns: int = 2) -> Picture:
    """Charts of one size side by side, row by row, on white."""
    blank = np.full_like(charts[0], 255)
    filled = [*charts, *[blank] * (-len(charts) % columns)]
    rows = [np.concatenate(filled[i : i + columns], 1) for i in range(0, len(filled), columns)]
    return np.concatenate(rows)


def _finite(x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
    points = np.stack([np.asarray(x, np.float64), np.asarray(y, np.float64)], 1)
    return points[np.isfinite(points).all(1)]


def _axes(picture: Picture, low: NDArray[np.float64], span: NDArray[np.float64]) -> None:
    """Five grid lines each way, with their values."""
    height, width = picture.shape[:2]
    for share in np.linspace(0, 1, 5):
        x = round(LEFT + share * (width - LEFT - RIGHT))
        y = round(height - BOTTOM - share * (height - TOP - BOTTOM))
        cv2.line(picture, (x, TOP), (x, height - BOTTOM), GRID, 1)
        cv2.line(picture, (LEFT, y), (width - RIGHT, y), GRID, 1)
        across, up = (f"{value:.4g}" for value in low + share * span)
        half = cv2.getTextSize(across, FONT, SMALL, 1)[0][0] // 2
        below = min(x - half, width - 2 * half - 2), height - 10
        for text, place in ((across, below), (up, (4, y + 4))):
            cv2.putText(picture, text, place, FONT, SMALL, INK, 1, cv2.LINE_AA)
