"""Two methods and two seeds from the command to the table, broken off in between; what does not fit is refused."""

import contextlib
import csv
import io
import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
import yaml
from kitti_layout import make_kitti
from safetensors.torch import load_file
from tiny_run import tiny_config

from training.__main__ import main
from training.config import load_config
from training.engine.loop import fit
from training.losses.config import SynthesisConfig
from training.runs.progress import read_log
from training.runs.run import CHECKPOINT, LOG, WEIGHTS, read_json

ROOT = Path(__file__).parents[2]
SEEDS = (0, 1)


def spec(folder, **changes):
    """Path of a comparison of two methods that train and one that cannot, beside their configurations."""
    methods = {
        "late": {"title": "late fusion", "config": "late.yaml"},
        "mixing": {"title": "FM", "config": "mixing.yaml", "settings": ["synthesis.gamma1=0.2"]},
        "broken": {"title": "broken", "config": "late.yaml", "settings": ["label_set=nowhere.yaml"], "seeds": [0]},
    }
    data = {"control": "late", "seeds": list(SEEDS), "settings": ["optimiser.batch=2"], "methods": methods, **changes}
    path = folder / "compare.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A comparison that was stopped in its first run and then went on: paths, and what the second command said."""
    root = tmp_path_factory.mktemp("comparison")
    for seed, (name, unknown) in enumerate({"train": False, "val": False, "dev": True, "test": True}.items()):
        make_kitti(root / "data" / name, {"00": 4}, unknown=unknown, seed=seed)
    index = {"name": "Tiny", "version": "v0", "digest": "0123456789abcdef0123"}
    (root / "data" / "index.json").write_text(json.dumps(index), encoding="utf-8")
    plain = tiny_config(root, 20, log_every=2, save_every=4, synthesis=SynthesisConfig())
    mixing = replace(plain, synthesis=SynthesisConfig("feature_mixing", n=4, gamma1=0.1, start=0.5))
    for name, config in (("late", plain), ("mixing", mixing)):
        (root / f"{name}.yaml").write_text(yaml.safe_dump(config.to_dict()), encoding="utf-8")
    out = root / "out"
    command = ["compare", "--config", str(spec(root)), "--data", str(root / "data"), "--out", str(out), "--jobs", "2"]
    stop_in_first_run(command, out / "late" / "seed0")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        status = main(command)
    return SimpleNamespace(root=root, out=out, command=command, status=status, said=said.getvalue())


def stop_in_first_run(command, run):
    with subprocess.Popen([sys.executable, "-m", "training", *command], cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 600
        while not any(line["step"] >= 6 for line in read_log(run / LOG)):
            assert process.poll() is None, "the comparison ended before it could be stopped"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
    assert process.returncode == 128 + signal.SIGTERM
    assert (run / CHECKPOINT).is_file()
    assert not (run / WEIGHTS).exists()


def runs(folder):
    with (folder / "runs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def again(made, folder, *more):
    """The command on a copy of what it made, without the method that fails."""
    shutil.copytree(made.out, folder)
    return [*made.command, "--out", str(folder), "--only", "late", "mixing", *more]


def test_it_goes_on_where_it_was_stopped(made, tmp_path):
    assert "late seed 0: goes on after step" in made.said
    config = replace(load_config(made.root / "late.yaml", ["optimiser.batch=2"]), seed=0)
    whole = fit(config, made.root / "data" / "train", tmp_path / "whole")
    expected, resumed = (load_file(path / WEIGHTS) for path in (whole.path, made.out / "late" / "seed0"))
    assert all(torch.equal(expected[name], resumed[name]) for name in expected)


def test_a_failed_run_stops_no_other_and_is_named(made):
    assert made.status == 1
    assert "broken seed 0: FAILED (1): error: " in made.said
    assert "nowhere.yaml" in made.said
    assert [(row["method"], row["seed"]) for row in runs(made.out)] == [
        (method, str(seed)) for method in ("late", "mixing") for seed in SEEDS
    ]
    assert "Unfinished, so not shown: broken seed 0." in (made.out / "table.md").read_text(encoding="utf-8")


def test_the_numbers_are_the_runs(made):
    for row in runs(made.out):
        test = read_json(made.out / row["method"] / f"seed{row['seed']}" / "test.json")
        for part, prefix in (("judged", ""), ("alone", "alone_")):
            score = test[part]["scores"][row[f"{prefix}score"]]
            assert float(row[f"{prefix}miou"]) == test[part]["miou"]
            assert all(float(row[prefix + key]) == score[key] for key in ("fpr95", "auroc", "aupr", "recall_at_5"))
        assert read_json(made.out / row["method"] / f"seed{row['seed']}" / "judgement.json")["data"] == "val"
        assert float(row["training_seconds"]) > 0
    with (made.out / "table.csv").open(encoding="utf-8", newline="") as file:
        table = {row["method"]: row for row in csv.DictReader(file)}
    for method, row in table.items():
        values = [float(run["fpr95"]) for run in runs(made.out) if run["method"] == method]
        assert float(row["fpr95_mean"]) == pytest.approx(np.mean(values))
        assert float(row["fpr95_std"]) == pytest.approx(np.std(values) * np.sqrt(2)), "of a sample of two"


def test_settings_and_seeds_reach_the_runs(made):
    for method, seed in ((method, seed) for method in ("late", "mixing") for seed in SEEDS):
        config = load_config(made.out / method / f"seed{seed}" / "config.yaml")
        assert (config.seed, config.optimiser.batch) == (seed, 2)
        assert config.synthesis.gamma1 == (0.2 if method == "mixing" else SynthesisConfig().gamma1)


def test_the_table_says_what_it_was_made_of(made):
    text = (made.out / "table.md").read_text(encoding="utf-8")
    for fact in (
        "Tiny v0, index digest 0123456789abcdef, 4 development and 4 test frames. They are synthetic",
        "20 steps of batch 2 on 4 frames, compact network at 48x160, 1 thread(s)",
        "2 run(s) at once",
        "Noise control: the 2 seeds of late fusion differ",
        "| FM | 2 |",
    ):
        assert fact in text
    assert cv2.imread(str(made.out / "comparison.png")).std() > 10


def test_methods_are_held_against_the_control_seed_by_seed(made):
    rows = {line.split(" | ")[0]: line.split(" | ") for line in (made.out / "table.md").read_text().splitlines()}

    def fpr95(method, seed, score):
        return read_json(made.out / method / f"seed{seed}" / "test.json")["judged"]["scores"][score]["fpr95"]

    mine, control = rows["| FM"], rows["| late fusion"]
    expected = [100 * (fpr95("mixing", seed, mine[2]) - fpr95("late", seed, control[2])) for seed in SEEDS]
    assert mine[14] == ", ".join(f"{value:+.1f}" for value in expected)
    assert mine[15].startswith(f"{np.mean(expected):+.1f} ["), "one scene, so that nothing is known of others"
    assert control[14] == control[15] == ""


def test_what_is_finished_is_not_made_again(made, tmp_path, capsys):
    command = again(made, tmp_path / "out")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*/*/*") if path.is_file()}
    assert main(command) == 0
    assert "4 runs, 0 of them to do" in capsys.readouterr().out
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_other_source_is_refused_or_named(made, tmp_path, capsys):
    command = again(made, tmp_path / "out")
    path = tmp_path / "out" / "mixing" / "seed1" / "trial.json"
    path.write_text(json.dumps({**read_json(path), "revisions": ["0ld"]}), encoding="utf-8")
    assert main(command) == 1
    assert "seed1 was made by source 0ld, this is " in capsys.readouterr().err
    assert main([*command, "--mix-revisions"]) == 0
    text = (tmp_path / "out" / "table.md").read_text(encoding="utf-8")
    assert " / 0ld. Runs of several revisions are mixed." in text


def test_a_setting_that_came_since_stands_at_its_default(made, tmp_path, capsys):
    command = again(made, tmp_path / "out")
    path = tmp_path / "out" / "mixing" / "seed1" / "trial.json"
    facts = read_json(path)
    del facts["config"]["synthesis"]["choice"]
    path.write_text(json.dumps(facts), encoding="utf-8")
    assert main(command) == 0
    facts["config"]["synthesis"]["choice_of_old"] = "x"
    path.write_text(json.dumps(facts), encoding="utf-8")
    assert main(command) == 1
    assert "choice_of_old" in capsys.readouterr().err


def test_other_data_and_settings_are_refused(made, tmp_path, capsys):
    command = again(made, tmp_path / "out")
    other = tmp_path / "data"
    other.mkdir()
    for part in ("train", "val", "dev", "test"):
        (other / part).symlink_to(made.root / "data" / part)
    assert main([*command, "--data", str(other)]) == 1
    assert "seed0 was made of data {'name': 'Tiny v0'" in capsys.readouterr().err
    for name in ("late", "mixing"):
        shutil.copy(made.root / f"{name}.yaml", tmp_path)
    changed = spec(tmp_path, settings=["optimiser.batch=2", "optimiser.iterations=50"])
    assert main([*command, "--config", str(changed)]) == 1
    assert "seed0 was made with other settings of ['optimiser']" in capsys.readouterr().err
    (other / "dev").unlink()
    assert main([*command, "--data", str(other)]) == 1
    assert "has no folder 'dev'" in capsys.readouterr().err
