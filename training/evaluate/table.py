"""An evaluation's result as text, and which score was best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ORDER = ("range", "weather", "rig", "tier", "family", "kind")


def best_score(result: Mapping[str, Any]) -> str | None:
    """The score with the lowest FPR@95, of equal ones the highest AUROC; None without unknown points.

    Choose it on a development set, never on the test set that is reported.
    """
    scores = result["scores"]
    return min(scores, key=lambda name: (scores[name]["fpr95"], -scores[name]["auroc"])) if scores else None


def table(result: Mapping[str, Any]) -> str:
    """The result as text: classes, scores, and groups at the best score."""
    lines = [
        f"{result['frames']} frames, {result['points_in_view']} points in view, "
        f"{result['not_judged_share']:.2%} of them not judged",
        f"mIoU {result['miou']:.2%}, accuracy {result['accuracy']:.2%}, ECE {result['calibration']['ece']:.2%} "
        "over known points",
        "  ".join(f"{name} {value:.1%}" for name, value in result["iou"].items() if value == value),
    ]
    best = best_score(result)
    if best is None:
        return "\n".join([*lines, "no unknown points in these labels: no anomaly metrics"])
    lines += [f"{result['unknown']} unknown and {result['known']} known points", "score       FPR@95   AUROC    AUPR"]
    lines += [
        f"{name:10s} {100 * s['fpr95']:7.2f} {100 * s['auroc']:7.2f} {100 * s['aupr']:7.2f}"
        for name, s in result["scores"].items()
    ]
    return "\n".join([*lines, *_threshold(result, best), *_groups(result, best)])


def _threshold(result: Mapping[str, Any], best: str) -> list[str]:
    at = result["thresholds"][best]
    return [
        f"best score here: {best}; {at['threshold']:.4g} flags {at['false_alarms']:.2%} of the known and "
        f"{at['recall']:.2%} of the unknown points; set on every second frame it flags "
        f"{at['held_out_false_alarms']:.2%} of the known points of the others"
    ]


def _groups(result: Mapping[str, Any], best: str) -> list[str]:
    groups = result["groups"][best]
    lines = [f"{best} by group         unknown   recall   AUROC  false alarms   mIoU"]
    for grouping in sorted(groups, key=lambda g: ORDER.index(g) if g in ORDER else len(ORDER)):
        for group, found in sorted(groups[grouping].items()):
            miou = result["miou_by"].get(grouping, {}).get(group)
            shown = [_percent(v) for v in (found["recall"], found["auroc"], found.get("false_alarms"), miou)]
            recall, auroc, alarms, miou_shown = shown
            lines.append(
                f"  {grouping:8s}{group:16s}{found['unknown']:9d} {recall:>8} {auroc:>7} {alarms:>13} {miou_shown:>6}"
            )
    return lines


def _percent(value: float | None) -> str:
    return "-" if value is None or value != value else f"{100 * value:.1f}"
