"""Writes a split of the benchmark, one process per core, each sequence whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fm_ood_ros.errors import InputError
from simulation import VERSION
from simulation.output.crew import work
from simulation.output.layout import replace_json, sequence_name, start_sequence, write_frame, write_json
from simulation.output.recording import Recording
from simulation.output.revision import source_revision
from simulation.sensors.faults import NO_FAULTS, Faults
from simulation.sensors.rigs import rig_identity
from simulation.unknown import KINDS_OF_SPLIT, OTHER_OBJECT
from simulation.world.scene import Scene, SceneRequest

SPLIT_CODE = {"train": 0, "val": 1, "dev": 2, "test": 3}
PERIOD = 0.5  # seconds between frames


@dataclass(frozen=True)
class DatasetRequest:
    """What to write; split: whose unknown objects; rigs: what the scenes have in turn; period: s between frames

    folder: below `out`, None for the split's name
    """

    out: Path
    split: str
    scenes: int
    frames: int
    seed: int
    workers: int = 1
    weather: str = "any"
    rigs: tuple[str, ...] = ("any",)
    period: float = PERIOD
    faults: Faults = NO_FAULTS
    folder: str | None = None

    @property
    def name(self) -> str:
        """Of its folder."""
        return self.folder or self.split

    @property
    def root(self) -> Path:
        """Folder of the split."""
        return self.out / self.name

    def rig(self, index: int) -> str:
        """The rig of one scene, or "any"."""
        return self.rigs[index % len(self.rigs)]

    def scene(self, index: int) -> SceneRequest:
        """The scene of one sequence; splits never share a seed."""
        seed = (self.seed, SPLIT_CODE[self.split], index)
        duration = self.period * (self.frames - 1)
        return SceneRequest(
            seed, KINDS_OF_SPLIT[self.split], self.weather, self.rig(index), duration, faults=self.faults
        )

    def identity(self, index: int) -> dict[str, Any]:
        """What decides a sequence's bytes, but for the program."""
        return {
            "simulator": VERSION, "seed": list(self.scene(index).seed), "split": self.split, "frames": self.frames,
            "period": self.period, "requested_weather": self.weather, "requested_rig": rig_identity(self.rig(index)),
            "faults": self.faults.record(),
        }  # fmt: skip


def write_dataset(request: DatasetRequest) -> None:
    """Writes what is missing of a split and its index scenes.json; prints progress.

    Raises InputError when the folder holds another data set or cannot be written.
    """
    todo = _missing(request)
    print(f"{request.name}: {request.scenes - len(todo)} of {request.scenes} scenes are there already", flush=True)
    work(_write_sequence, [(request, index) for index in todo], request.workers, request.frames, request.name)
    _write_index(request)


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
        elif not _same(json.loads(record.read_text(encoding="utf-8")), request, index):
            raise InputError(
                f"{record.parent} was written with other settings or another version of the simulator; "
                "remove the split or give another --out"
            )
    return todo


def _same(record: dict[str, Any], request: DatasetRequest, index: int) -> bool:
    return record["request"] == request.identity(index) and record["source_revision"] == source_revision()


def _write_sequence(job: tuple[DatasetRequest, int]) -> None:
    request, index = job
    folder = request.root / "sequences"
    partial, final = folder / f".{sequence_name(index)}.partial", folder / sequence_name(index)
    try:
        _fill(partial, request, index)
        partial.rename(final)
    except OSError as error:
        raise InputError(
            f"{final} cannot be written ({error.strerror or error}); free some space and run again"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _fill(folder: Path, request: DatasetRequest, index: int) -> None:
    times = np.arange(request.frames) * request.period
    points: Counter[int] = Counter()
    with Recording(request.scene(index)) as recording:
        start_sequence(folder, recording.scene.rig.calibrations, times)
        for i, t in enumerate(times):
            frame, scan = recording.frame(float(t))
            write_frame(folder, i, frame, scan, recording.further_images(float(t)))
            points.update(scan.instance[scan.label == OTHER_OBJECT].tolist())
        record = _record(request, index, recording.scene, points)
        write_json(folder / "scene.json", {**record, "files": _digests(folder)})


def _digests(folder: Path) -> dict[str, str]:
    """sha256 of every file below a folder, by its path from there."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def _record(request: DatasetRequest, index: int, scene: Scene, points: Counter[int]) -> dict[str, Any]:
    """What there is to know of a sequence; points: of each unknown object's instance over all scans, none if hidden."""
    return {
        "request": request.identity(index), "sequence": sequence_name(index), "weather": scene.weather_name,
        "rig": scene.rig.name, "sensors": scene.rig.facts(), "source_revision": source_revision(),
        "unknown_objects": [
            {**u.record(), "points": points[u.instance]} for u in scene.unknowns if points[u.instance]
        ],
    }  # fmt: skip


def _write_index(request: DatasetRequest) -> None:
    folder = request.root / "sequences"
    records = [
        json.loads((folder / sequence_name(i) / "scene.json").read_text(encoding="utf-8"))
        for i in range(request.scenes)
    ]
    for record in records:
        del record["files"]
    replace_json(request.root / "scenes.json", {"simulator": VERSION, "split": request.split, "scenes": records})
