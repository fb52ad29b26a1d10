"""`dataset`: one split."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulation.commands.arguments import Commands, add_faults, add_rig, add_seed, add_weather, count, faults, seconds
from simulation.output.dataset import PERIOD, SPLIT_CODE, DatasetRequest, write_dataset


def add(commands: Commands) -> None:
    """Adds the parser."""
    parser = commands.add_parser("dataset", help="write a split in SemanticKITTI's layout to OUT/SPLIT")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--split", choices=list(SPLIT_CODE), required=True)
    parser.add_argument("--scenes", type=count, required=True)
    parser.add_argument("--frames", type=count, default=4, help="per scene")
    parser.add_argument("--period", type=seconds, default=PERIOD, help="seconds between frames")
    parser.add_argument("--workers", type=count, default=1, help="processes, one per core")
    add_seed(parser)
    add_rig(parser)
    add_weather(parser)
    add_faults(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Writes it."""
    request = DatasetRequest(
        args.out, args.split, args.scenes, args.frames, args.seed, args.workers, args.weather, (args.rig,),
        args.period, faults(args),
    )  # fmt: skip
    write_dataset(request)
    return 0
