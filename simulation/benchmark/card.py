"""The data card: what every split shows, how it was made and what the shortcut audit found."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fm_ood_ros.model.label_sets import LabelSet
from simulation import VERSION
from simulation.audit.audit import LIMIT
from simulation.benchmark.card_text import card_text
from simulation.benchmark.spec import Spec
from simulation.benchmark.statistics import ENOUGH, RANGE_EDGES, Statistics
from simulation.output.layout import replace_json, replace_text
from simulation.output.revision import source_revision
from simulation.unknown import OTHER_OBJECT

CARD, CARD_DATA = "DATA_CARD.md", "data_card.json"
PERCENTILES = (5, 50, 95)


class AuditTable(NamedTuple):
    """split: its folder; share: of unknown points in view; rows: cue, AUROC, average precision"""

    split: str
    share: float
    rows: list[tuple[str, float, float]]


def write_card(spec: Spec, size: str, out: Path, splits: dict[str, Statistics], audits: list[AuditTable]) -> list[Path]:
    """Writes DATA_CARD.md and data_card.json; returns their paths."""
    data = {
        "name": spec.name, "version": spec.version, "size": size, "simulator": VERSION,
        "source_revision": source_revision(), "made": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "settings": spec.settings(size), "splits": {name: facts(s) for name, s in splits.items()},
        "audit_limit": LIMIT, "audit": [a._asdict() for a in audits],
    }  # fmt: skip
    replace_json(out / CARD_DATA, data)
    replace_text(out / CARD, card_text(data))
    return [out / CARD, out / CARD_DATA]


def facts(s: Statistics) -> dict[str, Any]:
    """Shares and counts of a split, as data_card.json has them."""
    total, unknown = sum(s.points.values()), s.points[OTHER_OBJECT]
    views = np.array(s.views)
    bins = [f"{a}-{b} m" if b < RANGE_EDGES[-1] else f"over {a} m" for a, b in pairwise(RANGE_EDGES)]
    return {
        "scenes": s.scenes, "frames": s.frames, "points_in_view": total, "points_per_frame": total / s.frames,
        "unknown_share": unknown / total, "frames_with_unknown": s.with_unknown / s.frames,
        "classes": _class_shares(s.points), "weather": dict(s.weather.most_common()), "rigs": dict(s.rigs),
        "ranges": {name: s.ranges[i] / total for i, name in enumerate(bins)},
        "unknown_ranges": {name: s.unknown_ranges[i] / max(unknown, 1) for i, name in enumerate(bins)},
        "objects": {
            "scanned": s.scanned, "seen": len(s.objects), "views": len(views),
            f"views_with_{ENOUGH}_points": float(np.mean(views >= ENOUGH)) if len(views) else 0.0,
            "points_per_view": _spread(views), "longest_side": _spread([max(o["size"]) for o in s.objects]),
            "height": _spread([o["size"][2] for o in s.objects]),
            **{group: _counts(s.objects, group) for group in ("kind", "family", "tier", "place", "posture")},
        },
    }  # fmt: skip


def _counts(objects: list[dict[str, Any]], group: str) -> dict[str, int]:
    return dict(Counter(str(o[group]) for o in objects if group in o).most_common())


def _class_shares(points: Counter[int]) -> dict[str, float]:
    """By the street label set's class names, then unknown and ignored; the shares add up to 1."""
    labels, total = LabelSet.load("street"), sum(points.values())
    named = {c.name: sum(points[i] for i in c.raw_ids) / total for c in labels.classes}
    unknown = points[OTHER_OBJECT] / total
    return {**named, "unknown object": unknown, "ignored": max(0.0, 1 - sum(named.values()) - unknown)}


def _spread(values: Any) -> dict[str, float]:
    """Percentiles, nothing for nothing."""
    if not len(values):
        return {}
    return {f"p{p}": float(v) for p, v in zip(PERCENTILES, np.percentile(values, PERCENTILES), strict=True)}
