"""The process of one run: python -m training.studies.comparison.worker DATA FOLDER, where FOLDER holds trial.json."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fm_ood_ros.errors import FmOodError, InputError
from training.config import Config
from training.data.frames import Frames
from training.data.opening import open_frames
from training.engine.loop import fit
from training.evaluate.choice import choose_score
from training.evaluate.evaluation import Evaluation, run_evaluation
from training.evaluate.model import Judged, fit_judged
from training.evaluate.report import record
from training.evaluate.subject import Subject
from training.runs.run import CHECKPOINT, RECORD, Run, read_json, write_json
from training.studies.comparison.scenes import save_scenes
from training.studies.comparison.trial import DEV, SCENES, TEST, TRIAL
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
    """Trains on train, fits the judgement on val and dev and, at the very end and once, judges test.

    What is there already stays.

    Raises InputError when dev has no unknown points, before test is looked at.
    """
    if not (folder / RECORD).is_file():
        held_out = data / "val" if config.stopping.every else None
        fit(config, data / "train", folder, resume=(folder / CHECKPOINT).is_file(), val=held_out)
    run = Run.load(folder)
    if not (folder / DEV).is_file() or Judged.load(folder) is None:
        judged = fit_judged(run, _open(run, data / "val"))
        judged, found = choose_score(run, judged, _open(run, data / "dev"))
        judged.save(folder)
        _write(found, _open(run, data / "dev"), folder / DEV)
    if not (folder / TEST).is_file():
        frames = _open(run, data / "test")
        found = run_evaluation(Subject.of_run(run, Judged.load(folder)), frames)
        assert found.judged is not None
        save_scenes(folder / SCENES, found.judged)
        _write(found, frames, folder / TEST)


def _open(run: Run, data: Path) -> Frames:
    return open_frames(data, run.config.data, run.label_set)


def _write(evaluation: Evaluation, frames: Frames, out: Path) -> None:
    new = out.with_suffix(".new")
    write_json(new, record(evaluation, frames))
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
