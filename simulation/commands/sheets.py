"""`sheet` and `kinds`: pictures of scenes and of the unknown objects."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulation.commands.arguments import Commands, add_rig, add_seed, count
from simulation.output.sheet import write_sheet


def add(commands: Commands) -> None:
    """Adds both parsers."""
    sheet = commands.add_parser("sheet", help="a picture of several scenes with their labels")
    sheet.add_argument("--rows", type=count, default=12)
    add_rig(sheet)
    sheet.set_defaults(run=run_sheet)
    kinds = commands.add_parser("kinds", help="a picture of every kind of unknown object")
    kinds.set_defaults(run=run_kinds)
    for parser in (sheet, kinds):
        parser.add_argument("--out", type=Path, required=True)
        add_seed(parser)


def run_sheet(args: argparse.Namespace) -> int:
    """Draws scenes."""
    write_sheet(args.out, args.seed, args.rows, args.rig)
    return 0


def run_kinds(args: argparse.Namespace) -> int:
    """Draws kinds."""
    from simulation.unknown.sheet import write_kinds_sheet

    write_kinds_sheet(args.out, args.seed)
    return 0
