"""`audit`: the shortcut test."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulation.audit import LIMIT, audit
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
    print(f"unknown objects: {share:.2%} of the points in view")
    print(f"{'cue':<14}{'AUROC':>7}{'AP':>8}")
    for cue, auroc, precision in verdicts:
        print(f"{cue:<14}{auroc:7.3f}{precision:8.3f}{'   too easy' if auroc >= LIMIT else ''}")
    return int(any(v.auroc >= LIMIT for v in verdicts))
