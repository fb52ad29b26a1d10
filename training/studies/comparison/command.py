"""python -m training compare: every method beside the others, in one table."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path
from types import FrameType

from fm_ood_ros.errors import InputError
from training.studies.comparison.picture import write_picture
from training.studies.comparison.results import collect
from training.studies.comparison.runner import Runner
from training.studies.comparison.source import source_of
from training.studies.comparison.spec import Spec, load_spec
from training.studies.comparison.table import write_table
from training.studies.comparison.trial import Trial, check, trials_in, trials_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--config", type=Path, required=True, help="YAML, see training/configs/studies")
    parser.add_argument("--data", type=Path, required=True, help="benchmark's folder: train, val, dev, test")
    parser.add_argument("--out", type=Path, required=True, help="folder for runs and table; what is there goes on")
    parser.add_argument("--only", nargs="+", metavar="METHOD", help="run only these; the table shows all there are")
    parser.add_argument("--seeds", nargs="+", type=int, help="instead of the configuration's")
    parser.add_argument("--jobs", type=int, default=1, help="runs at once, each a process (default: 1)")
    parser.add_argument("--mix-revisions", action="store_true", help="accept runs of other source; the table says so")


def compare(options: argparse.Namespace) -> None:
    """Runs what is left, writes table and picture; raises InputError when a run failed, after all others."""
    if options.jobs < 1 or min(options.seeds or [0]) < 0:
        raise InputError(f"--jobs is {options.jobs}, --seeds {options.seeds}, expected 1 or more and none below 0")
    spec = load_spec(options.config)
    source = source_of(options.data, options.jobs)
    seeds = list(dict.fromkeys(options.seeds)) if options.seeds else None
    trials = trials_of(spec, options.out, spec.choose(options.only), seeds)
    for trial in {t.path: t for t in (*trials, *trials_in(spec, options.out))}.values():
        check(trial, source, options.mix_revisions)
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        failed = Runner(trials, options.data, source, options.jobs).run()
    finally:
        signal.signal(signal.SIGTERM, before)
    report(spec, options.out)
    if failed:
        names = ", ".join(trial.name for trial in failed)
        raise InputError(f"{len(failed)} runs failed ({names}); see output.txt in their folders, then run this again")


def report(spec: Spec, out: Path) -> None:
    """Writes and prints the table of all runs that are finished in a folder."""
    trials = trials_in(spec, out)
    methods = collect(trials, {name: method.title for name, method in spec.methods.items()})
    if not methods:
        print("no run is finished, so there is no table")
        return
    paths = write_table(methods, spec.common.control, _notes(spec, trials, out), out)
    paths.append(write_picture(methods, spec.common.control, out / "comparison.png"))
    print(paths[0].read_text(encoding="utf-8"))
    print(f"written to {', '.join(map(str, paths))}")


def _notes(spec: Spec, trials: list[Trial], out: Path) -> list[str]:
    """What the table does not show."""
    unfinished = [trial.name for trial in trials if not trial.finished]
    absent = [name for name in spec.methods if not any(trial.method == name for trial in trials)]
    strangers = sorted(path.name for path in out.iterdir() if path.is_dir() and path.name not in spec.methods)
    notes = {"Unfinished": unfinished, "Not started": absent, "Not of this comparison": strangers}
    return [f"{what}, so not shown: {', '.join(names)}." for what, names in notes.items() if names]


def _leave(number: int, frame: FrameType | None) -> None:
    """Ends the command as an exception does, so that the runs are stopped too."""
    raise SystemExit(128 + number)
