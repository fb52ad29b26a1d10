"""`bag`: a ROS 2 recording."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulation.commands.arguments import Commands, add_faults, add_rig, add_seed, add_weather, faults, seconds
from simulation.output.bag import BagRequest, write_bag
from simulation.output.dataset import SPLIT_CODE


def add(commands: Commands) -> None:
    """Adds the parser."""
    parser = commands.add_parser("bag", help="write a ROS 2 recording, a folder or a single .mcap file")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=seconds, default=4.0)
    parser.add_argument(
        "--split", choices=list(SPLIT_CODE), default="test", help="whose unknown objects (train, val: none)"
    )
    parser.add_argument("--raw-images", action="store_true", help="Image rgb8 instead of CompressedImage")
    add_seed(parser)
    add_rig(parser)
    add_weather(parser)
    add_faults(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Writes it."""
    request = BagRequest(
        args.out, args.seconds, args.seed, args.weather, args.rig, args.split,
        raw_images=args.raw_images, faults=faults(args),
    )  # fmt: skip
    print(f"wrote {write_bag(request)}: {request.clouds} clouds")
    return 0
