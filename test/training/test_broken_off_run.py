"""A run that is killed, with every option that keeps state between steps, goes on to the same weights."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file
from tiny_run import tiny_config

from fm_ood_ros.errors import InputError
from training.engine.loop import fit
from training.losses.config import SynthesisConfig
from training.models.config import NetworkConfig, PaperConfig
from training.runs.progress import read_log
from training.runs.run import CHECKPOINT, LOG, WEIGHTS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def config(data, tmp_path_factory):
    """The paper's network and recipe, averaged weights, and a method with a memory, all of them small."""
    tiny = tiny_config(tmp_path_factory.mktemp("config"), 40, log_every=4, save_every=5)
    paper = PaperConfig("resnet18", 8, 1, 4, 8)
    return replace(
        tiny,
        network=NetworkConfig((48, 160), hidden=8, kind="paper", paper=paper),
        optimiser=replace(tiny.optimiser, kind="paper", ema=0.99, learning_rate=1e-3),
        synthesis=SynthesisConfig(method="vos", gamma1=0.1, points=64),
    )


@pytest.fixture(scope="module")
def whole(config, data, tmp_path_factory):
    return fit(config, data / "train", tmp_path_factory.mktemp("whole") / "run")


def test_a_killed_run_resumes_to_the_same_weights(config, whole, data, tmp_path):
    out, settings = tmp_path / "run", tmp_path / "config.yaml"
    settings.write_text(yaml.safe_dump(config.to_dict()), encoding="utf-8")
    command = [sys.executable, "-m", "training", "fit", "--config", str(settings)]
    command += ["--data", str(data / "train"), "--out", str(out)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 180
        while not any(line["step"] >= 12 for line in read_log(out / LOG)):  # between two checkpoints
            assert process.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert not (out / WEIGHTS).exists()
    subprocess.run([*command, "--resume"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    expected, resumed = load_file(whole.path / WEIGHTS), load_file(out / WEIGHTS)
    assert expected.keys() == resumed.keys()
    assert all(torch.equal(expected[name], resumed[name]) for name in expected)
    steps = [line["step"] for line in read_log(out / LOG)]
    assert steps == sorted(set(steps)), "what was written after the last checkpoint is written once"


def test_the_average_is_what_is_kept(config, whole, data, tmp_path):
    last = fit(replace(config, optimiser=replace(config.optimiser, ema=0.0)), data / "train", tmp_path / "run")
    averaged, plain = load_file(whole.path / WEIGHTS), load_file(last.path / WEIGHTS)
    state = load_file(whole.path / CHECKPOINT)
    name = "lidar.context.0.first.0.weight"
    assert not torch.equal(averaged[name], plain[name])
    assert torch.equal(averaged[name], state["average." + name])
    assert torch.equal(plain[name], state["objective.network." + name]), "averaging changes nothing in the training"


def test_published_weights_are_the_start(config, data, tmp_path):
    from training.models.resnet import BLOCKS, ResNet

    torch.manual_seed(9)
    published = ResNet(BLOCKS["resnet18"], 8).state_dict()
    path = tmp_path / "imagenet.pth"
    torch.save(published, path)
    still = replace(config.optimiser, learning_rate=1e-12, iterations=1, ema=0.0)
    network = replace(config.network, paper=replace(config.network.paper, pretrained=str(path)))
    run = fit(replace(config, network=network, optimiser=still), data / "train", tmp_path / "run")
    trained = run.trained_network().state_dict()
    torch.testing.assert_close(trained["camera.encoder.layer4.0.conv1.weight"], published["layer4.0.conv1.weight"])
    path.unlink()
    assert run.trained_network(), "a trained network needs them no more"
    with pytest.raises(InputError, match=r"imagenet\.pth cannot be read as weights"):
        fit(run.config, data / "train", tmp_path / "other")
