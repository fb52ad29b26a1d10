"""python -m training fit | judge | evaluate | describe | curves | inspect | detection | compare | heads: see --help."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from fm_ood_ros.errors import FmOodError
from training.commands import curves, describe, evaluate, fit, inspect, judge
from training.studies.comparison import command as comparison
from training.studies.detection import command as detection
from training.studies.heads import command as heads

Arguments = Callable[[argparse.ArgumentParser], None]
Command = Callable[[argparse.Namespace], None]
COMMANDS: dict[str, tuple[str, Arguments, Command]] = {
    "fit": ("train a network and leave a run folder", fit.add_arguments, fit.train),
    "judge": ("measure how a run's verdicts are judged, and choose its score", judge.add_arguments, judge.judge),
    "evaluate": ("what a run or a bundle is worth on a data set", evaluate.add_arguments, evaluate.evaluate),
    "describe": ("parameters and operations of a configuration's network", describe.add_arguments, describe.describe),
    "curves": ("how runs went, as one picture", curves.add_arguments, curves.curves),
    "inspect": ("counts, class shares and overlay pictures of a data set", inspect.add_arguments, inspect.inspect),
    "detection": ("known against unknown clips, from stored features", detection.add_arguments, detection.detection),
    "compare": ("train and judge methods over seeds, in one table", comparison.add_arguments, comparison.compare),
    "heads": ("losses and outliers on the frozen features of runs", heads.add_arguments, heads.heads),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except FmOodError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, (help_, add_arguments, command) in COMMANDS.items():
        one = commands.add_parser(name, help=help_)
        one.set_defaults(command=command)
        add_arguments(one)
    return parser


if __name__ == "__main__":
    sys.exit(main())
