"""The same training on a GPU, where there is one: every preset, half precision, and the verdict of the CPU."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_run import tiny_config

import training
from training.config import load_config
from training.data.opening import open_frames
from training.engine.loop import fit
from training.evaluate.evaluation import run_evaluation
from training.evaluate.subject import Subject
from training.runs.progress import read_log
from training.runs.run import LOG

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
PRESETS = sorted((Path(training.__file__).parent / "configs").glob("*.yaml"))


def losses(run):
    return [line["total"] for line in read_log(run.path / LOG)]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda p: p.stem)
def test_every_preset_trains(preset, data, tmp_path):
    theirs = load_config(preset)
    synthesis = replace(theirs.synthesis, n=min(theirs.synthesis.n, 6), start=0.0, warmup=0.0)
    tiny, n = tiny_config(data, 20), theirs.network
    network = replace(tiny.network, unimodal_heads=n.unimodal_heads, normalise=n.normalise, kind=n.kind)
    parts = {"loss": theirs.loss, "synthesis": synthesis, "cross_modal": theirs.cross_modal}
    run = fit(replace(tiny, network=network, **parts), data / "train", tmp_path / "run")
    assert np.isfinite(losses(run)).all()
    assert run.record["device"] == torch.cuda.get_device_name()


@pytest.mark.parametrize("precision", ["bf16", "fp16", "fp32"])
def test_half_precision_learns_as_single_does(precision, data, tmp_path):
    tiny = tiny_config(data, 60)
    run = fit(
        replace(tiny, optimiser=replace(tiny.optimiser, precision=precision)), data / "train", tmp_path / precision
    )
    found = losses(run)
    assert np.isfinite(found).all()
    assert found[-1] < 0.6 * found[0]
    single = fit(
        replace(tiny, optimiser=replace(tiny.optimiser, precision="fp32")), data / "train", tmp_path / "single"
    )
    assert found[-1] == pytest.approx(losses(single)[-1], rel=0.5, abs=0.05)


def test_a_broken_off_fp16_run_goes_on_with_its_loss_scale(data, tmp_path):
    tiny = tiny_config(data, 20)
    config = replace(tiny, optimiser=replace(tiny.optimiser, precision="fp16"))
    whole = fit(config, data / "train", tmp_path / "whole")
    part = fit(config, data / "train", tmp_path / "part", stop_after=10)
    fit(config, data / "train", part.path, resume=True)
    assert losses(part)[-1] == pytest.approx(losses(whole)[-1], rel=0.02), "not to the bit: a GPU adds in any order"
    scales = [read_log(run.path / LOG)[-1]["loss_scale"] for run in (whole, part)]
    assert scales[0] == scales[1] > 1


def test_it_judges_as_the_cpu_does(data, tmp_path):
    config = tiny_config(data, 40)
    run = fit(config, data / "train", tmp_path / "run")
    frames = open_frames(data / "train", config.data, run.label_set)
    networks = [run.trained_network().to(device) for device in ("cpu", "cuda")]
    cpu, gpu = (run_evaluation(Subject.of_network(network, run), frames).result() for network in networks)
    assert gpu["alone"]["miou"] == pytest.approx(cpu["alone"]["miou"], abs=0.01)
    assert gpu["known"] == cpu["known"]
