"""Writes a split of the benchmark, one process per core, each sequence whole or not at all."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fm_ood_ros.errors import InputError
from simulation import VERSION
from simulation.layout import sequence_name, start_sequence, write_frame, write_json
from simulation.recording import Recording
from simulation.revision import source_revision
from simulation.scene import Scene, SceneRequest
from simulation.sensors.faults import NO_FAULTS, Faults
from simulation.sensors.rigs import rig_identity
from simulation.unknown import KINDS_OF_SPLIT

SPLIT_CODE = {"train": 0, "val": 1, "dev": 2, "test": 3}
PERIOD = 0.5  # seconds between frames


@dataclass(frozen=True)
class DatasetRequest:
    """What to write; frames per scene are PERIOD seconds apart."""

    out: Path
    split: str
    scenes: int
    frames: int
    seed: int
    workers: int = 1
    weather: str = "any"
    rig: str = "any"
    period: float = PERIOD
    faults: Faults = NO_FAULTS

    @property
    def root(self) -> Path:
        """Folder of the split."""
        return self.out / self.split

    def scene(self, index: int) -> SceneRequest:
        """The scene of one sequence; splits never share a seed."""
        seed = (self.seed, SPLIT_CODE[self.split], index)
        duration = self.period * (self.frames - 1)
        return SceneRequest(seed, KINDS_OF_SPLIT[self.split], self.weather, self.rig, duration, faults=self.faults)

    def identity(self, index: int) -> dict[str, Any]:
        """What decides a sequence's bytes, but for the program."""
        return {
            "simulator": VERSION, "seed": list(self.scene(index).seed), "split": self.split, "frames": self.frames,
            "period": self.period, "requested_weather": self.weather, "requested_rig": rig_identity(self.rig),
            "faults": self.faults.record(),
        }  # fmt: skip


def write_dataset(request: DatasetRequest) -> None:
    """Writes what is missing of a split and its index scenes.json; prints progress.

    Raises InputError when the folder holds another data set or cannot be written.
    """
    todo = _missing(request)
    print(f"{request.split}: {request.scenes - len(todo)} of {request.scenes} scenes are there already", flush=True)
    start, done = time.perf_counter(), 0
    jobs = [(request, index) for index in todo]
    if request.workers > 1 and len(todo) > 1:
        with multiprocessing.get_context("spawn").Pool(min(request.workers, len(todo))) as pool:
            for _ in pool.imap_unordered(_write_sequence, jobs):
                done += 1
                _report(request, done, len(todo), start)
    else:
        for job in jobs:
            _write_sequence(job)
            done += 1
            _report(request, done, len(todo), start)
    _write_index(request)


def _report(request: DatasetRequest, done: int, total: int, start: float) -> None:
    rate = done * request.frames / (time.perf_counter() - start)
    end = "\n" if done == total or not sys.stdout.isatty() else "\r"
    if done == total or sys.stdout.isatty() or done % 10 == 0:
        print(f"{request.split}: {done}/{total} scenes, {rate:.1f} frames/s", end=end, flush=True)


def _missing(request: DatasetRequest) -> list[int]:
    """Scenes to write; half-written ones of an interrupted run are removed."""
    folder = request.root / "sequences"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({error.strerror}); give another --out") from error
    for rest in folder.glob(".*.partial"):
        shutil.rmtree(rest)
    todo = []
    for index in range(request.scenes):
        record = folder / sequence_name(index) / "scene.json"
        if not record.exists():
            todo.append(index)
        elif json.loads(record.read_text(encoding="utf-8"))["request"] != request.identity(index):
            raise InputError(
                f"{record.parent} was written with other settings or another version of the simulator; "
                "remove the split or give another --out"
            )
    return todo


def _write_sequence(job: tuple[DatasetRequest, int]) -> None:
    request, index = job
    folder = request.root / "sequences"
    partial, final = folder / f".{sequence_name(index)}.partial", folder / sequence_name(index)
    times = np.arange(request.frames) * request.period
    with Recording(request.scene(index)) as recording:
        try:
            start_sequence(partial, recording.scene.rig.calibrations, times)
            for i, t in enumerate(times):
                write_frame(partial, i, *recording.frame(float(t)), recording.further_images(float(t)))
            write_json(partial / "scene.json", _record(request, index, recording.scene))
            partial.rename(final)
        except OSError as error:
            raise InputError(
                f"{final} cannot be written ({error.strerror or error}); free some space and run again"
            ) from error


def _record(request: DatasetRequest, index: int, scene: Scene) -> dict[str, Any]:
    """What there is to know of a sequence."""
    return {
        "request": request.identity(index), "sequence": sequence_name(index), "weather": scene.weather_name,
        "rig": scene.rig.name, "sensors": scene.rig.facts(), "source_revision": source_revision(),
        "unknown_objects": [u.record() for u in scene.unknowns],
    }  # fmt: skip


def _write_index(request: DatasetRequest) -> None:
    folder = request.root / "sequences"
    records = [
        json.loads((folder / sequence_name(i) / "scene.json").read_text(encoding="utf-8"))
        for i in range(request.scenes)
    ]
    write_json(request.root / "scenes.json", {"simulator": VERSION, "split": request.split, "scenes": records})
