"""python -m training fit: a network trained, and judged where there is a validation set."""

from __future__ import annotations

import argparse
from pathlib import Path

from accelerate import PartialState

from training.commands.judge import fit_on
from training.config import load_config
from training.data.opening import open_frames
from training.engine.loop import fit
from training.evaluate.evaluation import run_evaluation
from training.evaluate.report import report
from training.evaluate.subject import Subject
from training.runs.run import Run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--config", type=Path, help="YAML, see training/configs (default: the built-in settings)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="override one setting")
    parser.add_argument("--data", type=Path, required=True, help="training set, of any kind (see inspect)")
    parser.add_argument("--val", type=Path, help="validation set, on which the run is judged at the end")
    parser.add_argument("--out", type=Path, required=True, help="folder for the run")
    parser.add_argument("--start", type=Path, metavar="RUN", help="begin with the weights of a finished run")
    parser.add_argument("--resume", action="store_true", help="go on from the run's last checkpoint")


def train(options: argparse.Namespace) -> None:
    """Trains; with --val, leaves judgement.json and metrics_VAL.json too."""
    config = load_config(options.config, options.set)
    run = fit(config, options.data, options.out, options.resume, val=options.val, start=options.start)
    if options.val is not None and PartialState().is_main_process:
        _judge(run, options.val)


def _judge(run: Run, val: Path) -> None:
    judged = fit_on(run, val)
    judged.save(run.path)
    frames = open_frames(val, run.config.data, run.label_set, run.config.data.val_sequences)
    evaluation = run_evaluation(Subject.of_run(run, judged), frames)
    report(evaluation, frames, run.path / f"metrics_{frames.root.resolve().name}.json")
