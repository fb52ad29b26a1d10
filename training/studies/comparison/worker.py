"""The process of one run: python -m training.studies.comparison.worker DATA FOLDER, where FOLDER holds trial.json."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fm_ood_ros.errors import FmOodError, InputError
from training.config import Config
from training.data.opening import open_frames
from training.engine.loop import fit, new_accelerator
from training.evaluate.evaluation import evaluate
from training.evaluate.table import best_score
from training.runs.run import CHECKPOINT, RECORD, Run, read_json, write_json
from training.studies.comparison.trial import DEV, TEST, TRIAL
from training.yaml_settings import build


def main(data: Path, folder: Path) -> int:
    """Does what is left of a run; returns the exit status."""
    try:
        with _alone(folder):
            config = build(Config, read_json(folder / TRIAL)["config"], str(folder / TRIAL))
            train_and_judge(config, data, folder)
    except FmOodError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def train_and_judge(config: Config, data: Path, folder: Path) -> None:
    """Trains on train, then judges dev and, at the very end and once, test; what is there already stays.

    Raises InputError when dev has no unknown points, before test is looked at.
    """
    if not (folder / RECORD).is_file():
        held_out = data / "val" if config.stopping.every else None
        fit(config, data / "train", folder, resume=(folder / CHECKPOINT).is_file(), val=held_out)
    run = Run.load(folder)
    if not (folder / DEV).is_file():
        _judge(run, data / "dev", folder / DEV)
    if best_score(read_json(folder / DEV)) is None:
        raise InputError(f"{data / 'dev'} has no unknown points, so no score can be chosen; give a set that has some")
    if not (folder / TEST).is_file():
        _judge(run, data / "test", folder / TEST)


def _judge(run: Run, data: Path, out: Path) -> None:
    frames = open_frames(data, run.config.data, run.label_set)
    network = run.trained_network().to(new_accelerator(run.config).device)
    result = evaluate(network, frames, run.label_set, run.input_spec)
    new = out.with_suffix(".new")
    write_json(new, {"data": data.name, "best_score": best_score(result), **result})
    new.replace(out)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Holds the folder's lock, which the system frees when this process ends, however it does."""
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InputError(f"{folder} is in the hands of another process; wait for it, or stop it") from error
        yield


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
