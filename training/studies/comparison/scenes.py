"""Counts by scene that outlive a run's process, so that methods can be compared on the same resampled scenes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.metrics import SceneClasses, SceneScores
from fm_ood_ros.metrics.bootstrap import Scenes
from training.evaluate.figures import Figures

CLASSES = "classes"  # beside the scores' names


def save_scenes(path: Path, figures: Figures) -> None:
    """Writes an .npz of the judged classes and scores of each scene."""
    parts: dict[str, Mapping[str, NDArray[Any]]] = {CLASSES: figures.scene_classes.counts}
    parts |= {name: scenes.counts for name, scenes in figures.scene_scores.items()}
    names = sorted(figures.scene_classes.counts)
    arrays = {name: np.stack([counts[scene] for scene in names]) for name, counts in parts.items()}
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, scenes=np.array(names), **arrays)


def load_scenes(path: Path, score: str) -> tuple[SceneClasses, SceneScores]:
    """The counts of classes and of one score; raises InputError naming the file."""
    try:
        with np.load(path, allow_pickle=False) as data:
            names, matrices, histograms = (data[name] for name in ("scenes", CLASSES, score))
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"{path} holds no counts by scene ({error}); delete the run's test.json and run this again"
        ) from error
    classes, scores = SceneClasses(matrices.shape[1]), SceneScores()
    classes.counts = dict(zip(map(str, names), matrices, strict=True))
    scores.counts = dict(zip(map(str, names), histograms, strict=True))
    return classes, scores


@dataclass(frozen=True)
class OverSeeds:
    """The mean of several runs' metrics, every run resampled alike."""

    runs: Sequence[Scenes]

    @property
    def counts(self) -> Mapping[str, NDArray[Any]]:
        """Of the first run; all are of the same scenes."""
        return self.runs[0].counts

    def measure(self, weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """See Scenes.measure."""
        found = [run.measure(weights) for run in self.runs]
        return {name: np.mean([one[name] for one in found], 0) for name in found[0]}
