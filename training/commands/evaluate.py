"""python -m training evaluate: what a run or a bundle is worth on a labelled data set."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fm_ood_ros.errors import InputError
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.label_sets import LabelSet
from training.data.frames import Frames
from training.data.miscalibration import Miscalibrated
from training.data.opening import open_frames
from training.data.settings import DataConfig
from training.evaluate.evaluation import run_evaluation
from training.evaluate.model import Judged
from training.evaluate.report import report
from training.evaluate.subject import Subject
from training.runs.run import Run

RESULTS = Path("results")  # of bundles, whose own folders stay as they were exported


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is impossible, expected 1 or more")
    return value


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--run", type=Path, help="folder that fit left")
    what.add_argument("--model", type=Path, help="folder of a model bundle, judged as a vehicle does")
    parser.add_argument("--data", type=Path, required=True, help="data set, of any kind, or a benchmark's folder")
    parser.add_argument("--split", help="part of a benchmark's folder, such as test")
    parser.add_argument("--sequences", nargs="+", help="sequences to take (default: none that the run was trained on)")
    parser.add_argument("--labels", default="labels", help="folder of SemanticKITTI's label files")
    parser.add_argument("--layout", help="YAML that says how CARLA frames lie on the disk")
    parser.add_argument("--label-set", help="label set of this data (default: the model's); of the same classes")
    parser.add_argument("--frames", type=_count, help="take only so many, spread evenly")
    parser.add_argument(
        "--extrinsic-error",
        type=float,
        default=0.0,
        metavar="DEGREES",
        help="judge as if the LiDAR were turned about the camera by this angle",
    )
    parser.add_argument("--out", type=Path, help="JSON file (default: metrics_DATA.json in RUN, or in results/MODEL)")


def evaluate(options: argparse.Namespace) -> None:
    """Judges, prints the table, writes JSON and pictures."""
    subject, folder = _subject(options)
    labels = _labels(options.label_set, subject.labels)
    root = options.data / options.split if options.split else options.data
    sequences = options.sequences or usual_sequences(root, subject.training)
    frames: Frames = open_frames(root, _data(subject.training, options), labels, sequences)
    if options.extrinsic_error:
        frames = Miscalibrated(frames, options.extrinsic_error)
    evaluation = run_evaluation(subject, frames, labels, at_most=options.frames)
    report(evaluation, frames, options.out or folder / _name(root, options), options.split)


def usual_sequences(root: Path, training: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Which sequences of a data set to judge unless told: all, but the run's for validation where it was trained on it.

    Raises InputError where the run names none of these.
    """
    data = training.get("config", {}).get("data", {})
    if root.resolve().name != training.get("data") or not data.get("train_sequences"):
        return None
    if not data.get("val_sequences"):
        trained = ", ".join(data["train_sequences"])
        raise InputError(f"{root} has the sequences {trained} that the run was trained on; say which with --sequences")
    return tuple(data["val_sequences"])


def _subject(options: argparse.Namespace) -> tuple[Subject, Path]:
    """What is judged, and the folder for its results."""
    if options.model:
        bundle = ModelBundle.load(options.model)
        return Subject.of_bundle(bundle), RESULTS / bundle.name
    run = Run.load(options.run)
    return Subject.of_run(run, Judged.load(run.path)), run.path


def _labels(name: str | None, own: LabelSet) -> LabelSet:
    labels = LabelSet.load(name) if name else own
    if [c.name for c in labels.classes] != [c.name for c in own.classes]:
        raise InputError(
            f"label set '{labels.name}' has other classes than '{own.name}', which the run was trained "
            "with; give one with the same classes in the same order"
        )
    return labels


def _data(training: Mapping[str, Any], options: argparse.Namespace) -> DataConfig:
    """The run's camera, and the rest as this data set is."""
    data = training.get("config", {}).get("data", {})
    own = {key: data[key] for key in ("camera", "rectified") if key in data}
    return DataConfig(labels=options.labels, layout=options.layout, **own)


def _name(root: Path, options: argparse.Namespace) -> str:
    told: Sequence[str] = options.sequences or ()
    turned = [f"turned_{options.extrinsic_error:g}"] if options.extrinsic_error else []
    return "_".join(["metrics", root.resolve().name, *told, *turned]) + ".json"
