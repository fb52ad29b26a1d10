"""A recording judged as it is and under every change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmark.rig.agreement import agreement, judged, miou
from benchmark.rig.changes import Change
from benchmark.rig.hidden import hidden_verdicts
from fm_ood_ros.engines import Engine
from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame
from fm_ood_ros.model.bundle import ModelBundle


def measured(bundle: ModelBundle, engine: Engine, frames: Sequence[Frame], changes: Sequence[Change]) -> dict[str, Any]:
    """`clouds`, `points` judged as they are, `miou` of them, `changes`: a row for each, `hidden` points.

    `unlabelled`: why there is neither mIoU nor hidden points, empty where there are both.

    Raises InputError when nothing is judged.
    """
    before = judged(bundle, engine, frames)
    points = sum(p.judged for p in before)
    if not points:
        raise InputError(f"none of {len(frames)} clouds has a judged point, expected some; check the extrinsics")
    unlabelled = _why_unlabelled(bundle, frames)
    return {
        "clouds": len(frames),
        "points": points,
        "unlabelled": unlabelled,
        "miou": None if unlabelled else miou(bundle, frames, before, before),
        "changes": [_row(bundle, engine, frames, before, change, not unlabelled) for change in changes],
        "hidden": None if unlabelled else hidden_verdicts(bundle, frames, before),
    }


def _why_unlabelled(bundle: ModelBundle, frames: Sequence[Frame]) -> str:
    try:
        for frame in frames:
            if frame.labels is None:
                return "the clouds carry no labels"
            bundle.labels.train_ids(frame.labels)
    except InputError as error:
        return str(error)
    return ""


def _row(
    bundle: ModelBundle, engine: Engine, frames: Sequence[Frame], before: Sequence[Any], change: Change, labelled: bool
) -> dict[str, Any]:
    after = judged(bundle, engine, map(change.apply, frames))
    found = agreement(before, after)
    return {
        "change": change.name,
        "either": found.either,
        "same": found.same,
        "stay": found.share,
        "judged": found.judged,
        "flagged": found.flagged,
        "nan": found.nan,
        "miou": miou(bundle, frames, after, before) if labelled else None,
        "least": change.least,
        "held": found.share >= change.least and not found.nan,
    }
