"""What training and evaluation need of a data set, whatever its files look like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame
from fm_ood_ros.model.label_sets import LabelSet


@dataclass(frozen=True)
class FrameFacts:
    """What is known of a frame besides what its sensors saw.

    conditions: such as weather and rig, by name
    instance: [N] uint16 of its points, 0 for none, or None
    objects: facts of unknown objects by instance, such as kind, family and tier
    """

    conditions: Mapping[str, str] = field(default_factory=dict)
    instance: NDArray[np.uint16] | None = None
    objects: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


class Frames(Protocol):
    """A data set as a sequence of frames; every reader of this folder is one."""

    @property
    def root(self) -> Path:
        """Where it lies."""

    @property
    def label_set(self) -> LabelSet | None:
        """What its raw ids are checked against."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Frame:
        """A frame; raises InputError naming the file that is wrong."""

    def name(self, index: int) -> str:
        """What a frame is called, unique in the data set."""

    def facts(self, index: int) -> FrameFacts:
        """What is known of a frame besides."""


def evenly(count: int, at_most: int | None) -> list[int]:
    """Indices 0 to count - 1, or `at_most` of them spread evenly."""
    if at_most is None or at_most >= count:
        return list(range(count))
    return [int(i) for i in np.linspace(0, count - 1, at_most).round()]


def scene_of(frames: Frames, index: int) -> str:
    """The sequence or scene that a frame is of: what its name begins with, or the data set's where it is one drive."""
    scene, slash, _ = frames.name(index).partition("/")
    return scene if slash else frames.root.name


def check_labels(raw: NDArray[np.uint16], points: int, path: Path, label_set: LabelSet | None) -> None:
    """Raises InputError naming the file when there is not one label a point, or one that the label set lacks."""
    if len(raw) != points:
        raise InputError(f"{path} has {len(raw)} labels for {points} points; take the labels of this very scan")
    if label_set is None:
        return
    try:
        label_set.train_ids(raw)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def choose(names: Sequence[str], wanted: Sequence[str] | None, where: Path) -> list[str]:
    """The wanted ones of the names that are there, all for None; raises InputError for one that is not."""
    missing = sorted(set(wanted or ()) - set(names))
    if missing:
        raise InputError(f"{where} has no '{missing[0]}', only {_few(names)}; correct the sequences to take")
    return [name for name in names if wanted is None or name in wanted]


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
