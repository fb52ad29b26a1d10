"""Points behind nearer ones, found by geometry alone, and what is said about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from fm_ood_ros.frame import Frame
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.label_sets import OOD
from fm_ood_ros.prediction import NOT_JUDGED, Prediction

STRIP = 2.0  # pixels: points of one column of the image
SAME_RING = 1.0  # pixels: points closer than this lie on one ring
FARTHER, FARTHER_SHARE = 1.0, 0.05  # metres, and share of the range, that a point must lie behind another
HALF = 0.5  # of the spacing: what lies within it is beside a point and not above or below it
SIDES = 3  # of above, below, left and right, on which something nearer must be
MOST = 2.0  # times the false flags of other points


def hidden_points(uv: NDArray[np.float64], distance: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether points [N] at pixels [N,2] and distances [N] lie behind nearer ones on most sides of them.

    Looked for as far as the rings are apart, beside a point within half of that, so that the next ring of a ground
    that recedes lies below it and nowhere else.
    """
    spacing = ring_spacing(uv)
    pairs = cKDTree(uv).query_pairs(spacing, p=np.inf, output_type="ndarray")
    swap = distance[pairs[:, 0]] < distance[pairs[:, 1]]
    far, near = np.where(swap[:, None], pairs[:, ::-1], pairs).T
    behind = distance[far] - distance[near] > np.maximum(FARTHER, FARTHER_SHARE * distance[far])
    far, near = far[behind], near[behind]
    du, dv = (uv[near] - uv[far]).T / spacing
    nearer_on = np.zeros((len(uv), 4), bool)
    for beside, first, along in ((np.abs(dv) < HALF, 0, du), (np.abs(du) < HALF, 2, dv)):
        nearer_on[far[beside], first + (along[beside] > 0)] = True
    return np.asarray(nearer_on.sum(1) >= SIDES)


def ring_spacing(uv: NDArray[np.float64]) -> float:
    """Pixels between neighbouring rings: the median step down a column of points [N,2]; at least one pixel."""
    column = np.floor(uv[:, 0] / STRIP)
    order = np.lexsort((uv[:, 1], column))
    steps = np.diff(uv[order, 1])[np.diff(column[order]) == 0]
    steps = steps[steps > SAME_RING]
    return float(np.median(steps)) if len(steps) else SAME_RING


def hidden_verdicts(bundle: ModelBundle, frames: Sequence[Frame], said: Sequence[Prediction]) -> dict[str, Any]:
    """How many points of labelled frames are hidden and judged, and the false flags among the known ones of either.

    Hidden points that nobody judges do no harm; those that are judged may be flagged falsely `MOST` times as often,
    beyond what so few points can tell.

    Raises InputError for labels that the bundle's label set lacks.
    """
    counts = {"hidden": 0, "not_judged": 0}
    flagged, known = np.zeros(2, np.int64), np.zeros(2, np.int64)  # other points, hidden ones
    for frame, prediction in zip(frames, said, strict=True):
        hidden = _hidden_of(frame, prediction)
        judged = prediction.class_id != NOT_JUDGED
        counts["hidden"] += int(hidden.sum())
        counts["not_judged"] += int((hidden & ~judged).sum())
        assert frame.labels is not None
        counted = judged & (bundle.labels.train_ids(frame.labels) < OOD)
        known += np.bincount(hidden[counted], minlength=2)
        flagged += np.bincount(hidden[counted & prediction.unknown], minlength=2)
    others, of_hidden = (int(f) / int(k) if k else 0.0 for f, k in zip(flagged, known, strict=True))
    return {
        **counts, "known_judged": int(known[1]), "flagged": int(flagged[1]), "false_flags": of_hidden,
        "others": int(known[0]), "others_false_flags": others, "most": MOST,
        "held": surely_at_least(int(flagged[1]), int(known[1])) <= MOST * others,
    }  # fmt: skip


def surely_at_least(hits: int, tries: int) -> float:
    """Lower end of Wilson's 95 % interval of a share: a few points do not tell one rate from another."""
    if not tries:
        return 0.0
    z, share = 1.96, hits / tries
    centre, spread = share + z * z / 2 / tries, z * np.sqrt(share * (1 - share) / tries + z * z / 4 / tries**2)
    return float((centre - spread) / (1 + z * z / tries))


def _hidden_of(frame: Frame, prediction: Prediction) -> NDArray[np.bool_]:
    """[N] of a frame of one view."""
    calibration = frame.views[0].calibration
    T, shown = calibration.T_camera_lidar, np.flatnonzero(prediction.in_view)
    xyz = frame.points[shown, :3].astype(np.float64) @ T[:3, :3].T + T[:3, 3]
    hidden = np.zeros(len(frame.points), bool)
    hidden[shown] = hidden_points(calibration.lens.project(xyz), np.linalg.norm(xyz, axis=1))
    return hidden
