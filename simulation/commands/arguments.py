"""Arguments that several commands share, and their limits."""

from __future__ import annotations

import argparse
from typing import TypeAlias

from fm_ood_ros.errors import FmOodError
from simulation.look.weather import WEATHERS
from simulation.sensors.faults import Faults
from simulation.sensors.rigs import load_rig, rig_names

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
LONGEST = 10.0  # seconds of one street


def count(text: str) -> int:
    """1 or more."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is too small, expected 1 or more")
    return value


def whole(text: str) -> int:
    """0 or more."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{value} is negative, expected 0 or more")
    return value


def seconds(text: str) -> float:
    """A duration that a street lasts."""
    value = float(text)
    if not 0 < value <= LONGEST:
        raise argparse.ArgumentTypeError(
            f"{value:g} s is impossible, expected more than 0 and at most {LONGEST:g}: streets end"
        )
    return value


def rig(text: str) -> str:
    """The name of a rig, a rig file, or "any"."""
    try:
        if text != "any":
            load_rig(text)
    except FmOodError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def add_seed(command: argparse.ArgumentParser) -> None:
    """--seed"""
    command.add_argument("--seed", type=whole, default=0)


def add_rig(command: argparse.ArgumentParser, default: str = "any") -> None:
    """--rig"""
    command.add_argument("--rig", type=rig, default=default, help=f"{', '.join(rig_names())} or a .yaml file")


def add_weather(command: argparse.ArgumentParser) -> None:
    """--weather"""
    command.add_argument("--weather", choices=["any", *WEATHERS], default="any")


def add_faults(command: argparse.ArgumentParser) -> None:
    """What faults() reads."""
    group = command.add_argument_group("sensor errors, for robustness studies (default: none)")
    group.add_argument("--rolling-shutter", action="store_true", help="scans that take time while the vehicle moves")
    group.add_argument("--extrinsic-degrees", type=float, default=0.0, help="largest error of a camera's pose on file")
    group.add_argument("--extrinsic-metres", type=float, default=0.0, help="largest error of a camera's pose on file")
    group.add_argument("--time-offset", type=float, default=0.0, help="images up to so many ms off their scan")


def faults(args: argparse.Namespace) -> Faults:
    """The sensor errors asked for."""
    return Faults(args.rolling_shutter, args.extrinsic_degrees, args.extrinsic_metres, args.time_offset / 1000)
