"""`audit`: the shortcut test."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulation.audit.audit import audit, table
from simulation.commands.arguments import Commands


def add(commands: Commands) -> None:
    """Adds the parser."""
    parser = commands.add_parser("audit", help="the shortcut test; exit code 1 when a cue reaches the limit")
    parser.add_argument("--known", type=Path, required=True, help="a split without unknown objects")
    parser.add_argument("--test", type=Path, required=True, help="a split with unknown objects")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints the verdicts."""
    verdicts, share = audit(args.known, args.test)
    print(table(verdicts, share))
    return int(any(v.easy for v in verdicts))
