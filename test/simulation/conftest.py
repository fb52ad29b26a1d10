"""Small splits of the benchmark, written once for all tests of this room."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulation.output.dataset import DatasetRequest, write_dataset

SCENES = {"train": 10, "test": 12}


def request_of(root: Path, split: str, **changes) -> DatasetRequest:
    values = {"out": root, "split": split, "scenes": SCENES.get(split, 1), "frames": 1, "seed": 0}
    return DatasetRequest(**{**values, **changes})


@pytest.fixture(scope="session")
def splits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a little of the train and test splits, both rigs and several weathers."""
    root = tmp_path_factory.mktemp("benchmark")
    for split in SCENES:
        write_dataset(request_of(root, split))
    return root
