"""python -m training detection: known against unknown clips, from stored features."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fm_ood_ros.errors import InputError
from fm_ood_ros.judgement.scores import SCORES
from training.runs.run import revision, write_json
from training.studies.detection.features import Features, read_features
from training.studies.detection.settings import DetectionConfig
from training.studies.detection.splits import far_files, near_split
from training.studies.detection.track import judge, table, train_heads
from training.yaml_settings import build, override_setting


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--id", type=Path, required=True, help=".npz of known clips: video, flow, labels")
    parser.add_argument("--test", type=Path, help=".npz of known clips to judge on (default: a share of --id)")
    parser.add_argument("--ood", type=Path, nargs="+", default=[], help=".npz files of unknown clips")
    parser.add_argument("--near", metavar="DATASET", help="MultiOOD's near split: --id has known and unknown classes")
    parser.add_argument("--far", metavar="DATASET", help="MultiOOD's far split: unknown sets lie beside --id by name")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="override one setting")
    parser.add_argument("--out", type=Path, help="JSON file for settings and metrics")


def detection(options: argparse.Namespace) -> None:
    """Trains, judges and prints."""
    settings: dict[str, Any] = {}
    for override in options.set:
        override_setting(settings, override)
    config = build(DetectionConfig, settings, "--set")
    known, unknown = _clips(options)
    trained, judged = (
        (known, read_features(options.test, known.widths))
        if options.test
        else known.split(config.held_out, config.seed)
    )
    if options.test and options.near:
        judged = near_split(judged, options.near)[0]
    heads = train_heads(trained, config)
    result = judge(heads, judged, unknown, list(SCORES))
    print(f"{config.method} with {config.cross_modal}, seed {config.seed}: trained on {len(trained)} clips")
    print(table(result))
    if options.out:
        write_json(options.out, {"settings": asdict(config), "revision": revision(), "id": known.name, **result})
        print(f"written to {options.out}")


def _clips(options: argparse.Namespace) -> tuple[Features, list[Features]]:
    """Known clips and the sets of unknown ones."""
    known = read_features(options.id)
    unknown: list[Features] = []
    if options.near:
        known, rest = near_split(known, options.near)
        unknown.append(rest)
    paths = [*options.ood, *(far_files(options.id, options.far) if options.far else ())]
    unknown += [read_features(path, known.widths) for path in paths]
    if not unknown:
        raise InputError("no unknown clips are given; add --ood FILE, --near DATASET or --far DATASET")
    return known, unknown
