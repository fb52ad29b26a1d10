"""Statistics of a training set, kept between runs for as long as its files stay as they are."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fm_ood_ros.errors import InputError
from fm_ood_ros.model.label_sets import LabelSet
from training.config import Config
from training.data.frames import Frames
from training.data.statistics import Statistics, measure

FORMAT = 2  # to be raised when what is measured changes


def cached_statistics(frames: Frames, label_set: LabelSet, config: Config) -> Statistics:
    """What `measure` gives for a run, from the cache where data, label set and settings are those of before.

    A file that was added, removed, resized or written to makes other data.
    """
    path = cache_folder() / f"statistics-{_key(frames, label_set, config)}.json"
    if path.is_file():
        try:
            return Statistics.load(path)
        except InputError:
            path.unlink()  # cut off by a break: it is measured again
    statistics = measure(frames, label_set, config.input_spec())
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(f".{os.getpid()}")
    statistics.save(new)
    new.replace(path)
    return statistics


def cache_folder() -> Path:
    """The user's cache: $XDG_CACHE_HOME/fm_ood_ros, by default under ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fm_ood_ros"


def _key(frames: Frames, label_set: LabelSet, config: Config) -> str:
    reading = {k: v for k, v in dataclasses.asdict(config.data).items() if k not in ("workers", "cache_mb")}
    facts: dict[str, Any] = {
        "format": FORMAT,
        "root": str(frames.root.resolve()),
        "reading": reading,
        "input": dataclasses.asdict(config.input_spec()),
        "label_set": label_set.to_dict(),
    }
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode())
    for line in sorted(_files(frames.root)):
        digest.update(line.encode())
    return digest.hexdigest()[:32]


def _files(root: Path) -> Iterator[str]:
    """Name, size and time of change of every file."""
    if root.is_file():
        yield _state(root)
    for folder, below, names in os.walk(root, followlinks=True):
        below[:] = [name for name in below if name != "sweeps"]  # nuScenes' unlabelled ones: many, and never read
        for name in names:
            yield _state(Path(folder) / name)


def _state(path: Path) -> str:
    facts = path.stat() if path.exists() else path.lstat()  # a link to nowhere
    return f"{path} {facts.st_size} {facts.st_mtime_ns}\n"
