"""A trained run of seconds and the bundle made of it, for all tests of this room."""

from dataclasses import replace

import pytest
import torch
from kitti_layout import make_kitti
from tiny_run import tiny_config

from export.bundle import ExportOptions, export_bundle
from training.data.readers.semantic_kitti import SemanticKitti
from training.engine.loop import fit
from training.evaluate.model import fit_judged

torch.set_num_threads(1)  # tests share the cores: a second thread would wait for its turn by spinning


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    make_kitti(root / "train", {"00": 8}, seed=1)
    make_kitti(root / "val", {"00": 3}, seed=2)
    make_kitti(root / "test", {"00": 3}, unknown=True, seed=3)
    return root


@pytest.fixture(scope="session")
def run(data, tmp_path_factory):
    return fit(tiny_config(data, 40), data / "train", tmp_path_factory.mktemp("run") / "run")


@pytest.fixture(scope="session")
def val(run, data):
    return SemanticKitti(data / "val", label_set=run.label_set)


@pytest.fixture(scope="session")
def judged(run, val):
    """How the run is judged, saved in its folder as the command judge does."""
    found = fit_judged(run, val)
    found = replace(found, spec=replace(found.spec, score="entropy"), chosen="dev")
    found.save(run.path)
    return found


@pytest.fixture(scope="session")
def bundle(run, judged, val, tmp_path_factory):
    return export_bundle(run, judged, val, tmp_path_factory.mktemp("models") / "tiny", ExportOptions())
