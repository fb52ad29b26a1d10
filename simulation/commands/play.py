"""`play`: a live source on ROS 2."""

from __future__ import annotations

import argparse
from pathlib import Path

from fm_ood_ros.errors import InputError
from simulation.commands.arguments import Commands, add_rig, add_seed, add_weather, count, seconds
from simulation.output.dataset import SPLIT_CODE


def add(commands: Commands) -> None:
    """Adds the parser."""
    parser = commands.add_parser("play", help="publish the rig's topics in real time, as CARLA's ROS bridge names them")
    parser.add_argument("--role", default="ego_vehicle", help="topics are /carla/ROLE/...")
    parser.add_argument("--rate", type=_rate, default=10.0, help="frames per second")
    parser.add_argument("--image-every", type=count, default=1, help="frames per image")
    parser.add_argument("--lidar-every", type=count, default=1, help="frames per cloud")
    parser.add_argument("--seconds", type=_duration, help="end after so many (default: when interrupted)")
    parser.add_argument("--street", type=seconds, default=10.0, help="seconds until the next street begins")
    parser.add_argument("--workers", type=count, default=1, help="processes that render, a street each")
    parser.add_argument("--ahead", type=_duration, default=2.0, help="seconds of frames that each may be ahead")
    parser.add_argument("--split", choices=list(SPLIT_CODE), default="test", help="whose unknown objects")
    parser.add_argument("--calibration", type=Path, help="where to write the calibration (default: a temporary file)")
    add_seed(parser)
    add_rig(parser, default="kitti")
    add_weather(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Plays."""
    if args.rig == "any":
        raise InputError("rig 'any' cannot be played, expected one rig: a vehicle keeps its sensors; give its name")
    try:
        from simulation.live.player import play
        from simulation.live.streets import PlayRequest
    except ImportError as error:
        raise InputError(f"{error}: playing needs ROS 2; install the 'ros' extra or source a ROS 2 set-up") from error
    request = PlayRequest(
        args.rig, args.rate, args.seed, args.weather, args.split, args.street, args.workers, args.ahead
    )  # fmt: skip
    play(request, args.role, args.seconds, (args.image_every, args.lidar_every), args.calibration)
    return 0


def _rate(text: str) -> float:
    value = float(text)
    if not 0 < value <= 100:
        raise argparse.ArgumentTypeError(f"{value:g} frames/s is impossible, expected more than 0 and at most 100")
    return value


def _duration(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{value:g} s is impossible, expected more than 0")
    return value
