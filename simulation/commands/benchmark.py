"""`benchmark` and `check`: the fixed benchmark and whether a folder still is it."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulation.benchmark.check import check_folder
from simulation.benchmark.spec import SHIPPED, SIZES, load_spec
from simulation.benchmark.write import write_benchmark
from simulation.commands.arguments import Commands, count, rig


def add(commands: Commands) -> None:
    """Adds both parsers."""
    parser = commands.add_parser("benchmark", help="write Street-OOD v1: all splits, index and data card")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", choices=SIZES, default="full", help="small: the first tenth of every split")
    parser.add_argument("--workers", type=count, default=2, help="processes, one per core")
    parser.add_argument("--spec", type=Path, default=SHIPPED, help="another benchmark's file")
    parser.add_argument("--rigs", type=rig, nargs=2, metavar=("MAIN", "SECOND"), help="instead of the file's rigs")
    parser.add_argument("--no-audit", dest="audit", action="store_false", help="leave the shortcut audit out")
    parser.set_defaults(run=run)
    check = commands.add_parser("check", help="compare a benchmark's folder with its index; exit code 1 if it differs")
    check.add_argument("folder", type=Path)
    check.set_defaults(run=run_check)


def run(args: argparse.Namespace) -> int:
    """Writes what is missing of it."""
    write_benchmark(load_spec(args.spec, args.rigs), args.size, args.out, args.workers, args.audit)
    return 0


def run_check(args: argparse.Namespace) -> int:
    """Names every difference."""
    report = check_folder(args.folder)
    for kind, names in (("missing", report.missing), ("changed", report.changed), ("extra", report.extra)):
        for name in names:
            print(f"{kind}: {name}")
    print(report.summary())
    return int(not report.whole)
