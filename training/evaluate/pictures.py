"""Pictures of an evaluation: ROC, precision over recall, score histograms, reliability of the probability."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.metrics import AnomalyMetrics, ConfidenceMetrics
from fm_ood_ros.metrics.anomaly import strangest_first
from fm_ood_ros.metrics.confidence import BINS
from fm_ood_ros.metrics.score_counts import ScoreCounts, lowest_scores
from training.evaluate.evaluation import Evaluation
from training.evaluate.figures import Figures
from training.evaluate.plot import Picture, chart

Curve = tuple[NDArray[np.float64], NDArray[np.float64]]

SIZE = (480, 640)
DIAGONAL = (np.array([0.0, 1.0]), np.array([0.0, 1.0]))
DETAIL = 2000  # points of a curve
BARS = 80


def write_pictures(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Writes roc.png, pr.png, reliability.png and histogram_SCORE.png; the last needs unknown points, as do curves.

    With a judgement, curves are of the chosen score, alone and judged; else of every score.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {"reliability": _reliability({name: part.confidence for name, part in _parts(evaluation).items()})}
    ranked = {n: m for n, m in _ranked(evaluation).items() if m.known.total and m.unknown.total}
    if ranked:
        both = {name: roc_and_pr(metrics) for name, metrics in ranked.items()}
        roc = {name: curves[0] for name, curves in both.items()}
        pr = {name: curves[1] for name, curves in both.items()}
        pictures["roc"] = chart("Unknown points found over known points flagged", {**roc, "chance": DIAGONAL}, SIZE)
        pictures["pr"] = chart("Precision over recall of unknown points", pr, SIZE)
    pictures |= {f"histogram_{name.replace(', ', '_')}": _histogram(name, metrics) for name, metrics in ranked.items()}
    paths = []
    for name, image in pictures.items():
        paths.append(folder / f"{name}.png")
        if not cv2.imwrite(str(paths[-1]), image[..., ::-1]):
            raise InputError(f"{paths[-1]} could not be written; check the free space and the rights of the folder")
    return paths


def _parts(evaluation: Evaluation) -> dict[str, Figures]:
    judged = {"judged": evaluation.judged} if evaluation.judged else {}
    return {"alone": evaluation.alone, **judged}


def _ranked(evaluation: Evaluation) -> dict[str, AnomalyMetrics]:
    """What the curves are of."""
    if evaluation.judged is None or evaluation.alarms is None:
        return evaluation.alone.anomaly
    score = evaluation.alarms.score
    return {f"{score}, {part}": f.anomaly[score] for part, f in _parts(evaluation).items() if score in f.anomaly}


def roc_and_pr(metrics: AnomalyMetrics) -> tuple[Curve, Curve]:
    """(false positive rate, true positive rate) from (0, 0) on, and (recall, precision), thinned to DETAIL points."""
    known, unknown = strangest_first(metrics.known, metrics.unknown)
    false, true = np.cumsum(known), np.cumsum(unknown)
    fpr, tpr = np.r_[0, false / false[-1]], np.r_[0, true / true[-1]]
    kept = _thinned(fpr + tpr)
    ranked = kept[kept > 0] - 1
    return (fpr[kept], tpr[kept]), (true[ranked] / true[-1], true[ranked] / (true + false)[ranked])


def _thinned(progress: NDArray[np.float64]) -> NDArray[np.intp]:
    """Indices, both ends among them, that follow the progress in even steps."""
    steps = np.searchsorted(progress, np.linspace(progress[0], progress[-1], DETAIL))
    return np.unique(np.minimum(np.r_[0, steps, len(progress) - 1], len(progress) - 1))


def _histogram(name: str, metrics: AnomalyMetrics) -> Picture:
    edges = np.linspace(*_span(metrics), BARS + 1)
    steps = np.repeat(edges, 2)[1:-1]
    lines = {
        word: (steps, np.repeat(_shares(counts, edges), 2))
        for word, counts in (("known", metrics.known), ("unknown", metrics.unknown))
    }
    return chart(f"Share of points over {_axis(name)}, higher is stranger", lines, SIZE)


def _axis(name: str) -> str:
    """Judged scores are counted drawn apart near 1, see spread_near_one."""
    return f"-log(1 - anomaly score) by {name}" if name.endswith("judged") else name


def _span(metrics: AnomalyMetrics) -> tuple[float, float]:
    """Scores between which all but 0.1 % at either end lie, of known and of unknown points."""
    ends = []
    for counts in (metrics.known, metrics.unknown):
        cumulative = np.cumsum(counts.counts) / counts.total
        ends += [counts.bins[np.searchsorted(cumulative, q)] for q in (0.001, 0.999)]
    low, high = lowest_scores(np.array([min(ends), max(ends)], np.int32)).astype(np.float64)
    return float(low), float(max(high, low + 1e-6))


def _shares(counts: ScoreCounts, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    values = np.clip(lowest_scores(counts.bins), edges[0], edges[-1])
    shares, _ = np.histogram(values, edges, weights=counts.counts / counts.total)
    return shares


def _reliability(parts: dict[str, ConfidenceMetrics]) -> Picture:
    middle = (np.arange(BINS) + 0.5) / BINS
    found = {name: metrics.result() for name, metrics in parts.items()}
    lines = {f"accuracy, {name}": (result["confidence"], result["accuracy"]) for name, result in found.items()}
    lines |= {f"share of points, {name}": (middle, result["share"]) for name, result in found.items()}
    errors = ", ".join(f"{100 * result['ece']:.2f} % {name}" for name, result in found.items())
    return chart(f"Accuracy over confidence, ECE {errors}", {**lines, "accuracy = confidence": DIAGONAL}, SIZE)
