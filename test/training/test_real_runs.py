"""Training and evaluation end to end on real sample frames: a path and a label set are all that differs."""

from dataclasses import replace
from pathlib import Path

import pytest
from nuscenes_layout import make_nuscenes
from tiny_run import tiny_config

from fm_ood_ros.label_sets import LabelSet
from training.config import DataConfig
from training.data import carla
from training.data.opening import open_frames
from training.evaluation import evaluate
from training.loop import fit

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs real sample frames in ../shared/data")
SEMANTIC_CAMERA = Path(carla.__file__).parent / "layouts" / "semantic_camera.yaml"


@pytest.mark.parametrize(
    ("name", "label_set", "settings"),
    [
        ("semantic_kitti", "kitti_vehicles_ood", DataConfig(labels="labels_nn", train_sequences=("00",))),
        ("nuscenes", "nuscenes_vehicles_ood", DataConfig(train_sequences=("scene-0103",))),
        ("carla", "carla_ood", DataConfig(layout=str(SEMANTIC_CAMERA))),
    ],
)
def test_a_run_on_real_frames(tmp_path, name, label_set, settings):
    root = make_nuscenes(tmp_path / "data", DATA) if name == "nuscenes" else DATA / name
    config = tiny_config(tmp_path, iterations=6, label_set=label_set, data=replace(settings, workers=0))
    run = fit(config, root, tmp_path / "run")
    labels = LabelSet.load(label_set)
    frames = open_frames(root, config.data, labels, config.data.train_sequences)
    result = evaluate(run.trained_network(), frames, labels, at_most=2)
    assert result["frames"] == 2
    assert result["known"] > 2000
    assert result["unknown"] > 0
    assert all(0 < s["auroc"] < 1 for s in result["scores"].values())
    assert run.record["steps"] == 6
