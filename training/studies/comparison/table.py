"""The comparison as Markdown and CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from training.studies.comparison.headline import headlines
from training.studies.comparison.results import QUANTITIES, MethodResult

SHOWN = {"miou": "mIoU", "fpr95": "FPR@95", "auroc": "AUROC", "aupr": "AUPR", "recall_at_5": "recall at 5 %"}
HEADS = [
    *("method", "seeds", "score", *SHOWN.values(), "score, alone", *(f"{name}, alone" for name in SHOWN.values())),
    *("FPR@95 - control's, seed by seed", "over scenes", "AUROC - control's, over scenes", "training"),
]
RULE = "|" + "|".join("---" if head in ("method", "seeds") or "score" in head else "---:" for head in HEADS) + "|"


def write_table(methods: Mapping[str, MethodResult], control: str, notes: list[str], out: Path) -> list[Path]:
    """Writes table.md, table.csv and runs.csv into a folder and returns their paths."""
    paths = [out / name for name in ("table.md", "table.csv", "runs.csv")]
    paths[0].write_text(markdown(methods, control, notes), encoding="utf-8")
    _write_csv(paths[1], [_by_method(name, method) for name, method in methods.items()])
    _write_csv(paths[2], [row for name, method in methods.items() for row in _by_run(name, method)])
    return paths


def markdown(methods: Mapping[str, MethodResult], control: str, notes: Iterable[str]) -> str:
    """The table below what it was made of; percentages, and minutes of training."""
    lines = [f"- {line}" for line in (*headlines(methods), _noise(methods.get(control)), *notes)]
    rows = [_row(method, methods.get(control)) for method in methods.values()]
    return "\n".join(["# Comparison of methods", "", *lines, "", "| " + " | ".join(HEADS) + " |", RULE, *rows]) + "\n"


def _row(method: MethodResult, control: MethodResult | None) -> str:
    judged, alone = ([_shown(method.over_seeds(prefix + name), 100.0) for name in SHOWN] for prefix in ("", "alone_"))
    time = _shown(method.over_seeds("training_seconds"), 1 / 60) + " min"
    apart = method.minus(control, "fpr95") if control and method is not control else {}
    paired = ", ".join(f"{100 * value:+.1f}" for _, value in sorted(apart.items()))
    scenes = method.over_scenes(control) if control and method is not control else {}
    over = [_interval(scenes.get(name)) for name in ("fpr95", "auroc")]
    scores, name = method.scores, [method.title, str(len(method.runs))]
    cells = [*name, scores.judged, *judged, scores.alone, *alone, paired, *over, time]
    return "| " + " | ".join(cells) + " |"


def _interval(found: dict[str, float] | None) -> str:
    """A difference of means over seeds, and between what 95 % of the resamples of scenes lie."""
    return "{:+.1f} [{:+.1f}, {:+.1f}]".format(*(100 * found[key] for key in ("value", "low", "high"))) if found else ""


def _shown(value: tuple[float, float], factor: float) -> str:
    mean, std = (factor * v for v in value)
    return f"{mean:.1f}" + (f" ± {std:.1f}" if std == std else "")


def _noise(control: MethodResult | None) -> str:
    """How far apart the control's seeds lie."""
    if control is None or len(control.runs) < 2:
        return "No noise control: it takes two seeds of the control method. Differences between methods may be chance."
    spread = {name: 100 * (max(v) - min(v)) for name, v in control.values.items()}
    return (
        f"Noise control: the {len(control.runs)} seeds of {control.title} differ by up to {spread['miou']:.1f} points "
        f"of mIoU, {spread['fpr95']:.1f} of FPR@95, {spread['auroc']:.1f} of AUROC and {spread['aupr']:.1f} of AUPR; a "
        "smaller difference between methods says nothing."
    )


def _by_method(name: str, method: MethodResult) -> dict[str, Any]:
    row: dict[str, Any] = {"method": name, "title": method.title, "seeds": len(method.runs), **_scores(method)}
    for quantity in QUANTITIES:
        mean, std = method.over_seeds(quantity)
        row |= {f"{quantity}_mean": mean, f"{quantity}_std": std if std == std else ""}
    return row


def _by_run(name: str, method: MethodResult) -> list[dict[str, Any]]:
    facts = [{"method": name, "seed": run.trial.seed, **_scores(method)} for run in method.runs]
    metrics = [run.on_test(method.scores) for run in method.runs]
    on_dev = [{"dev_fpr95": run.dev["judged"]["scores"][method.scores.judged]["fpr95"]} for run in method.runs]
    return [{**fact, **values, **dev} for fact, values, dev in zip(facts, metrics, on_dev, strict=True)]


def _scores(method: MethodResult) -> dict[str, str]:
    return {"score": method.scores.judged, "alone_score": method.scores.alone}


def _write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
