"""Heads on frozen features: from the command to the table; what is there stays, what does not fit is refused."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml
from kitti_layout import make_kitti
from tiny_run import tiny_config

import training
from fm_ood_ros.errors import InputError
from fm_ood_ros.model.label_sets import IGNORED, OOD
from training.__main__ import main
from training.data.cells import features_under
from training.data.opening import open_frames
from training.data.samples import make_sample
from training.engine.loop import fit
from training.models.config import NetworkConfig
from training.studies.heads.rows import gather_rows
from training.studies.heads.spec import load_heads
from training.studies.heads.study import judge_head, train_head

SPEC = {
    "settings": ["optimiser.iterations=40", "optimiser.batch=2", "optimiser.learning_rate=1e-2"],
    "control_seeds": [0, 1],
    "gathering": {"train_frames": 8, "dev_frames": 4, "points": 200},
    "groups": {
        "loss": {"focal": [], "cross-entropy": ["loss.focal_gamma=0"]},
        "outliers": {
            "energy": ["synthesis.method=feature_mixing", "synthesis.n=12", "synthesis.loss=energy"],
            "batch norm": ["network.normalise=batch"],
        },
    },
}


def write(folder, **changes):
    path = folder / "heads.yaml"
    path.write_text(yaml.safe_dump({**SPEC, **changes}, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def rows(data, run):
    frames = open_frames(data / "test", run.config.data, run.label_set)
    return gather_rows(run.trained_network(), frames, run.label_set, run.input_spec, 4, 200)


def test_rows_are_the_networks_features_at_labelled_cells(data, run, rows):
    """Every row is found again, with its label, among all cells of its frame."""
    frames = open_frames(data / "test", run.config.data, run.label_set)
    network = run.trained_network()
    for index in range(len(frames)):
        arrays = make_sample(frames[index], run.label_set, run.input_spec)
        target = torch.from_numpy(arrays["target"]).flatten()
        inputs = (torch.from_numpy(arrays[key].copy())[None] for key in ("image", "lidar"))
        with torch.inference_mode():
            maps = torch.cat(network.features(*inputs), 1)
        cells = (target != IGNORED).nonzero()[:, 0]
        features = features_under(maps, cells, network.size)
        every = {(*map(float, f), int(t)) for f, t in zip(features, target[cells], strict=True)}
        filled = rows.labels[index] != IGNORED
        assert filled.sum() == min(200, len(cells))
        mine = zip(rows.features[index][filled], rows.labels[index][filled], strict=True)
        assert all((*map(float, f), int(t)) in every for f, t in mine)
    assert (rows.labels == OOD).any()


def test_a_batch_hands_both_streams_on_as_they_are(run, rows):
    camera = run.config.network.features
    sample = rows.batch(torch.tensor([2, 0]), camera)
    assert torch.equal(sample["image"][0, 0], rows.features[2][:, :camera])
    assert torch.equal(sample["lidar"][1, :, 0].T, rows.features[0][:, camera:])
    assert torch.equal(sample["target"][:, 0], rows.labels[[2, 0]])


def test_a_head_learns_and_chance_is_the_seed(data, run):
    frames = open_frames(data / "train", run.config.data, run.label_set)
    known = gather_rows(run.trained_network(), frames, run.label_set, run.input_spec, 8, 200)
    config = replace(tiny_config(data, 60), network=run.config.network)
    first, again = (train_head(config, known, 3) for _ in range(2))
    other = train_head(replace(config, seed=1), known, 3)
    weights = [h.classifier[0].weight for h in (first, again, other)]
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])
    untrained = train_head(replace(config, optimiser=replace(config.optimiser, iterations=1)), known, 3)
    assert judge_head(first, known, 3)["miou"] > judge_head(untrained, known, 3)["miou"] + 0.1


def test_normalised_alike_streams_have_no_gap(data, run, rows):
    config = replace(tiny_config(data, 60), network=run.config.network)
    gaps = {}
    for kind in ("none", "batch"):
        head = train_head(replace(config, network=replace(config.network, normalise=kind)), rows, 3)
        gaps[kind] = judge_head(head, rows, 3)["gap"]
    assert gaps["batch"] < 0.3 * gaps["none"]


@pytest.fixture(scope="module")
def made(data, run, tmp_path_factory):
    """The command, twice: its folder, its spec and what the second call printed."""
    root = tmp_path_factory.mktemp("heads")
    (root / "data").mkdir()
    (root / "data" / "train").symlink_to(data / "train")
    make_kitti(root / "data" / "dev", {"00": 4}, unknown=True, seed=5)
    arguments = ["heads", "--config", str(write(root)), "--runs", str(run.path), "--data", str(root / "data")]
    assert main([*arguments, "--out", str(root / "out")]) == 0
    return root, arguments


def test_the_table_has_every_variant_and_the_noise(made):
    table = (made[0] / "out" / "table.md").read_text(encoding="utf-8")
    rows = {line.split(" | ")[0].strip("| "): line.split(" | ") for line in table.splitlines() if line.startswith("| ")}
    assert {"focal", "cross-entropy", "energy", "batch norm"} < set(rows)
    assert (rows["focal"][1], rows["energy"][1]) == ("2", "1")
    assert rows["focal"][-1].strip("| ") == "+0.0"
    assert "Noise control: seeds of 'focal' differ" in table and "## outliers" in table
    found = json.loads((made[0] / "out" / "heads.json").read_text(encoding="utf-8"))["heads"]
    assert [(f["variant"], f["seed"]) for f in found][:2] == [("focal", 0), ("focal", 1)]
    assert all(f["revision"] and f["run"] for f in found)


def test_what_is_there_stays(made, capsys):
    root, arguments = made
    capsys.readouterr()
    assert main([*arguments, "--out", str(root / "out")]) == 0
    assert "gathering" not in capsys.readouterr().out
    more = {**SPEC["groups"], "more": {"logit norm": ["loss.bounded=logit_norm"]}}
    write(root, groups=more)
    assert main([*arguments, "--out", str(root / "out")]) == 0
    said = capsys.readouterr().out
    assert "1/1 logit norm seed 0" in said
    assert "| logit norm |" in (root / "out" / "table.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"groups": None}, "no 'groups'"),
        ({"groups": {"a": {}}}, "no 'groups'"),
        ({"groups": {"a": {"x": []}, "b": {"x": []}}}, "'x' in two groups"),
        ({"groups": {"a": {"x": "loss.focal_gamma=0"}}}, "expected a list"),
        ({"seeds": []}, "expected some from 0 on"),
        ({"seeds": [-1]}, "expected some from 0 on"),
        ({"gathering": {"points": 0}}, "gathering.points 0"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, changes, said):
    with pytest.raises(InputError, match=said):
        load_heads(write(tmp_path, **changes))


def test_a_file_that_is_no_yaml_is_refused(tmp_path):
    path = tmp_path / "heads.yaml"
    for text in ("{", "- a"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=r"heads\.yaml"):
            load_heads(path)


def test_a_wrong_setting_names_its_variant(run, tmp_path):
    spec = load_heads(write(tmp_path))
    with pytest.raises(InputError, match=r"loss\.nothing=1.*nothing"):
        spec.config(run, ("loss.nothing=1",), 0)


def test_a_run_that_normalises_already_is_refused(data, tmp_path, capsys):
    shape = NetworkConfig((48, 160), (8, 12, 16, 16), (1, 1, 1), features=12, hidden=16, normalise="layer")
    fit(tiny_config(data, 1, network=shape), data / "train", tmp_path / "run")
    arguments = ["--config", str(write(tmp_path)), "--runs", str(tmp_path / "run"), "--data", str(data)]
    assert main(["heads", *arguments, "--out", str(tmp_path / "out")]) == 1
    assert "network.normalise layer" in capsys.readouterr().err


def test_the_shipped_study_is_valid(run):
    spec = load_heads(Path(training.__file__).parent / "configs" / "studies" / "heads_street.yaml")
    wide = replace(run, config=replace(run.config, network=NetworkConfig()))
    configs = {title: spec.config(wide, settings, seed) for title, settings, seed in spec.heads()}
    assert spec.control == "focal" and configs["focal"].synthesis.method == "none"
    for title, config in configs.items():
        weight = config.synthesis.gamma1 if config.synthesis.method != "none" else 0
        assert f"gamma1 {weight:g}".replace("0.", ".") in title or "gamma1" not in title
        assert ("entropy" in title.replace("cross-entropy", "")) == (weight > 0 and config.synthesis.loss == "entropy")
        assert ("energy" in title) == (weight > 0 and config.synthesis.loss == "energy")
