"""Every method trains: a few steps of each preset on a tiny data set."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tiny_run import tiny_config

import training
from training.config import load_config
from training.engine.loop import fit
from training.losses.config import SynthesisConfig
from training.runs.run import LOG, WEIGHTS

CONFIGS = Path(training.__file__).parent / "configs"
PRESETS = sorted(CONFIGS.glob("*.yaml"))


@pytest.fixture(scope="module")
def plain(data, tmp_path_factory):
    return trained(data, tmp_path_factory.mktemp("plain"), PRESETS[[p.stem for p in PRESETS].index("late_fusion")])


def trained(data, out, preset):
    config, tiny = load_config(preset), tiny_config(data, 6)
    synthesis = replace(config.synthesis, start=0.5, warmup=0.0, n=4, gamma1=1.0)
    theirs = config.network
    kind = "trimodal" if theirs.kind == "trimodal" else "compact"  # the paper's network has tests of its own
    network = replace(tiny.network, unimodal_heads=theirs.unimodal_heads, normalise=theirs.normalise, kind=kind)
    config = replace(tiny, log_every=1, network=network, synthesis=synthesis, cross_modal=config.cross_modal)
    return fit(config, data / "train", out)


@pytest.mark.parametrize("preset", [p for p in PRESETS if p.stem != "late_fusion"], ids=lambda p: p.stem)
def test_a_preset_trains(preset, plain, data, tmp_path):
    run = trained(data, tmp_path / "run", preset)
    lines = [json.loads(line) for line in (run.path / LOG).read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 6
    assert all(torch.isfinite(torch.tensor(list(line.values()))).all() for line in lines)
    if run.config.synthesis.method != "none":
        assert [line[run.config.synthesis.loss] != 0 for line in lines] == [False] * 3 + [True] * 3
    weights, others = (load_file(r.path / WEIGHTS) for r in (run, plain))
    assert not torch.equal(weights["classifier.0.weight"], others["classifier.0.weight"])


def test_a_memory_survives_a_break(data, tmp_path):
    tiny = tiny_config(data, 8)
    config = replace(tiny, synthesis=SynthesisConfig("np_mix", start=0.5, points=400))
    whole = fit(config, data / "train", tmp_path / "whole")
    part = fit(config, data / "train", tmp_path / "part", stop_after=4)
    fit(config, data / "train", tmp_path / "part", resume=True)
    weights, resumed = (load_file(run.path / WEIGHTS) for run in (whole, part))
    assert all(torch.equal(weights[name], resumed[name]) for name in weights)
