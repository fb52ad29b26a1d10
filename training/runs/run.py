"""The folder of a training run: configuration, statistics, weights and where they came from."""

from __future__ import annotations

import json
import math
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from fm_ood_ros.errors import InputError
from fm_ood_ros.model.input_spec import InputSpec
from fm_ood_ros.model.label_sets import LabelSet
from training.config import Config, load_config
from training.data.statistics import Statistics
from training.models.fusion import LateFusion
from training.models.network import NETWORKS
from training.runs.weights import load_weights

CONFIG, LABEL_SET, STATISTICS = "config.yaml", "label_set.yaml", "statistics.json"
WEIGHTS, BEST, CHECKPOINT = "weights.safetensors", "best.safetensors", "checkpoint.safetensors"
LOG, RECORD = "log.jsonl", "run.json"


@dataclass(frozen=True)
class Run:
    """A run's settings and facts, as its folder holds them; `record` says seed, revision, time and so on."""

    path: Path
    config: Config
    label_set: LabelSet
    statistics: Statistics

    @classmethod
    def load(cls, path: str | Path) -> Run:
        """From a folder that `fit` wrote; raises InputError naming what is missing."""
        folder = Path(path)
        if not (folder / CONFIG).is_file():
            raise InputError(f"{folder} has no {CONFIG}; give the folder of a training run (--out of fit)")
        return cls(
            folder,
            load_config(folder / CONFIG),
            LabelSet.load(folder / LABEL_SET),
            Statistics.load(folder / STATISTICS),
        )

    def save(self) -> None:
        """Writes the folder's settings."""
        self.path.mkdir(parents=True, exist_ok=True)
        write_yaml(self.path / CONFIG, self.config.to_dict())
        write_yaml(self.path / LABEL_SET, self.label_set.to_dict())
        self.statistics.save(self.path / STATISTICS)

    def new_network(self) -> LateFusion:
        """The network before training."""
        s = self.statistics
        new = NETWORKS[self.config.network.kind]
        scales = (s.image_mean, s.image_std), (s.lidar_mean, s.lidar_std)
        return new(len(self.label_set.classes), self.config.network, *scales)

    def trained_network(self) -> LateFusion:
        """The network with its final weights, in evaluation mode; raises InputError when the run is not finished."""
        weights = finished(self.path)
        network = self.new_network()
        load_weights(weights, network)
        return network.eval()

    @property
    def input_spec(self) -> InputSpec:
        """What the network sees of a frame."""
        return self.config.input_spec(self.statistics.elevation)

    @property
    def record(self) -> dict[str, Any]:
        """What fit wrote down about the run."""
        return read_json(self.path / RECORD)


def finished(run: Path) -> Path:
    """The file of a run's final weights; raises InputError when the run is not finished."""
    if not (run / WEIGHTS).is_file():
        raise InputError(f"{run} has no {WEIGHTS}, the run is not finished; go on with fit --resume")
    return run / WEIGHTS


def write_yaml(path: Path, data: dict[str, Any]) -> None:
    """Writes settings in their own order."""
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")


def write_json(path: Path, data: object) -> None:
    """Writes JSON; NaN, which JSON does not know, becomes null."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(finite(data), indent=2) + "\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Reads a JSON object; raises InputError naming the file."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as JSON ({error}); give a file that training wrote") from error
    if not isinstance(data, dict):
        raise InputError(f"{path} holds a {type(data).__name__}, expected an object")
    return data


def finite(value: object) -> object:
    """The same data with None for NaN and infinities."""
    if isinstance(value, dict):
        return {k: finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def revision() -> str:
    """What SOURCE_REVISION says, for source that is not a checkout, as in an image; else git's, or `unknown`.

    Git's has -dirty when the source differs from it.
    """
    if named := os.environ.get("SOURCE_REVISION"):
        return named
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        found = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()
