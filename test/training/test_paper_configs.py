"""The paper's settings: they load, they are what the paper says, and they run on real frames."""

import math
from pathlib import Path

import pytest
from nuscenes_layout import make_nuscenes
from paper_run import CONFIGS, paper_run

import training
from fm_ood_ros.model.label_sets import LabelSet
from training.__main__ import main
from training.config import load_config
from training.runs.progress import read_log

NAMES = ("semantic_kitti_paper", "nuscenes_paper", "carla_ood_paper")
DATA = Path(__file__).parents[3] / "shared" / "data"
KITTI, CARLA = DATA / "semantic_kitti", DATA / "carla"


@pytest.mark.parametrize("name", NAMES)
def test_the_settings_are_the_papers(name):
    config = load_config(CONFIGS / f"{name}.yaml")
    optimiser, synthesis, network = config.optimiser, config.synthesis, config.network
    assert (network.kind, network.paper.backbone, network.paper.stem_stride) == ("paper", "resnet34", 1)
    assert network.widths == (16, 32)
    assert (synthesis.method, synthesis.n, synthesis.gamma1, synthesis.draw) == ("feature_mixing", 10, 3.0, "batch")
    assert (synthesis.start, synthesis.warmup, synthesis.points) == (0, 0, 0)
    assert (optimiser.kind, optimiser.learning_rate, optimiser.weight_decay) == ("paper", 1e-3, 1e-5)
    assert optimiser.warmup * optimiser.epochs == pytest.approx(1), "one epoch"
    assert optimiser.batch == (24 if name == "nuscenes_paper" else 8)
    assert LabelSet.load(config.label_set).classes


def test_epochs_become_steps():
    config = load_config(CONFIGS / "semantic_kitti_paper.yaml")
    assert config.for_frames(19130).optimiser.iterations == 119563
    assert load_config(None).for_frames(19130).optimiser.iterations == 1000


def test_describe_prints_the_published_size(capsys):
    assert main(["describe", "--config", str(CONFIGS / "semantic_kitti_paper.yaml")]) == 0
    whole = capsys.readouterr().out.splitlines()[-1].split()
    assert whole[0] == "whole"
    assert float(whole[1]) == pytest.approx(28.1, abs=0.1)
    assert float(whole[2]) == pytest.approx(202.6, rel=0.005)


def check(run, said):
    frames = run.record["frames"]
    assert run.record["steps"] == (frames + 1) // 2, "two frames a step, once"
    assert "28.1" in said, "the whole network"
    log = read_log(run.path / "log.jsonl")
    assert len(log) == run.record["steps"]
    assert all(line["entropy"] < 0 for line in log), "Feature Mixing works from the first step on"
    assert all(math.isfinite(line["total"]) for line in log)


@pytest.mark.skipif(not KITTI.is_dir(), reason="needs real SemanticKITTI frames in ../shared/data")
def test_one_command_trains_and_judges_on_semantic_kitti(tmp_path, capsys):
    """The sample has sequence 00 alone, with grey images and labels in a folder of another name."""
    only_00 = ("data.train_sequences=['00']", "data.val_sequences=['00']", "data.camera=auto", "data.labels=labels_nn")
    run = paper_run("semantic_kitti_paper", KITTI, tmp_path / "run", *only_00)
    said = capsys.readouterr().out
    check(run, said)
    assert "FPR@95" in said, "cars are unknown in this label set"


@pytest.mark.skipif(not CARLA.is_dir(), reason="needs real CARLA frames in ../shared/data")
def test_one_command_trains_and_judges_on_carla(tmp_path, capsys):
    layout = Path(training.__file__).parent / "data" / "readers" / "layouts" / "semantic_camera.yaml"
    run = paper_run("carla_ood_paper", CARLA, tmp_path / "run", f"data.layout={layout}")
    check(run, capsys.readouterr().out)


@pytest.mark.skipif(not (DATA / "nuscenes_keyframe").is_dir(), reason="needs real nuScenes frames in ../shared/data")
def test_one_command_trains_on_nuscenes_official_split_and_judges(tmp_path, capsys):
    run = paper_run("nuscenes_paper", make_nuscenes(tmp_path / "data", DATA), tmp_path / "run")
    said = capsys.readouterr().out
    check(run, said)
    assert run.record["frames"] == 6, "six cameras of scene-0061, the only one of the training scenes"
    assert "FPR@95" in said, "vehicles are unknown in this label set"
