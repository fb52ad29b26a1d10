"""The paper's settings: they load, they are what the paper says, and they run on real frames."""

from pathlib import Path

import pytest

import training
from fm_ood_ros.label_sets import LabelSet
from training.__main__ import main
from training.config import load_config
from training.run import Run

CONFIGS = Path(training.__file__).parent / "configs"
NAMES = ("semantic_kitti_paper", "nuscenes_paper", "carla_ood_paper")
REAL = Path(__file__).parents[3] / "shared" / "data" / "semantic_kitti"


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


@pytest.mark.skipif(not REAL.is_dir(), reason="needs real SemanticKITTI frames in ../shared/data")
def test_one_command_trains_and_judges_on_real_frames(tmp_path, capsys):
    """The sample has sequence 00 alone, with grey images and labels in a folder of another name."""
    sample = ["data.train_sequences=['00']", "data.val_sequences=['00']", "data.camera=auto", "data.labels=labels_nn"]
    smaller = ["network.size=[64, 256]", "optimiser.epochs=1", "optimiser.batch=2", "optimiser.threads=1"]
    settings = [*sample, *smaller, "data.workers=0", "log_every=1"]
    overrides = [part for setting in settings for part in ("--set", setting)]
    where = ["--data", str(REAL), "--val", str(REAL), "--out", str(tmp_path / "run")]
    assert main(["fit", "--config", str(CONFIGS / "semantic_kitti_paper.yaml"), *overrides, *where]) == 0
    said = capsys.readouterr().out
    print(said)
    run = Run.load(tmp_path / "run")
    assert run.record["steps"] == 3, "six frames, two a step, once"
    assert "28.1" in said
    assert "FPR@95" in said, "cars are unknown in this label set"
    log = (run.path / "log.jsonl").read_text(encoding="utf-8")
    assert log.count('"entropy": -') == 3, "Feature Mixing works from the first step on"
