"""One short training run for all tests of this room."""

import pytest
import torch
from kitti_layout import make_kitti
from tiny_run import tiny_config

from training.data.readers.semantic_kitti import SemanticKitti
from training.engine.loop import fit
from training.evaluate.model import fit_judged

torch.set_num_threads(1)  # tests share the cores: a second thread would wait for its turn by spinning


@pytest.fixture(autouse=True, scope="session")
def no_onednn():
    """Networks of a few channels do without oneDNN: that of torch 2.13 ends the process on some AMD processors."""
    with torch.backends.mkldnn.flags(enabled=False):
        yield


@pytest.fixture(autouse=True)
def onednn_for_large_networks(request):
    """The paper's network cannot do without."""
    with torch.backends.mkldnn.flags(enabled="paper" in request.module.__name__):
        yield


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    make_kitti(root / "train", {"00": 6, "01": 6}, seed=1)
    make_kitti(root / "test", {"00": 4}, unknown=True, seed=2)
    make_kitti(root / "val", {"00": 2, "01": 2}, seed=3)
    return root


@pytest.fixture(scope="session")
def run(data, tmp_path_factory):
    return fit(tiny_config(data), data / "train", tmp_path_factory.mktemp("run") / "whole")


@pytest.fixture(scope="session")
def judged_run(data, run):
    """The judgement of that run by its known points."""
    return fit_judged(run, SemanticKitti(data / "val", label_set=run.label_set))


@pytest.fixture
def sample():
    """Two frames of 32 x 64 as the network sees them, three classes, some points unknown."""
    size = (32, 64)
    g = torch.Generator().manual_seed(0)
    lidar = torch.rand(2, 5, *size, generator=g) * (torch.rand(2, 1, *size, generator=g) < 0.3)
    target = torch.randint(0, 3, (2, *size), generator=g, dtype=torch.uint8)
    target[torch.rand(2, *size, generator=g) < 0.7] = 255
    target[0, :4] = 254
    return {
        "image": torch.randint(0, 256, (2, *size, 3), generator=g, dtype=torch.uint8),
        "lidar": lidar,
        "target": target,
    }
