"""`python -m benchmark [outliers | rig | frame]`: what this version reaches, measured anew; without a name all."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmark import outliers
from benchmark.frame import command as frame
from benchmark.rig import command as rig
from fm_ood_ros.errors import FmOodError


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one measurement, or all of them with their defaults; returns 1 where a bound is missed, 2 on an error."""
    parser = argparse.ArgumentParser(prog="python -m benchmark", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    for command in (outliers, rig, frame):
        command.add(commands)
    chosen = parser.parse_args(arguments)
    runs = [chosen] if chosen.command else [parser.parse_args([name]) for name in commands.choices]
    try:
        return max([int(options.run(options)) for options in runs])
    except FmOodError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
