"""Curves and bars as pictures, drawn with OpenCV so that training needs no plotting library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Curve = tuple[NDArray[np.float64], NDArray[np.float64]]

WIDTH, HEIGHT = 720, 560
LEFT, TOP, RIGHT, BOTTOM = 70, 40, 20, 60
INK, GRID = (40, 40, 40), (225, 225, 225)
COLOURS = ((31, 119, 180), (255, 127, 14), (44, 160, 44), (214, 39, 40), (148, 103, 189), (140, 86, 75), (90, 90, 90))


@dataclass(frozen=True)
class Axes:
    """Title, names of the axes, and their ranges (low, high)."""

    title: str
    x_name: str
    y_name: str
    x: tuple[float, float] = (0.0, 1.0)
    y: tuple[float, float] = (0.0, 1.0)

    def pixels(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int32]:
        """Places [N,2] in the picture."""
        u = LEFT + (x - self.x[0]) / max(self.x[1] - self.x[0], 1e-12) * (WIDTH - LEFT - RIGHT)
        v = HEIGHT - BOTTOM - (y - self.y[0]) / max(self.y[1] - self.y[0], 1e-12) * (HEIGHT - TOP - BOTTOM)
        return np.rint(np.stack([u, v], 1)).astype(np.int32)


def draw_curves(axes: Axes, curves: Mapping[str, Curve], diagonal: bool = False) -> Image:
    """RGB picture of curves (x [N], y [N]) by name; diagonal: a grey line from corner to corner."""
    image = _paper(axes)
    if diagonal:
        ends = axes.pixels(np.array(axes.x), np.array(axes.y))
        cv2.line(image, ends[0].tolist(), ends[1].tolist(), (170, 170, 170), 1, cv2.LINE_AA)
    for (x, y), colour in zip(curves.values(), _colours(len(curves)), strict=True):
        seen = np.isfinite(x) & np.isfinite(y)
        cv2.polylines(image, [axes.pixels(x[seen], y[seen])], False, colour, 2, cv2.LINE_AA)
    _legend(image, list(curves))
    return image


def draw_histograms(axes: Axes, edges: NDArray[np.float64], shares: Mapping[str, NDArray[np.float64]]) -> Image:
    """RGB picture of shares [B] by name over bins with edges [B+1], as steps."""
    image = _paper(axes)
    for values, colour in zip(shares.values(), _colours(len(shares)), strict=True):
        steps = axes.pixels(np.repeat(edges, 2)[1:-1], np.repeat(values, 2))
        cv2.polylines(image, [steps], False, colour, 2, cv2.LINE_AA)
    _legend(image, list(shares))
    return image


def _colours(count: int) -> list[tuple[int, int, int]]:
    return [COLOURS[i % len(COLOURS)] for i in range(count)]


def _paper(axes: Axes) -> Image:
    image = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for share in np.linspace(0, 1, 6):
        x, y = (low + share * (high - low) for low, high in (axes.x, axes.y))
        u, v = axes.pixels(np.array([x]), np.array([y]))[0].tolist()
        cv2.line(image, (u, TOP), (u, HEIGHT - BOTTOM), GRID, 1)
        cv2.line(image, (LEFT, v), (WIDTH - RIGHT, v), GRID, 1)
        _text(image, f"{x:.3g}", (u - 12, HEIGHT - BOTTOM + 18))
        _text(image, f"{y:.3g}", (LEFT - 45, v + 5))
    cv2.rectangle(image, (LEFT, TOP), (WIDTH - RIGHT, HEIGHT - BOTTOM), INK, 1)
    _text(image, axes.title, (LEFT, TOP - 14), 0.55)
    _text(image, axes.x_name, (LEFT + 180, HEIGHT - 18))
    upright = np.full((18, HEIGHT - TOP - BOTTOM, 3), 255, np.uint8)
    _text(upright, axes.y_name, (120, 13))
    image[TOP : HEIGHT - BOTTOM, 4:22] = cv2.rotate(upright, cv2.ROTATE_90_COUNTERCLOCKWISE)
    return image


def _legend(image: Image, names: Sequence[str]) -> None:
    for i, (name, colour) in enumerate(zip(names, _colours(len(names)), strict=True)):
        y = TOP + 20 + 18 * i
        cv2.line(image, (WIDTH - 230, y - 4), (WIDTH - 205, y - 4), colour, 3)
        _text(image, name, (WIDTH - 198, y))


def _text(image: Image, text: str, at: tuple[int, int], size: float = 0.42) -> None:
    cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, INK, 1, cv2.LINE_AA)
