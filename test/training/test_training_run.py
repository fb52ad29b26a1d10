"""From data to a finished run: it learns, it resumes to the same weights, it says what it did."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_run import tiny_config

from fm_ood_ros.errors import InputError
from training.__main__ import main
from training.engine.loop import fit
from training.losses.config import SynthesisConfig
from training.runs.run import CHECKPOINT, LOG, STATISTICS, WEIGHTS, Run, revision


def log(run):
    return [json.loads(line) for line in (run.path / LOG).read_text(encoding="utf-8").splitlines()]


def test_the_loss_falls_and_the_entropy_term_starts_when_told(run):
    lines = log(run)
    assert [line["step"] for line in lines] == [10, 20, 30, 40, 50, 60]
    first, last = (line["focal"] + line["lovasz"] for line in (lines[0], lines[-1]))
    assert last < 0.5 * first
    assert [line["entropy"] < 0 for line in lines] == [False] * 3 + [True] * 3


def test_the_run_knows_where_it_came_from(run):
    again = Run.load(run.path)
    assert again == run
    record = again.record
    assert record["seed"] == 0
    assert record["steps"] == 60
    assert record["revision"]
    assert record["parameters"] == sum(p.numel() for p in run.trained_network().parameters())


def test_a_named_revision_wins_over_the_checkouts(monkeypatch):
    monkeypatch.setenv("SOURCE_REVISION", "image 7")
    assert revision() == "image 7"
    monkeypatch.setenv("SOURCE_REVISION", "")
    assert revision() not in ("", "image 7")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert revision() == "unknown"


def test_statistics_are_the_training_sets(run):
    facts = run.statistics
    assert facts.quantities["range"]["p50"] < facts.quantities["range"]["p99"] < 60
    assert facts.lidar_mean[3] == pytest.approx(0.7, abs=0.5), "road, cars and walls stand on the ground"
    assert facts.class_counts[0] > facts.class_counts[2] > 0
    assert facts.lidar_mean[4] == pytest.approx(facts.quantities["intensity"]["mean"])


def test_a_broken_off_run_resumes_to_the_same_weights(run, data, tmp_path):
    config = run.config
    part = fit(config, data / "train", tmp_path / "part", stop_after=35)
    assert not (part.path / WEIGHTS).exists()
    fit(config, data / "train", tmp_path / "part", resume=True)
    whole, resumed = load_file(run.path / WEIGHTS), load_file(tmp_path / "part" / WEIGHTS)
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_another_seed_gives_other_weights(run, data, tmp_path):
    config = replace(tiny_config(data, 2), seed=1)
    first = fit(config, data / "train", tmp_path / "a")
    again = fit(config, data / "train", tmp_path / "b")
    other = fit(replace(config, seed=2), data / "train", tmp_path / "c")
    weights = [load_file(r.path / WEIGHTS) for r in (first, again, other)]
    name = "camera.stem.0.0.weight"
    assert torch.equal(weights[0][name], weights[1][name])
    assert not torch.equal(weights[0][name], weights[2][name])


@pytest.mark.parametrize("options", [{"detach": True}, {"class_weighted": True}, {"draw": "sample"}, {"gamma1": 0.1}])
def test_options_of_feature_mixing_change_the_weights(options, data, tmp_path):
    def weights(name, **changes):
        mixing = SynthesisConfig("feature_mixing", n=4, **changes)
        run = fit(tiny_config(data, 2, synthesis=mixing), data / "train", tmp_path / name)
        return load_file(run.path / WEIGHTS)["camera.stem.0.0.weight"]

    assert not torch.equal(weights("plain"), weights("changed", **options))


def test_the_weight_of_the_entropy_term():
    late = SynthesisConfig("feature_mixing", gamma1=2.0, start=0.5, warmup=0.2)
    assert [late.weight(p) for p in (0, 0.49, 0.5, 0.6, 0.7, 0.9)] == pytest.approx([0, 0, 0, 1, 2, 2])
    assert SynthesisConfig("feature_mixing").weight(0) == 3.0
    assert SynthesisConfig().weight(0.9) == 0


def test_a_finished_run_is_not_overwritten(run, data):
    with pytest.raises(InputError, match="holds a run already; go on with --resume"):
        fit(run.config, data / "train", run.path)
    with pytest.raises(InputError, match=r"other settings of \['seed'\]"):
        fit(replace(run.config, seed=7), data / "train", run.path, resume=True)


def test_broken_files_are_named(run, data, tmp_path):
    with pytest.raises(InputError, match=r"has no config\.yaml"):
        Run.load(tmp_path)
    part = fit(tiny_config(data, 3), data / "train", tmp_path / "part", stop_after=2)
    with pytest.raises(InputError, match="the run is not finished"):
        part.trained_network()
    (part.path / CHECKPOINT).write_bytes(b"not safetensors")
    with pytest.raises(InputError, match=r"checkpoint\.safetensors is no safetensors file"):
        fit(part.config, data / "train", part.path, resume=True)
    torch.save({"step": 2}, part.path / CHECKPOINT)
    with pytest.raises(InputError, match=r"checkpoint\.safetensors is no safetensors file"):
        fit(part.config, data / "train", part.path, resume=True)
    save_file(load_file(run.path / WEIGHTS), part.path / CHECKPOINT)
    with pytest.raises(InputError, match="is no checkpoint of a run"):
        fit(part.config, data / "train", part.path, resume=True)
    (part.path / CHECKPOINT).unlink()
    with pytest.raises(InputError, match=r"has no checkpoint\.safetensors yet; start it anew without --resume"):
        fit(part.config, data / "train", part.path, resume=True)
    save_file({"x": torch.zeros(1)}, part.path / WEIGHTS)
    with pytest.raises(InputError, match="does not fit this network"):
        part.trained_network()
    (part.path / STATISTICS).write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"statistics\.json holds no statistics"):
        Run.load(part.path)


def test_the_commands(data, tmp_path, capsys):
    """fit with overrides and a loading process of its own, then evaluate."""
    config = tiny_config(data, 4)
    settings = [f"label_set={config.label_set}", "network.size=[48, 160]", "network.channels=[8, 8, 8, 8]"]
    settings += [
        "optimiser.iterations=4",
        "optimiser.batch=2",
        "optimiser.threads=1",
        "data.workers=1",
        "synthesis.method=feature_mixing",
    ]
    overrides = [part for setting in settings for part in ("--set", setting)]
    out = tmp_path / "out"
    fit_arguments = ["fit", *overrides, "--data", str(data / "train"), "--val", str(data / "test"), "--out", str(out)]
    assert main(fit_arguments) == 0
    metrics = json.loads((out / "metrics_test.json").read_text(encoding="utf-8"))
    assert metrics["frames"] == 4
    assert metrics["training"]["config"]["optimiser"]["batch"] == 2
    assert metrics["scale_of"] == "test" and metrics["chosen_on"] is None
    assert 0 < metrics["judged"]["false_alarms"] < 0.06, "these very points set the scale; objects share theirs"
    assert main(["evaluate", "--run", str(out), "--data", str(data / "train"), "--frames", "2"]) == 0
    said = capsys.readouterr().out
    assert "no unknown points in these labels" in said
    assert main(["evaluate", "--run", str(out), "--data", str(data / "test"), "--label-set", "street"]) == 1
    assert "has other classes than 'tiny_street'" in capsys.readouterr().err


def test_a_run_that_starts_from_another_goes_on_with_its_weights_and_scales(run, data, tmp_path):
    config = tiny_config(data, 1, optimiser=replace(run.config.optimiser, iterations=1, learning_rate=1e-9))
    begun = fit(config, data / "test", tmp_path / "begun", start=run.path)
    old, new = (load_file(r.path / WEIGHTS) for r in (run, begun))
    name = "camera.stem.0.0.weight"
    torch.testing.assert_close(new[name], old[name], atol=1e-6, rtol=0)
    assert not torch.equal(load_file(fit(config, data / "test", tmp_path / "anew").path / WEIGHTS)[name], old[name])
    assert begun.statistics.image_mean == run.statistics.image_mean
    assert begun.record["start"]["steps"] == 60
    assert len(begun.record["start"]["weights"]) == 64
    other = replace(config, network=replace(config.network, hidden=8))
    with pytest.raises(InputError, match="has another network or label set; start from a run of the same ones"):
        fit(other, data / "test", tmp_path / "other", start=run.path)
    with pytest.raises(InputError, match="the run is not finished"):
        (tmp_path / "begun" / WEIGHTS).unlink()
        fit(config, data / "test", tmp_path / "third", start=tmp_path / "begun")
