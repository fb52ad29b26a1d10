"""The study as Markdown: every variant's mean over runs and seeds, and its distance from the control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from fm_ood_ros.judgement.scores import SCORES
from training.studies.heads.spec import HeadsSpec

Found = Mapping[str, Sequence[Mapping[str, Any]]]  # results of the heads by title
HEAD = (
    "| variant | heads | mIoU | ECE | gap | entropy FPR@95 / AUROC | best score | its FPR@95 / AUROC / AUPR | "
    "FPR@95 - control's | \n|---|---:|---:|---:|---:|---:|---|---:|---:|\n"
)


def markdown(spec: HeadsSpec, found: Found, facts: Sequence[str]) -> str:
    """All groups; percentages."""
    control = found[spec.control]
    lines = [*facts, _noise(spec.control, control)]
    parts = ["# Heads on frozen features", "\n".join(f"- {line}" for line in lines)]
    for group, variants in spec.groups.items():
        rows = [_row(title, found[title], control) for title in variants if found.get(title)]
        if rows:
            parts.append(f"## {group}\n" + HEAD.replace(" \n", "\n") + "\n".join(rows))
    return "\n\n".join(parts) + "\n"


def _row(title: str, results: Sequence[Mapping[str, Any]], control: Sequence[Mapping[str, Any]]) -> str:
    best = best_on_average(results)
    shown = [f"{100 * _over(results, best, key):.1f}" for key in ("fpr95", "auroc", "aupr")]
    entropy = [f"{100 * _over(results, 'entropy', key):.1f}" for key in ("fpr95", "auroc")]
    cells = [
        title,
        str(len(results)),
        f"{100 * mean(r['miou'] for r in results):.1f}",
        f"{100 * mean(r['ece'] for r in results):.1f}",
        f"{mean(r['gap'] for r in results):.2f}",
        " / ".join(entropy),
        best,
        " / ".join(shown),
        f"{100 * (_over(results, best, 'fpr95') - _over(control, best_on_average(control), 'fpr95')):+.1f}",
    ]
    return "| " + " | ".join(cells) + " |"


def best_on_average(results: Sequence[Mapping[str, Any]]) -> str:
    """The score with the lowest mean FPR@95."""
    return min(SCORES, key=lambda name: _over(results, name, "fpr95"))


def _over(results: Sequence[Mapping[str, Any]], score: str, key: str) -> float:
    return mean(float(r["scores"][score][key]) for r in results)


def _noise(title: str, control: Sequence[Mapping[str, Any]]) -> str:
    """How far the control's heads lie apart on the same features: what chance alone does to a head."""
    best = best_on_average(control)
    spreads = []
    for run in sorted({r["run"] for r in control}):
        values = [100 * r["scores"][best]["fpr95"] for r in control if r["run"] == run]
        spreads.append(f"{run} {max(values) - min(values):.1f}")
    return f"Noise control: seeds of '{title}' differ in FPR@95 ({best}) by, on the features of {', '.join(spreads)}."
