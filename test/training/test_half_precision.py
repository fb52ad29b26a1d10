"""fp16: losses scaled up, overflow survived, and the scale kept over a break."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from tiny_run import tiny_config

from fm_ood_ros.errors import InputError
from training.engine.learner import Learner
from training.engine.loop import fit
from training.runs.checkpoint import load_checkpoint
from training.runs.progress import read_log
from training.runs.run import CHECKPOINT, LOG, WEIGHTS
from training.runs.weights import read, write


def half(data, steps):
    tiny = tiny_config(data, steps)
    return replace(tiny, optimiser=replace(tiny.optimiser, precision="fp16"))


def scale_of(run):
    with safe_open(run.path / CHECKPOINT, "pt") as file:
        return json.loads(file.metadata()["scaler"])


def test_a_broken_off_run_goes_on_to_the_same_weights(data, tmp_path):
    whole = fit(half(data, 6), data / "train", tmp_path / "whole")
    part = fit(half(data, 6), data / "train", tmp_path / "part", stop_after=3)
    fit(half(data, 6), data / "train", tmp_path / "part", resume=True)
    assert scale_of(part) == scale_of(whole)
    a, b = (load_file(run.path / WEIGHTS) for run in (whole, part))
    assert all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("kind", ["adamw", "paper"])  # one optimiser, and two of which one sees no overflow
@pytest.mark.parametrize("bad", [torch.inf, torch.nan])
def test_an_overflow_changes_no_weight_and_halves_the_scale(bad, kind, run):
    config = replace(run.config, optimiser=replace(run.config.optimiser, precision="fp16", kind=kind))
    learner = Learner.new(replace(run, config=config), pretrained=False)
    before = {name: value.clone() for name, value in learner.network.state_dict().items()}
    scale = learner.scaler.scale(torch.ones(())).item()
    for weights in learner.objective.parameters():
        weights.grad = torch.ones_like(weights)
    dict(learner.network.named_parameters())["camera.stem.0.0.weight"].grad[0] = bad
    learner.step(clip=1.0)
    assert all(torch.equal(value, before[name]) for name, value in learner.network.state_dict().items())
    assert learner.scaler.get_scale() == scale / 2
    assert all(weights.grad is None for weights in learner.objective.parameters())


def test_the_log_says_the_scale(data, tmp_path):
    run = fit(half(data, 2), data / "train", tmp_path / "run")
    assert read_log(run.path / LOG)[-1]["loss_scale"] == scale_of(run)["scale"]


def test_an_older_checkpoint_without_a_scale_is_read_but_by_fp16(run, tmp_path):
    tensors, texts = read(run.path / CHECKPOINT)
    write(tmp_path / CHECKPOINT, tensors, {name: text for name, text in texts.items() if name != "scaler"})
    assert load_checkpoint(tmp_path / CHECKPOINT, Learner.new(run, pretrained=False)) == 60
    fp16 = replace(run.config, optimiser=replace(run.config.optimiser, precision="fp16"))
    with pytest.raises(InputError, match="is no checkpoint of a run"):
        load_checkpoint(tmp_path / CHECKPOINT, Learner.new(replace(run, config=fp16), pretrained=False))


def test_gradients_are_clipped_at_their_true_length(run):
    config = replace(run.config, optimiser=replace(run.config.optimiser, precision="fp16", kind="paper", warmup=0.0))
    learner = Learner.new(replace(run, config=config), pretrained=False)
    weights = dict(learner.network.named_parameters())["camera.stem.0.0.weight"]
    before, scale = weights.detach().clone(), learner.scaler.scale(torch.ones(())).item()
    for each in learner.objective.parameters():
        each.grad = torch.zeros_like(each)
    weights.grad.fill_(scale)  # one, as it comes from losses that were scaled
    learner.step(clip=0.5)
    rate, decay = config.optimiser.learning_rate, config.optimiser.weight_decay
    moved = before - weights.detach() - rate * 1.9 * decay * before  # momentum is Nesterov's: 1 + 0.9 at the first step
    assert torch.linalg.norm(moved).item() == pytest.approx(rate * 1.9 * 0.5, rel=1e-3)
