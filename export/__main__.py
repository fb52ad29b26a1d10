"""python -m export bundle: see --help."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from export.bundle import ExportOptions, export_bundle
from fm_ood_ros.errors import FmOodError
from training.data.opening import open_frames
from training.evaluate.scores import SCORES
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
    bundle.add_argument("--val", type=Path, required=True, help="validation set: quantiles of the score, parity")
    bundle.add_argument("--out", type=Path, required=True, help="folder of the bundle, such as models/NAME")
    bundle.add_argument("--score", default="max_logit", choices=sorted(SCORES))
    bundle.add_argument("--threshold", type=float, default=0.95, help="anomaly_score that counts as unknown")
    bundle.add_argument("--metrics", type=Path, nargs="*", default=[], help="JSON files of training evaluate")
    bundle.add_argument("--frames", type=int, default=400, help="at most so many validation frames for the quantiles")
    return parser


def _bundle(options: argparse.Namespace) -> None:
    run = Run.load(options.run)
    data = run.config.data
    frames = open_frames(options.val, data, run.label_set, data.val_sequences)
    choice = ExportOptions(
        options.score, options.threshold, scale_frames=options.frames, metrics=tuple(options.metrics)
    )
    bundle = export_bundle(run, frames, options.out, choice)
    score = bundle.manifest["score"]
    print(f"score {score['name']}: quantiles of {score['points']} known points of '{score['data']}'")
    print(f"{bundle.path}: bundle {bundle.name} with sha256 {bundle.digest[:16]}")


if __name__ == "__main__":
    sys.exit(main())
