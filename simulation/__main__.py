"""`python -m simulation dataset | bag | audit | sheet`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fm_ood_ros.errors import FmOodError
from simulation.audit import LIMIT, audit
from simulation.bag import BagRequest, write_bag
from simulation.dataset import PERIOD, SPLIT_CODE, DatasetRequest, write_dataset
from simulation.sensors.faults import Faults
from simulation.sensors.rigs import load_rig, rig_names
from simulation.sheet import write_sheet
from simulation.weather import WEATHERS

LONGEST = 10.0  # seconds of one street


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is too small, expected 1 or more")
    return value


def _whole(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{value} is negative, expected 0 or more")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= LONGEST:
        raise argparse.ArgumentTypeError(
            f"{value:g} s is impossible, expected more than 0 and at most {LONGEST:g}: streets end"
        )
    return value


def _rig(text: str) -> str:
    try:
        if text != "any":
            load_rig(text)
    except FmOodError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    weathers = ["any", *WEATHERS]

    data = commands.add_parser("dataset", help="write a split in SemanticKITTI's layout to OUT/SPLIT")
    data.add_argument("--out", type=Path, required=True)
    data.add_argument("--split", choices=list(SPLIT_CODE), required=True)
    data.add_argument("--scenes", type=_count, required=True)
    data.add_argument("--frames", type=_count, default=4, help="per scene")
    data.add_argument("--period", type=_seconds, default=PERIOD, help="seconds between frames")
    data.add_argument("--workers", type=_count, default=1, help="processes, one per core")

    bag = commands.add_parser("bag", help="write a ROS 2 recording, a folder or a single .mcap file")
    bag.add_argument("--out", type=Path, required=True)
    bag.add_argument("--seconds", type=_seconds, default=4.0)
    bag.add_argument(
        "--split", choices=list(SPLIT_CODE), default="test", help="whose unknown objects (train, val: none)"
    )
    bag.add_argument("--raw-images", action="store_true", help="Image rgb8 instead of CompressedImage")

    sheet = commands.add_parser("sheet", help="a picture of several scenes with their labels")
    sheet.add_argument("--out", type=Path, required=True)
    sheet.add_argument("--rows", type=_count, default=12)
    for command in (data, bag, sheet):
        command.add_argument("--seed", type=_whole, default=0)
        command.add_argument("--rig", type=_rig, default="any", help=f"{', '.join(rig_names())} or a .yaml file")
    for command in (data, bag):
        command.add_argument("--weather", choices=weathers, default="any")
        _add_faults(command.add_argument_group("sensor errors, for robustness studies (default: none)"))

    check = commands.add_parser("audit", help="the shortcut test; exit code 1 when a cue reaches the limit")
    check.add_argument("--known", type=Path, required=True, help="a split without unknown objects")
    check.add_argument("--test", type=Path, required=True, help="a split with unknown objects")
    return parser


def _add_faults(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--rolling-shutter", action="store_true", help="scans that take time while the vehicle moves")
    group.add_argument("--extrinsic-degrees", type=float, default=0.0, help="largest error of a camera's pose on file")
    group.add_argument("--extrinsic-metres", type=float, default=0.0, help="largest error of a camera's pose on file")
    group.add_argument("--time-offset", type=float, default=0.0, help="images up to so many ms off their scan")


def _faults(args: argparse.Namespace) -> Faults:
    return Faults(args.rolling_shutter, args.extrinsic_degrees, args.extrinsic_metres, args.time_offset / 1000)


def _audit(known: Path, test: Path) -> int:
    verdicts, share = audit(known, test)
    print(f"unknown objects: {share:.2%} of the points in view")
    print(f"{'cue':<14}{'AUROC':>7}{'AP':>8}")
    for cue, auroc, precision in verdicts:
        print(f"{cue:<14}{auroc:7.3f}{precision:8.3f}{'   too easy' if auroc >= LIMIT else ''}")
    return int(any(v.auroc >= LIMIT for v in verdicts))


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; returns its exit code."""
    args = _parser().parse_args(arguments)
    try:
        if args.command == "audit":
            return _audit(args.known, args.test)
        if args.command == "sheet":
            write_sheet(args.out, args.seed, args.rows, args.rig)
        elif args.command == "bag":
            request = BagRequest(
                args.out,
                args.seconds,
                args.seed,
                args.weather,
                args.rig,
                args.split,
                raw_images=args.raw_images,
                faults=_faults(args),
            )
            print(f"wrote {write_bag(request)}: {request.clouds} clouds")
        else:
            write_dataset(
                DatasetRequest(
                    args.out,
                    args.split,
                    args.scenes,
                    args.frames,
                    args.seed,
                    args.workers,
                    args.weather,
                    args.rig,
                    args.period,
                    _faults(args),
                )
            )
    except FmOodError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
