"""Methods below each other, each with its mean, its standard deviation and its single runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from fm_ood_ros.errors import InputError
from training.evaluate.plot import COLOURS, FONT, GRID, INK, SMALL, Picture, sheet
from training.studies.comparison.results import MethodResult, mean_and_std

NAMES, RIGHT, TOP, ROW, ACROSS = 150, 30, 34, 22, 380  # pixels; the names take more where one is longer
BLUE, GREY = COLOURS[0], COLOURS[-1]
SHOWN = {"fpr95": "FPR@95 in percent, lower is better", "auroc": "AUROC in percent, higher is better"}


@dataclass(frozen=True)
class Axis:
    """Percentages from `low` to `high`, right of `left` pixels."""

    left: int
    low: float
    high: float

    def x(self, value: float) -> int:
        """Column of a value."""
        return round(self.left + (value - self.low) / (self.high - self.low) * ACROSS)


def write_picture(methods: Mapping[str, MethodResult], control: str, path: Path) -> Path:
    """Writes a PNG of FPR@95 and AUROC on the test set; raises InputError when it cannot be written."""
    beside = methods[control].title if control in methods else None
    panels = [panel(title, _percent(methods, name), beside) for name, title in SHOWN.items()]
    if not cv2.imwrite(str(path), sheet(panels)[..., ::-1]):
        raise InputError(f"{path} could not be written; check the free space and the rights of the folder")
    return path


def panel(title: str, rows: Mapping[str, list[float]], control: str | None = None) -> Picture:
    """RGB picture [H,W,3]: by name a dot at the mean of the values, a whisker of ± one deviation, a tick a value.

    control: the row that the others are judged by, in grey, its mean as a line through all of them
    """
    axis = Axis(max(NAMES, 16 + max(map(_length, rows))), *_limits(rows))
    picture = np.full((TOP + ROW * len(rows) + 30, axis.left + ACROSS + RIGHT, 3), 255, np.uint8)
    cv2.putText(picture, title, (axis.left, 20), FONT, 0.5, INK, 1, cv2.LINE_AA)
    _draw(picture, axis)
    if control:
        x = axis.x(mean_and_std(rows[control])[0])
        cv2.line(picture, (x, TOP), (x, TOP + ROW * len(rows)), GREY, 1)
    for index, (name, values) in enumerate(rows.items()):
        y, colour = TOP + ROW * index + ROW // 2, GREY if name == control else BLUE
        cv2.putText(picture, name, (6, y + 4), FONT, SMALL, INK, 1, cv2.LINE_AA)
        start, end = map(axis.x, _whisker(values))
        cv2.line(picture, (start, y), (end, y), colour, 2)
        for x in map(axis.x, values):
            cv2.line(picture, (x, y - 5), (x, y + 5), colour, 1)
        cv2.circle(picture, (axis.x(mean_and_std(values)[0]), y), 4, colour, -1, cv2.LINE_AA)
    return picture


def _percent(methods: Mapping[str, MethodResult], name: str) -> dict[str, list[float]]:
    return {method.title: [100 * value for value in method.values[name]] for method in methods.values()}


def _whisker(values: list[float]) -> tuple[float, float]:
    """Mean ± standard deviation, within 0 to 100; the mean twice for one value."""
    mean, std = mean_and_std(values)
    reach = std if len(values) > 1 else 0.0
    return max(mean - reach, 0.0), min(mean + reach, 100.0)


def _limits(rows: Mapping[str, list[float]]) -> tuple[float, float]:
    """Percentages that hold all values and deviations, with some room."""
    ends = [end for values in rows.values() for end in (*values, *_whisker(values))]
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    room = max(0.05 * (high - low), 1.0)
    return low - room, high + room


def _length(text: str) -> int:
    return int(cv2.getTextSize(text, FONT, SMALL, 1)[0][0])


def _draw(picture: Picture, axis: Axis) -> None:
    """Five grid lines with their values."""
    bottom = picture.shape[0] - 26
    for value in np.linspace(axis.low, axis.high, 5):
        x, text = axis.x(value), f"{value:.3g}"
        half = _length(text) // 2
        cv2.line(picture, (x, TOP), (x, bottom), GRID, 1)
        cv2.putText(picture, text, (x - half, bottom + 16), FONT, SMALL, INK, 1, cv2.LINE_AA)
