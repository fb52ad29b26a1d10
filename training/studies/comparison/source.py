"""What makes the runs of a comparison: source, data and device."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from fm_ood_ros.errors import InputError
from training.engine.device import device_name
from training.runs.run import read_json, revision
from training.studies.comparison.trial import Source

INDEX = "index.json"
PARTS = ("train", "val", "dev", "test")


def source_of(data: Path, jobs: int) -> Source:
    """Of this process; raises InputError naming a folder of the benchmark that is missing."""
    missing = [part for part in PARTS if not (data / part).is_dir()]
    if missing:
        raise InputError(f"{data} has no folder '{missing[0]}', expected {', '.join(PARTS)}; give a benchmark's folder")
    return Source(revision(), _data(data), f"{device_name()}, {jobs} run(s) at once")


def _data(folder: Path) -> dict[str, str]:
    """Name and digest from the simulator's index; without one, a digest of the files' names and sizes."""
    if not (folder / INDEX).is_file():
        return {"name": folder.resolve().name, "names_and_sizes": _names_and_sizes(folder)}
    index = read_json(folder / INDEX)
    try:
        return {"name": f"{index['name']} {index['version']}", "index": str(index["digest"])}
    except KeyError as error:
        raise InputError(f"{folder / INDEX} lacks {error}, expected a benchmark's index; write it anew") from error


def _names_and_sizes(folder: Path) -> str:
    lines = []
    for part in PARTS:
        for below, _, names in os.walk(folder / part, followlinks=True):
            paths = [Path(below) / name for name in names]
            lines += [f"{path.relative_to(folder)} {path.stat().st_size}\n" for path in paths]
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()
