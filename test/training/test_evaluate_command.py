"""The commands evaluate and judge: what they take, where they write, and what they say of it."""

import json
import shutil
from types import SimpleNamespace

import pytest
from kitti_layout import make_kitti
from tiny_run import tiny_config

from fm_ood_ros.errors import InputError
from training.__main__ import main
from training.commands.evaluate import usual_sequences
from training.data.settings import DataConfig
from training.engine.loop import fit
from training.evaluate import subject
from training.evaluate.choice import best_score
from training.evaluate.model import Judged
from training.runs.run import read_json
from training.runs.weights import digest


@pytest.fixture(scope="module")
def split_run(tmp_path_factory):
    """A run that was trained on two of three sequences of one root."""
    root = tmp_path_factory.mktemp("one_root")
    make_kitti(root / "drives", {"00": 2, "01": 2, "02": 3}, unknown=True, seed=4)
    data = DataConfig(workers=0, train_sequences=("00", "01"), val_sequences=("02",))
    return fit(tiny_config(root, 4, data=data), root / "drives", root / "run"), root / "drives"


def test_row_40_a_runs_own_training_sequences_are_not_judged(split_run, tmp_path, capsys):
    run, root = split_run
    assert main(["evaluate", "--run", str(run.path), "--data", str(root)]) == 0
    assert "on drives, sequences 02, by torch" in capsys.readouterr().out
    found = read_json(run.path / "metrics_drives.json")
    assert (found["sequences"], found["frames"]) == (["02"], 3)
    told = ["evaluate", "--run", str(run.path), "--data", str(root), "--sequences", "00", "01"]
    assert main(told) == 0
    assert read_json(run.path / "metrics_drives_00_01.json")["sequences"] == ["00", "01"]
    assert read_json(run.path / "metrics_drives.json") == found, "another choice has a file of its own"


def test_row_40_without_validation_sequences_it_asks(tmp_path):
    training = {"data": "drives", "config": {"data": {"train_sequences": ["00"], "val_sequences": None}}}
    with pytest.raises(InputError, match="the sequences 00 that the run was trained on; say which with --sequences"):
        usual_sequences(tmp_path / "drives", training)
    assert usual_sequences(tmp_path / "other", training) is None
    assert usual_sequences(tmp_path / "drives", {}) is None


def test_row_47_a_run_is_judged_where_torch_sees_a_gpu(run, monkeypatch):
    moved = []
    monkeypatch.setattr(subject, "device_type", lambda: "cuda:7")
    network = SimpleNamespace(to=moved.append)
    monkeypatch.setattr(type(run), "trained_network", lambda self: network)
    monkeypatch.setattr(subject, "NetworkEngine", lambda network: network)
    subject.Subject.of_run(run, None)
    assert moved == ["cuda:7"]


@pytest.fixture(scope="module")
def copied(run, tmp_path_factory):
    """The run's folder, in which a judgement may be left."""
    return shutil.copytree(run.path, tmp_path_factory.mktemp("copied") / "run")


def test_judge_fits_on_val_and_chooses_on_dev(copied, data, capsys):
    arguments = ["judge", "--run", str(copied), "--val", str(data / "val")]
    assert main(arguments) == 0
    assert "not chosen on a development set (--dev)" in capsys.readouterr().out
    assert Judged.load(copied).chosen is None
    assert main([*arguments, "--dev", str(data / "test")]) == 0
    judged = Judged.load(copied)
    dev = json.loads((copied / "metrics_test.json").read_text(encoding="utf-8"))
    assert (judged.data, judged.chosen) == ("val", "test")
    assert judged.spec.score == best_score(dev["judged"]["scores"]) == dev["score"]
    assert dev["chosen_on"] == "test"
    assert f"score {judged.spec.score}, chosen on 'test'; scales" in capsys.readouterr().out


def test_a_split_of_a_benchmark_is_named(run, data, capsys):
    assert main(["evaluate", "--run", str(run.path), "--data", str(data), "--split", "test", "--frames", "1"]) == 0
    assert f"on {data.name}/test, sequences 00" in capsys.readouterr().out
    found = read_json(run.path / "metrics_test.json")
    assert (found["data"], found["split"], found["frames"]) == (data.name, "test", 1)
    assert found["judged"] is None
    assert main(["evaluate", "--run", str(run.path), "--data", str(data), "--split", "none"]) == 1
    assert "does not exist" in capsys.readouterr().err


def test_a_broken_judgement_is_named(copied, tmp_path, capsys):
    folder = shutil.copytree(copied, tmp_path / "run")
    weights = digest(folder / "weights.safetensors")
    (folder / "judgement.json").write_text(json.dumps({"weights": weights, "scales": {}}), encoding="utf-8")
    assert main(["evaluate", "--run", str(folder), "--data", "nowhere"]) == 1
    assert "judgement.json is wrong ('judgement'); delete it and judge the run again" in capsys.readouterr().err


@pytest.mark.parametrize("count", ["0", "-1"])
def test_no_frames_are_refused(count, capsys):
    with pytest.raises(SystemExit):
        main(["evaluate", "--run", "any", "--data", "any", "--frames", count])
    assert f"{count} is impossible, expected 1 or more" in capsys.readouterr().err
