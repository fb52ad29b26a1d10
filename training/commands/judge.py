"""python -m training judge: how a run's verdicts are judged, measured on known points."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.data.opening import open_frames
from training.evaluate.choice import choose_score
from training.evaluate.model import Judged, fit_judged
from training.evaluate.report import report
from training.runs.run import Run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--run", type=Path, required=True, help="folder that fit left")
    parser.add_argument("--val", type=Path, required=True, help="validation set: what known points look like")
    parser.add_argument("--dev", type=Path, help="development set with unknown points, on which the score is chosen")


def judge(options: argparse.Namespace) -> None:
    """Writes the run's judgement.json, and metrics_DEV.json where there is a development set."""
    run = Run.load(options.run)
    frames = open_frames(options.dev, run.config.data, run.label_set) if options.dev else None
    judged = fit_on(run, options.val)
    if frames is not None:
        judged, evaluation = choose_score(run, judged, frames)
        report(evaluation, frames, run.path / f"metrics_{frames.root.resolve().name}.json")
    judged.save(run.path)
    chosen = f"chosen on '{judged.chosen}'" if judged.chosen else "not chosen on a development set (--dev)"
    print(f"score {judged.spec.score}, {chosen}; scales of the known points of '{judged.data}'")


def fit_on(run: Run, val: Path) -> Judged:
    """The judgement of a run by its validation sequences."""
    data = run.config.data
    return fit_judged(run, open_frames(val, data, run.label_set, data.val_sequences))
