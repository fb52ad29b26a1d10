"""A training run of seconds, for tests of what comes after it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import yaml

from training.config import Config, DataConfig, OptimiserConfig
from training.losses.config import SynthesisConfig
from training.models.config import NetworkConfig

LABELS = {
    "name": "tiny_street",
    "classes": [
        {"name": "road", "color": [128, 64, 128], "raw_ids": [40]},
        {"name": "wall", "color": [150, 150, 150], "raw_ids": [50]},
        {"name": "car", "color": [60, 110, 255], "raw_ids": [10]},
    ],
    "ood_raw_ids": [99],
    "ignore_raw_ids": [0],
}


def tiny_config(folder: Path, iterations: int = 60, **changes) -> Config:
    """Settings of a small network for make_kitti's data; `folder` takes the label set."""
    path = folder / "tiny_street.yaml"
    path.write_text(yaml.safe_dump(LABELS), encoding="utf-8")
    config = Config(
        label_set=str(path),
        log_every=10,
        save_every=20,
        network=NetworkConfig((48, 160), (8, 12, 16, 16), (1, 1, 1), features=12, hidden=16),
        data=DataConfig(workers=0),
        optimiser=OptimiserConfig(iterations, batch=4, learning_rate=1e-2, threads=1),
        synthesis=SynthesisConfig("feature_mixing", n=4, gamma1=0.1, start=0.5),
    )
    return replace(config, **changes)
