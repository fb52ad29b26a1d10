"""`python -m simulation dataset | benchmark | check | bag | play | audit | sheet | kinds`."""

from __future__ import annotations

import argparse
import sys

from fm_ood_ros.errors import FmOodError
from simulation.commands import audit, bag, benchmark, dataset, play, sheets

INTERRUPTED = 130  # as shells count SIGINT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for command in (dataset, benchmark, bag, play, audit, sheets):
        command.add(commands)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; returns its exit code."""
    args = _parser().parse_args(arguments)
    try:
        return int(args.run(args))
    except FmOodError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; what is written is whole, the same command goes on from there", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
