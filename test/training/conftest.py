"""One short training run for all tests of this room."""

import pytest
import torch
from kitti_layout import make_kitti
from tiny_run import tiny_config

from training.loop import fit

torch.set_num_threads(1)  # tests share the cores: a second thread would wait for its turn by spinning


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    make_kitti(root / "train", {"00": 6, "01": 6}, seed=1)
    make_kitti(root / "test", {"00": 4}, unknown=True, seed=2)
    return root


@pytest.fixture(scope="session")
def run(data, tmp_path_factory):
    return fit(tiny_config(data), data / "train", tmp_path_factory.mktemp("run") / "whole")
