"""Points drawn over the image they were judged with."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.prediction import NOT_JUDGED

UNKNOWN_COLOR = (255, 0, 0)
NOT_JUDGED_COLOR = (110, 110, 110)
DIM = 0.6  # of the image's brightness, so that dots stand out
NEAR, FAR = 8.0, 30.0  # metres: dots nearer than this are biggest, farther than that smallest

Image = NDArray[np.uint8]


def class_colors(
    class_id: NDArray[np.uint8], unknown: NDArray[np.bool_], colors: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """RGB [N,3] uint8 of points: their class's colour, red where unknown, grey if not judged."""
    table = np.full((256, 3), NOT_JUDGED_COLOR, np.uint8)
    table[: len(colors)] = colors
    rgb = table[class_id]
    rgb[unknown] = UNKNOWN_COLOR
    return rgb


def draw_classes(
    image: Image,
    uv: NDArray[np.float64],
    class_id: NDArray[np.uint8],
    colors: NDArray[np.uint8],
    depth: NDArray[np.floating] | None = None,
) -> Image:
    """Copy of image [H,W,3] with points at pixels uv [N,2] in their class's colour; class 255 is left out.

    depth: [N] metres, nearer points get bigger dots; None draws all alike
    """
    keep = class_id != NOT_JUDGED
    rgb = colors[np.minimum(class_id, len(colors) - 1)]
    return draw_dots(image, uv[keep], rgb[keep], None if depth is None else depth[keep])


def draw_anomaly(
    image: Image, uv: NDArray[np.float64], score: NDArray[np.float32], depth: NDArray[np.floating] | None = None
) -> Image:
    """Copy of image [H,W,3] with points in the colour of their anomaly score (see ramp); NaN is left out."""
    keep = np.isfinite(score)
    chosen = np.flatnonzero(keep)[np.argsort(score[keep], kind="stable")]  # the strangest on top
    return draw_dots(image, uv[chosen], ramp(score[chosen]), None if depth is None else depth[chosen])


def ramp(score: NDArray[np.float32]) -> NDArray[np.uint8]:
    """RGB [N,3] uint8 of scores in [0,1] on a perceptual ramp, dark blue for usual to yellow for strange.

    Scores are shares of known points, so that half of a usual scene lies above 0.5: the ramp shows their square.
    """
    level = np.clip(np.nan_to_num(score) ** 2 * 255, 0, 255).astype(np.uint8)
    table = cv2.applyColorMap(np.arange(256, dtype=np.uint8).reshape(-1, 1), cv2.COLORMAP_PLASMA)
    return np.asarray(table.reshape(256, 3)[level, ::-1], np.uint8)


def draw_dots(
    image: Image,
    uv: NDArray[np.float64],
    rgb: NDArray[np.uint8],
    depth: NDArray[np.floating] | None = None,
) -> Image:
    """Copy of the dimmed image [H,W,3] with square dots of colours rgb [N,3] at uv [N,2]; later dots lie on top.

    With depth [N] the near ones lie on top and are bigger. Points outside the image and not-finite pixels are left out.
    """
    out = cv2.convertScaleAbs(image, alpha=DIM)
    height, width = image.shape[:2]
    with np.errstate(invalid="ignore"):
        inside = (uv[:, 0] >= -0.5) & (uv[:, 0] < width - 0.5) & (uv[:, 1] >= -0.5) & (uv[:, 1] < height - 0.5)
    uv, rgb = uv[inside], rgb[inside]
    radius = np.full(len(uv), 1)
    if depth is not None:
        order = np.argsort(-depth[inside], kind="stable")
        uv, rgb, near = uv[order], rgb[order], depth[inside][order]
        radius = np.select([near < NEAR, near < FAR], [2, 1], 0)
    radius *= max(1, round(width / 1280))
    column, row = np.rint(uv).astype(np.intp).T
    owner = np.full(height * width, -1, np.int32)  # painting indices, then colours once, is five times as fast
    for r in np.unique(radius):  # from the smallest, the farthest
        part = np.flatnonzero(radius == r)
        for dv in range(-r, r + 1):
            v = np.clip(row[part] + dv, 0, height - 1) * width
            for du in range(-r, r + 1):
                owner[v + np.clip(column[part] + du, 0, width - 1)] = part
    painted = np.flatnonzero(owner >= 0)
    out.reshape(-1, 3)[painted] = rgb[owner[painted]]
    return np.asarray(out, np.uint8)


def draw_legend(image: Image, names: Sequence[str], colors: NDArray[np.uint8]) -> Image:
    """The image [H,W,3] with a strip below that names the classes [C] in their colours [C,3], and the unknown."""
    width = image.shape[1]
    line, gap = 20, 16
    entries = [*zip(names, colors.tolist(), strict=True), ("unknown", UNKNOWN_COLOR)]
    places, x, y = [], gap // 2, 0
    for name, _ in entries:
        wide = gap + cv2.getTextSize(name, cv2.FONT_HERSHEY_SIMPLEX, 0.45, 1)[0][0] + gap
        if x + wide > width and x > gap // 2:
            x, y = gap // 2, y + line
        places.append((x, y))
        x += wide
    strip = np.full((y + line, width, 3), 20, np.uint8)
    for (name, color), (x, y) in zip(entries, places, strict=True):
        strip[y + 5 : y + 15, x : x + 10] = color
        cv2.putText(strip, name, (x + gap, y + 15), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (230, 230, 230), 1, cv2.LINE_AA)
    return np.concatenate([image, strip])
