"""Which raw score a judgement takes: one rule for every method and for the shipped model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fm_ood_ros.errors import InputError
from training.data.frames import Frames
from training.evaluate.evaluation import Evaluation, run_evaluation
from training.evaluate.model import Judged
from training.evaluate.subject import Subject
from training.runs.run import Run


def best_score(scores: Mapping[str, Mapping[str, float]]) -> str | None:
    """The rule: the score with the lowest FPR@95 over points, of equal ones the highest AUROC; None for no scores.

    Only ever asked of a development set, never of a test set that is reported.
    """
    return min(scores, key=lambda name: (scores[name]["fpr95"], -scores[name]["auroc"])) if scores else None


def choose_score(run: Run, judged: Judged, dev: Frames) -> tuple[Judged, Evaluation]:
    """The judgement with the score that the rule takes on judged points of a development set, and that evaluated.

    Raises InputError when the set holds no unknown points.
    """
    found = run_evaluation(Subject.of_run(run, judged), dev)
    assert found.judged is not None
    best = best_score(found.judged.result()["scores"])
    if best is None:
        raise InputError(f"{dev.root} has no unknown points, so no score can be chosen; give a set that has some")
    chosen = replace(judged, spec=replace(judged.spec, score=best), chosen=dev.root.resolve().name)
    if best == judged.spec.score:
        return chosen, found
    return chosen, run_evaluation(Subject.of_run(run, chosen), dev)
