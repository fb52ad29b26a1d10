"""python -m training fit | evaluate | describe | curves | inspect | detection | compare | heads: see --help."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from accelerate import PartialState

from fm_ood_ros.errors import FmOodError, InputError
from fm_ood_ros.judgement.scores import SCORES
from fm_ood_ros.model.label_sets import LabelSet
from training.commands import curves, describe, inspect
from training.config import load_config
from training.data.frames import Frames
from training.data.miscalibration import Miscalibrated
from training.data.opening import open_frames
from training.engine.loop import fit
from training.evaluate.evaluation import run_evaluation
from training.evaluate.pictures import write_pictures
from training.evaluate.table import best_score, table
from training.runs.run import Run, write_json
from training.studies.comparison import command as comparison_command
from training.studies.detection import command as detection_command
from training.studies.heads import command as heads_command


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
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(required=True)
    fit_ = commands.add_parser("fit", help="train a network and leave a run folder")
    fit_.set_defaults(command=_fit)
    fit_.add_argument("--config", type=Path, help="YAML, see training/configs (default: the built-in settings)")
    fit_.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="override one setting")
    fit_.add_argument("--data", type=Path, required=True, help="training set, of any kind (see inspect)")
    fit_.add_argument("--val", type=Path, help="validation set, evaluated at the end")
    fit_.add_argument("--out", type=Path, required=True, help="folder for the run")
    fit_.add_argument("--start", type=Path, metavar="RUN", help="begin with the weights of a finished run")
    fit_.add_argument("--resume", action="store_true", help="go on from the run's last checkpoint")
    judge = commands.add_parser("evaluate", help="per-point metrics of a finished run on a data set")
    judge.set_defaults(command=_evaluate)
    judge.add_argument("--run", type=Path, required=True, help="folder that fit left")
    judge.add_argument("--data", type=Path, required=True, help="data set, of any kind")
    judge.add_argument("--sequences", nargs="+", help="sequences to take (default: all)")
    judge.add_argument("--labels", default="labels", help="folder of SemanticKITTI's label files")
    judge.add_argument("--layout", help="YAML that says how CARLA frames lie on the disk")
    judge.add_argument("--label-set", help="label set of this data (default: the run's); its classes must be the same")
    judge.add_argument("--scores", nargs="+", default=["all"], choices=["all", *SCORES])
    judge.add_argument("--frames", type=int, help="take only so many, spread evenly")
    judge.add_argument(
        "--extrinsic-error",
        type=float,
        default=0.0,
        metavar="DEGREES",
        help="judge as if the LiDAR were turned about the camera by this angle",
    )
    judge.add_argument("--out", type=Path, help="JSON file (default: RUN/metrics_<data>.json)")
    cost = commands.add_parser("describe", help="parameters and operations of a configuration's network")
    cost.set_defaults(command=describe.describe)
    describe.add_arguments(cost)
    drawn = commands.add_parser("curves", help="how runs went, as one picture")
    drawn.set_defaults(command=curves.curves)
    curves.add_arguments(drawn)
    look = commands.add_parser("inspect", help="counts, class shares and overlay pictures of a data set")
    look.set_defaults(command=inspect.inspect)
    inspect.add_arguments(look)
    clips = commands.add_parser("detection", help="known against unknown clips, from stored video and flow features")
    clips.set_defaults(command=detection_command.detection)
    detection_command.add_arguments(clips)
    beside = commands.add_parser("compare", help="train and judge methods over seeds, in one table")
    beside.set_defaults(command=comparison_command.compare)
    comparison_command.add_arguments(beside)
    frozen = commands.add_parser("heads", help="settings of losses and outliers on the frozen features of runs")
    frozen.set_defaults(command=heads_command.heads)
    heads_command.add_arguments(frozen)
    return parser


def _fit(options: argparse.Namespace) -> None:
    config = load_config(options.config, options.set)
    run = fit(config, options.data, options.out, options.resume, val=options.val, start=options.start)
    if options.val is not None and PartialState().is_main_process:
        data = config.data
        _judge(run, open_frames(options.val, data, run.label_set, data.val_sequences))


def _evaluate(options: argparse.Namespace) -> None:
    run = Run.load(options.run)
    label_set = LabelSet.load(options.label_set) if options.label_set else run.label_set
    if [c.name for c in label_set.classes] != [c.name for c in run.label_set.classes]:
        raise InputError(
            f"label set '{label_set.name}' has other classes than '{run.label_set.name}', which the run was trained "
            "with; give one with the same classes in the same order"
        )
    data = replace(run.config.data, kind="auto", labels=options.labels, layout=options.layout)
    frames: Frames = open_frames(options.data, data, label_set, options.sequences)
    if options.extrinsic_error:
        frames = Miscalibrated(frames, options.extrinsic_error)
    scores = list(SCORES) if "all" in options.scores else options.scores
    _judge(run, frames, scores, options.frames, options.out)


def _judge(
    run: Run,
    frames: Frames,
    scores: Sequence[str] = tuple(SCORES),
    at_most: int | None = None,
    out: Path | None = None,
) -> None:
    assert frames.label_set is not None
    evaluation = run_evaluation(run.trained_network(), frames, frames.label_set, run.input_spec, scores, at_most)
    result = evaluation.result()
    print(table(result))
    data = frames.root.resolve().name
    facts = {"data": data, "label_set": frames.label_set.name, "best_score": best_score(result), **result}
    turned = ""
    if isinstance(frames, Miscalibrated):
        facts["extrinsic_error_degrees"] = frames.degrees
        turned = f"_turned_{frames.degrees:g}"
    out = out or run.path / f"metrics_{data}{turned}.json"
    write_json(out, {**facts, "run": run.record, "config": run.config.to_dict()})
    pictures = write_pictures(evaluation, out.with_suffix(""))
    print(f"written to {out}, {len(pictures)} pictures to {out.with_suffix('')}")


if __name__ == "__main__":
    sys.exit(main())
