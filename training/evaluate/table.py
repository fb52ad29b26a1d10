"""An evaluation's record as text: each point alone and judged with its neighbours, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ORDER = ("weather", "rig", "tier", "family", "kind", "range", "points")
COLUMNS = {"fpr95": "FPR@95", "auroc": "AUROC", "aupr": "AUPR", "recall_at_1": "at 1 %", "recall_at_5": "at 5 %"}
Facts = Mapping[str, Any]


def table(record: Facts) -> str:
    """The record as text: what was judged, classes, scores, and what the vehicle would be told."""
    judged = record["judged"]
    lines = [*_head(record), *_classes(record["alone"], judged), *_scores(record)]
    if judged is None:
        return "\n".join(
            [*lines, "no judgement yet, so points stand alone: python -m training judge --run RUN --val DIR"]
        )
    return "\n".join([*lines, *_threshold(judged), *_ranges(judged), *_groups(judged), *_objects(judged["objects"])])


def _head(record: Facts) -> list[str]:
    what = record.get("bundle") or record.get("run")
    data = record["data"] + (f"/{record['split']}" if record["split"] else "")
    return [
        f"{what} on {data}, sequences {_few(record['sequences'])}, by {record['engine']} on {record['device']}",
        f"{record['frames']} frames, {record['points_in_view']} points in view, "
        f"{record['not_judged_share']:.2%} of them not judged, {record['unknown']} unknown and {record['known']} known",
    ]


def _classes(alone: Facts, judged: Facts | None) -> list[str]:
    lines = [f"{'':22s}{'alone':>8s}" + (f"{'judged':>8s}" if judged else "")]
    rows = {"mIoU": "miou", "accuracy": "accuracy", "ECE": "ece"}
    parts = [alone, judged] if judged else [alone]
    for title, key in rows.items():
        lines.append(f"{title:22s}" + "".join(f"{_percent(part[key]):>8s}" for part in parts) + _limits(judged, key))
    classes = {name: [_percent(part["iou"][name]) for part in parts] for name in alone["iou"]}
    return lines + [f"  {name:20s}" + "".join(f"{value:>8s}" for value in row) for name, row in classes.items()]


def _scores(record: Facts) -> list[str]:
    alone, judged = record["alone"]["scores"], (record["judged"] or {}).get("scores", {})
    if not alone:
        return ["no unknown points in these labels: no anomaly metrics"]
    head = "".join(f"{title:>8s}" for title in COLUMNS.values())
    lines = [f"score       alone {head}" + (f"    judged {head}" if judged else "")]
    for name, found in alone.items():
        mark = "*" if name == record["score"] else " "
        line = f"{mark}{name:10s}       {_row(found)}"
        lines.append(line + (f"           {_row(judged[name])}" if name in judged else ""))
    limits = [f"{COLUMNS[key]}{_limits(record['judged'], key)}" for key in COLUMNS if _limits(record["judged"], key)]
    if judged:
        lines.append(f"* chosen on {record.get('chosen_on') or 'no development set'}; over scenes: {'; '.join(limits)}")
    return lines


def _threshold(judged: Facts) -> list[str]:
    return [
        f"anomaly_score from {judged['threshold']:g}, set on validation data, flags "
        f"{_percent(judged['false_alarms'])} % "
        f"of the known and {_percent(judged['recall'])} % of the unknown points"
    ]


def _ranges(judged: Facts) -> list[str]:
    found, miou = judged["ranges"], judged["miou_by"].get("range", {})
    lines = [f"{'range':22s} unknown   recall  false alarms   AUROC    mIoU"]
    for name, part in found["bins"].items():
        shown = [_percent(v) for v in (part["recall"], part["false_alarms"], part["auroc"], miou.get(name))]
        lines.append("  {:20s}{:8d}{:>9s}{:>14s}{:>8s}{:>8s}".format(name, part["unknown"], *shown))
    for name, title in (("within_30", "within 30 m"), ("balanced", "balanced over ranges")):
        metrics = ", ".join(f"{head} {_percent(found[name][key])}" for key, head in COLUMNS.items())
        lines.append(f"  {title}: {metrics}")
    return lines


def _groups(judged: Facts) -> list[str]:
    lines = [f"{'group':30s} unknown   recall  false alarms   AUROC    mIoU"]
    for grouping in sorted(judged["groups"], key=_place):
        for group, found in sorted(judged["groups"][grouping].items()):
            miou = judged["miou_by"].get(grouping, {}).get(group)
            shown = [_percent(v) for v in (found["recall"], found.get("false_alarms"), found["auroc"], miou)]
            lines.append(
                "  {:10s}{:18s}{:8d}{:>9s}{:>14s}{:>8s}{:>8s}".format(grouping, group, found["unknown"], *shown)
            )
    return lines if len(lines) > 1 else []


def _objects(objects: Facts) -> list[str]:
    at = ", ".join(f"{_percent(recall)} at {rate}" for rate, recall in objects["recall_at"].items())
    components = {key: _percent(objects["components"][key]) for key in ("siou", "ppv", "f1")}
    lines = [
        f"objects: {objects['found']} of {objects['objects']} found, {_number(objects['false_per_minute'])} false "
        f"ones a minute of {objects['minutes']:.2f}; recall {at} false a minute",
        f"  components: sIoU {components['siou']}, PPV {components['ppv']}, F1 {components['f1']}; first held for "
        f"good at {_number(objects['stable']['distance'])} m, {_percent(objects['stable']['never'])} % of them never",
    ]
    for grouping in sorted(objects["by"], key=_place):
        groups = ", ".join(f"{g} {_percent(found['recall'])}" for g, found in sorted(objects["by"][grouping].items()))
        lines.append(f"  recall by {grouping}: {groups}")
    return lines


def _row(found: Facts) -> str:
    return "".join(f"{_percent(found[key]):>8s}" for key in COLUMNS)


def _limits(judged: Facts | None, key: str) -> str:
    """Between what 95 % of the resamples lie."""
    found = (judged or {}).get("intervals", {}).get(key)
    return f" [{_percent(found['low'])}, {_percent(found['high'])}]" if found else ""


def _few(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 8 else f"{', '.join(names[:4])} ... {names[-1]} ({len(names)})"


def _place(grouping: str) -> int:
    return ORDER.index(grouping) if grouping in ORDER else len(ORDER)


def _percent(value: float | None) -> str:
    return "-" if value is None or value != value else f"{100 * value:.1f}"


def _number(value: float | None) -> str:
    return "-" if value is None or value != value else f"{value:.1f}"
