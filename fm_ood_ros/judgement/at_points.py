"""Logits of half size read where a point lies, instead of enlarging the whole map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def logits_at(logits: NDArray[np.float32], cells: NDArray[np.integer], size: tuple[int, int]) -> NDArray[np.float32]:
    """What bilinear enlargement to size (H, W), with centres of pixels at their halves, would put into cells.

    logits: [C,h,w] float32; cells: [P] row-major in (H, W), each within; gives [C,P] float32
    """
    classes, height, width = logits.shape
    row, column = np.divmod(cells, size[1])
    top, bottom, down = _neighbours(row, height, size[0])
    left, right, across = _neighbours(column, width, size[1])
    flat = logits.reshape(classes, -1)
    above = _between(flat.take(top * width + left, 1), flat.take(top * width + right, 1), across)
    below = _between(flat.take(bottom * width + left, 1), flat.take(bottom * width + right, 1), across)
    return _between(above, below, down)


def _neighbours(
    index: NDArray[np.integer], coarse: int, fine: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Coarse cells before and after the centre of a fine one, and its way from the first to the second, 0 to 1."""
    position = np.maximum((index + 0.5) * (coarse / fine) - 0.5, 0)
    first = position.astype(np.int64)
    return first, np.minimum(first + 1, coarse - 1), (position - first).astype(np.float32)


def _between(first: NDArray[np.float32], second: NDArray[np.float32], way: NDArray[np.float32]) -> NDArray[np.float32]:
    second -= first  # in place: both are copies of our own, and new ones cost as much as the sum
    second *= way
    first += second
    return first
