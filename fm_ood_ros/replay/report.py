"""The printed table and the results file of a replay."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_results(path: Path, results: dict[str, Any]) -> None:
    """Writes results as JSON; what is not a number becomes null."""
    path.write_text(json.dumps(_finite(results), indent=2) + "\n", encoding="utf-8")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def stages_of(diagnostics: Mapping[str, str]) -> dict[str, tuple[float, float]]:
    """p50 and p95 in ms per stage, as the node reports them."""
    stages = [k.removesuffix(".p50_ms") for k in diagnostics if k.endswith(".p50_ms")]
    return {s: (float(diagnostics[f"{s}.p50_ms"]), float(diagnostics[f"{s}.p95_ms"])) for s in stages}


def rig_of(diagnostics: Mapping[str, str]) -> dict[str, str]:
    """What the node learnt of its rig: share of points in view, mount, crop, intensity, and what is wrong with it."""
    known = {k.removeprefix("rig."): v for k, v in diagnostics.items() if k.startswith("rig.")}
    share = diagnostics.get("points.in_view_share")
    return known if share is None else {"in_view": f"{float(share):.1%} of a cloud's points", **known}


def table(results: dict[str, Any]) -> str:
    """The table that the replay prints."""
    lines = [f"model      {results['model']['name']}  ({results['model']['sha256'][:12]})"]
    lines += [f"site       {results['site']}"] if results.get("site") else []
    lines += [f"recording  {results['bag']}", "", *_clouds(results), "", *_latency(results)]
    lines += ["", *_rig(results.get("rig", {})), "", *_truth(results["truth"])]
    return "\n".join(lines)


def _clouds(results: dict[str, Any]) -> list[str]:
    clouds = results["clouds"]
    causes = ", ".join(f"{count} {cause}" for cause, count in clouds["clouds_dropped"].items()) or "none"
    return [
        f"clouds     {clouds['clouds_sent']} in, {clouds['clouds_judged']} judged, dropped: {causes}, "
        f"{clouds['clouds_unexplained']} unexplained",
        f"points     {results['points']['in']} in, {results['points']['out']} out, "
        f"{results['points']['judged']} judged (in the camera's view); "
        f"{clouds['clouds_with_rows_lost']} clouds with rows lost",
    ]


def _rig(rig: Mapping[str, str]) -> list[str]:
    lines = [f"  {name:<22}{text}" for name, text in rig.items() if name != "trouble"]
    if not lines:
        return ["rig        nothing was judged, so nothing is known of it"]
    warning = [f"WARNING    {rig['trouble']}"] if rig.get("trouble") else []
    return ["what the node learnt of the rig", *lines, *warning]


def _latency(results: dict[str, Any]) -> list[str]:
    rows = [f"{'latency, ms':<24}{'p50':>8}{'p95':>8}"]
    for stage, (p50, p95) in results["stages_ms"].items():
        rows.append(f"  {stage:<22}{p50:>8.1f}{p95:>8.1f}")
    whole = results["latency_ms"]
    if whole:
        rows.append(f"  {'cloud in to cloud out':<22}{whole['p50']:>8.1f}{whole['p95']:>8.1f}")
    return rows


def _truth(truth: dict[str, Any] | None) -> list[str]:
    if truth is None:
        return ["metrics    left out: the clouds carry no ground truth (field 'label')"]
    rates = {"mIoU": "miou", "FPR@95": "fpr95", "AUROC": "auroc", "AUPR": "aupr"}
    said = "   ".join(f"{name} {_percent(truth[key])}" for name, key in rates.items())
    return [
        f"of judged points: {said}   ({truth['known']} known, {truth['unknown']} unknown points)",
        f"at anomaly_score >= {truth['threshold']:g}: {_percent(truth['recall_at_threshold'])} of the unknown and "
        f"{_percent(truth['false_alarms_at_threshold'])} of the known points are flagged",
        *_objects(truth["objects"]),
    ]


def _objects(objects: dict[str, Any]) -> list[str]:
    """Unknown objects found, by their number of points, and what is taken for one."""
    by = objects["by"].get("points", {})
    sizes = ", ".join(f"{_percent(found['recall'])} of those with {name}" for name, found in by.items())
    return [
        f"unknown objects: {objects['found']} of {objects['objects']} sightings found, {_percent(objects['recall'])}"
        + (f" ({sizes})" if sizes else ""),
        f"false objects: {objects['false_per_minute'] / 600:.1f} a cloud, {objects['false_per_minute']:.0f} a minute "
        "of 600 clouds",
    ]


def _percent(value: float) -> str:
    return "n/a" if value is None or math.isnan(value) else f"{100 * value:.1f} %"
