"""python -m training curves: how runs went, as one picture."""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2

from fm_ood_ros.errors import InputError
from training.evaluate.plot import Picture, chart, sheet
from training.runs.progress import read_log
from training.runs.run import LOG

PICTURE = "curves.png"
Log = list[dict[str, float]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--run", type=Path, nargs="+", required=True, help="folders of fit, also of unfinished runs")
    parser.add_argument("--out", type=Path, help=f"PNG file (default: {PICTURE} in the first run's folder)")


def curves(options: argparse.Namespace) -> None:
    """Writes the picture: a chart for every quantity in the logs, a line for every run."""
    logs = {_name(path, options.run): _log(path) for path in options.run}
    out = options.out or options.run[0] / PICTURE
    if not cv2.imwrite(str(out), draw(logs)[..., ::-1]):
        raise InputError(f"{out} cannot be written as a picture; give a .png in a folder that exists")
    print(f"written to {out}")


def draw(logs: dict[str, Log]) -> Picture:
    """RGB picture of logs by name."""
    quantities = dict.fromkeys(key for log in logs.values() for line in log for key in line if key != "step")
    return sheet([chart(quantity, {n: _line(log, quantity) for n, log in logs.items()}) for quantity in quantities])


def _line(log: Log, quantity: str) -> tuple[list[float], list[float]]:
    known = [line for line in log if quantity in line]
    return [line["step"] for line in known], [line[quantity] for line in known]


def _log(path: Path) -> Log:
    log = read_log(path / LOG)
    if not log:
        raise InputError(f"{path} has no lines in {LOG} yet; give the folder of a training run (--out of fit)")
    return log


def _name(path: Path, runs: list[Path]) -> str:
    """A run's folder, with the folder above where two have the same."""
    alike = [p for p in runs if p.name == path.name]
    return path.name if len(alike) == 1 else f"{path.parent.name}/{path.name}"
