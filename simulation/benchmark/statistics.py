"""What a written split shows, counted over its points in view."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from simulation.output.crew import work
from simulation.output.dataset import DatasetRequest
from simulation.output.layout import sequence_name
from simulation.output.reading import in_view, read_frame, read_raw_labels
from simulation.unknown import OTHER_OBJECT

RANGE_EDGES = (0, 5, 10, 20, 30, 50, 80, 1000)  # metres
ENOUGH = 30  # points of an object in one frame


@dataclass
class Statistics:
    """Counts of one or more sequences; points: in view, by raw class id; ranges: of those, per bin of RANGE_EDGES

    views: points in view of every unknown object that a frame shows; objects: records of those that any frame shows
    scanned: number of unknown objects with points
    """

    frames: int = 0
    with_unknown: int = 0
    scenes: int = 0
    scanned: int = 0
    points: Counter[int] = field(default_factory=Counter)
    ranges: Counter[int] = field(default_factory=Counter)
    unknown_ranges: Counter[int] = field(default_factory=Counter)
    views: list[int] = field(default_factory=list)
    objects: list[dict[str, Any]] = field(default_factory=list)
    weather: Counter[str] = field(default_factory=Counter)
    rigs: Counter[str] = field(default_factory=Counter)

    def add(self, other: Statistics) -> None:
        """Adds another's counts."""
        for name, value in vars(other).items():
            mine = getattr(self, name)
            if isinstance(mine, Counter):
                mine.update(value)
            elif isinstance(mine, list):
                mine.extend(value)
            else:
                setattr(self, name, mine + value)


def measure(request: DatasetRequest) -> Statistics:
    """Counts a written split."""
    folders = [request.root / "sequences" / sequence_name(i) for i in range(request.scenes)]
    total = Statistics()
    for part in work(measure_sequence, folders, request.workers, request.frames, request.name, "scenes counted"):
        total.add(part)
    return total


def measure_sequence(folder: Path) -> Statistics:
    """Counts one sequence."""
    record = json.loads((folder / "scene.json").read_text(encoding="utf-8"))
    counted = Statistics(
        scenes=1, scanned=len(record["unknown_objects"]), weather=Counter([record["weather"]]),
        rigs=Counter([record["rig"]]),
    )  # fmt: skip
    shown: set[int] = set()
    for cloud in sorted((folder / "velodyne").glob("*.bin")):
        shown |= _count_frame(counted, cloud)
    counted.objects = [u for u in record["unknown_objects"] if u["instance"] in shown]
    return counted


def _count_frame(counted: Statistics, cloud: Path) -> set[int]:
    """Adds a frame; returns the instances that it shows."""
    frame = read_frame(cloud)
    index, _ = in_view(frame)
    label, instance = (values[index] for values in read_raw_labels(cloud))
    distance = np.linalg.norm(frame.points[index, :3], axis=1)
    unknown = label == OTHER_OBJECT
    names, views = np.unique(instance[unknown], return_counts=True)
    counted.frames += 1
    counted.with_unknown += bool(unknown.any())
    ids, points = np.unique(label, return_counts=True)
    counted.points.update(dict(zip(ids.tolist(), points.tolist(), strict=True)))
    for counter, which in ((counted.ranges, slice(None)), (counted.unknown_ranges, unknown)):
        counter.update(dict(enumerate(np.histogram(distance[which], RANGE_EDGES)[0].tolist())))
    counted.views += views.tolist()
    return set(names.tolist())
