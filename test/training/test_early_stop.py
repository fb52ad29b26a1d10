"""Early stop: the best weights are kept, and patience ends a run, also across a break."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file
from tiny_run import tiny_config

from fm_ood_ros.errors import InputError
from training.data.readers.semantic_kitti import SemanticKitti
from training.engine.loop import fit
from training.engine.stopping import EarlyStop, StoppingConfig
from training.evaluate.evaluation import run_evaluation
from training.evaluate.subject import Subject
from training.runs.progress import read_log
from training.runs.run import BEST, WEIGHTS


def validations(run):
    return {line["step"]: line["val_miou"] for line in read_log(run.path / "log.jsonl") if "val_miou" in line}


def test_patience():
    stop = EarlyStop()
    assert [stop.better(miou, step) for step, miou in enumerate([0.1, 0.3, 0.3, 0.2, 0.4, 0.1])] == [
        True, True, False, False, True, False,
    ]  # fmt: skip
    assert (stop.best, stop.step, stop.since) == (0.4, 4, 1)
    assert stop.exhausted(1)
    assert not stop.exhausted(2)
    assert not stop.exhausted(0), "no patience asked for: never"


@pytest.fixture(scope="module")
def config(data):
    """Training that leads nowhere: its rate is next to nothing, so that validation cannot keep getting better."""
    config = tiny_config(data, 60, stopping=StoppingConfig(every=5, frames=2, patience=2))
    return replace(config, optimiser=replace(config.optimiser, learning_rate=1e-9, ema=0.5), save_every=10)


@pytest.fixture(scope="module")
def stopped(config, data, tmp_path_factory):
    return fit(config, data / "train", tmp_path_factory.mktemp("early") / "run", val=data / "test")


def test_the_best_weights_are_kept_and_the_run_ends(stopped, data):
    seen = validations(stopped)
    best = max(seen, key=seen.get)
    assert stopped.record["steps"] == max(seen) < 60
    assert stopped.record["best_validation"]["step"] == best == max(seen) - 10
    frames = SemanticKitti(data / "test", label_set=stopped.label_set)
    again = run_evaluation(Subject.of_run(stopped, None), frames, at_most=2).result()
    assert again["alone"]["miou"] == pytest.approx(seen[best], abs=1e-6)


def test_a_break_changes_nothing(stopped, config, data, tmp_path):
    out = tmp_path / "run"
    fit(config, data / "train", out, stop_after=13, val=data / "test")
    resumed = fit(config, data / "train", out, resume=True, val=data / "test")
    assert validations(resumed) == validations(stopped)
    whole, parts = load_file(stopped.path / WEIGHTS), load_file(out / WEIGHTS)
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    (out / WEIGHTS).unlink()
    fit(config, data / "train", out, resume=True, val=data / "test")
    assert (out / WEIGHTS).read_bytes() == (out / BEST).read_bytes(), "a run at the end of its patience goes no further"
    assert json.loads((out / "run.json").read_text(encoding="utf-8"))["steps"] == stopped.record["steps"]


def test_early_stop_needs_a_validation_set(config, data, tmp_path):
    with pytest.raises(InputError, match=r"stopping\.every needs a validation set; give one with --val"):
        fit(config, data / "train", tmp_path / "run")
