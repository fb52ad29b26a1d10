"""python -m export bundle: see --help."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from export.bundle import ExportOptions, export_bundle
from fm_ood_ros.errors import FmOodError, InputError
from training.data.opening import open_frames
from training.evaluate.model import FILE, THRESHOLD, Judged
from training.runs.run import Run


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except FmOodError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m export", description=__doc__)
    commands = parser.add_subparsers(required=True)
    bundle = commands.add_parser("bundle", help="make a model bundle of a finished training run")
    bundle.set_defaults(command=_bundle)
    bundle.add_argument("--run", type=Path, required=True, help="folder that python -m training fit left")
    bundle.add_argument("--val", type=Path, required=True, help="validation set, on which graph and run are compared")
    bundle.add_argument("--out", type=Path, required=True, help="folder of the bundle, such as models/NAME")
    bundle.add_argument("--threshold", type=float, default=THRESHOLD, help="anomaly_score that counts as unknown")
    bundle.add_argument("--metrics", type=Path, nargs="*", default=[], help="JSON files of training evaluate")
    return parser


def _bundle(options: argparse.Namespace) -> None:
    run = Run.load(options.run)
    judged = Judged.load(run.path)
    if judged is None:
        raise InputError(f"{run.path} has no {FILE}, so its scores have no scale; python -m training judge writes it")
    data = run.config.data
    frames = open_frames(options.val, data, run.label_set, data.val_sequences)
    choice = ExportOptions(options.threshold, metrics=tuple(options.metrics))
    bundle = export_bundle(run, judged, frames, options.out, choice)
    points = sum(part.points for part in bundle.score.ranges)
    print(f"score {bundle.judgement.score}: quantiles of {points} known points of '{judged.data}'")
    print(f"{bundle.path}: bundle {bundle.name} with sha256 {bundle.digest[:16]}")


if __name__ == "__main__":
    sys.exit(main())
