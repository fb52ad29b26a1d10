"""A comparison's file is read strictly, the development set alone chooses the score, and breaks count in no time."""

import fcntl
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from tiny_run import LABELS

import training
from fm_ood_ros.errors import InputError
from fm_ood_ros.metrics import differences, intervals
from fm_ood_ros.model.label_sets import LabelSet
from training.config import Config
from training.data.frames import FrameFacts
from training.evaluate.figures import Figures, Labelled, Verdicts
from training.evaluate.plot import COLOURS
from training.studies.comparison import worker
from training.studies.comparison.picture import ROW, TOP, panel
from training.studies.comparison.results import MethodResult, Result, choose_scores, training_seconds
from training.studies.comparison.scenes import OverSeeds, load_scenes, save_scenes
from training.studies.comparison.source import source_of
from training.studies.comparison.spec import load_spec
from training.studies.comparison.trial import Trial, trials_of

SHIPPED = Path(training.__file__).parent / "configs" / "studies" / "compare_street.yaml"
METHODS = {"a": {"title": "A", "config": "a.yaml"}, "b": {"title": "B", "config": "a.yaml", "seeds": [3]}}


def judged(**fpr95):
    """An evaluation with these FPR@95 by score, alone one less these; AUROC 0.9, AUPR 0.5."""
    rest = {"auroc": 0.9, "aupr": 0.5, "recall_at_5": 0.6}
    part = {"miou": 0.8, "scores": {name: {"fpr95": v, **rest} for name, v in fpr95.items()}}
    alone = {"miou": 0.7, "scores": {name: {"fpr95": 1.0 - v, **rest} for name, v in fpr95.items()}}
    return {"judged": part, "alone": alone}


def written(folder, **changes):
    (folder / "a.yaml").write_text("optimiser: {batch: 4}\n", encoding="utf-8")
    path = folder / "compare.yaml"
    path.write_text(yaml.safe_dump({"control": "a", "methods": METHODS, **changes}), encoding="utf-8")
    return path


def test_the_development_set_chooses_the_score():
    devs, tests = [judged(msp=0.3, energy=0.5), judged(msp=0.5, energy=0.4)], [judged(msp=0.9, energy=0.1)] * 2
    scores = choose_scores(devs)
    assert scores.judged == "msp", "0.40 against 0.45 on average, though not in both runs"
    assert scores.alone == "energy", "points alone have a choice of their own"
    trial = Trial("a", 0, Config(), Path("a"))
    runs = tuple(Result(trial, dev, test, {}, {}, 60.0) for dev, test in zip(devs, tests, strict=True))
    method = MethodResult("A", runs, scores)
    assert method.over_seeds("fpr95") == (0.9, 0.0), "the test set would have chosen energy"
    assert method.over_seeds("alone_fpr95") == (pytest.approx(0.9), pytest.approx(0.0))
    assert (method.over_seeds("miou")[0], method.over_seeds("alone_miou")[0]) == (0.8, 0.7)


def figures(seed, labels):
    """Verdicts on six scenes, by scores that grow with the seed's luck."""
    rng = np.random.default_rng(seed)
    found = Figures(labels, ["energy"], within_one=True)
    for scene in range(6):
        target = rng.choice(np.array([0, 1, 2, 254], np.uint8), 400)
        score = np.clip(rng.normal(0.5 + 0.2 * (target == 254), 0.2), 0, 0.99).astype(np.float32)
        said = Verdicts(rng.integers(0, 3, 400).astype(np.uint8), np.full(400, 0.5, np.float32), {"energy": score})
        found.add(Labelled(f"{scene}", target, np.ones(400, bool), np.full(400, 9.0, np.float32), FrameFacts()), said)
    return found


def test_counts_by_scene_outlive_their_process_and_pair_up(tmp_path):
    labels = LabelSet.from_dict(LABELS, "labels")
    runs = [figures(seed, labels) for seed in range(3)]
    for seed, run in enumerate(runs):
        save_scenes(tmp_path / f"{seed}.npz", run)
    loaded = [load_scenes(tmp_path / f"{seed}.npz", "energy") for seed in range(3)]
    for run, (classes, scores) in zip(runs, loaded, strict=True):
        assert intervals(classes) == intervals(run.scene_classes)
        assert intervals(scores) == intervals(run.scene_scores["energy"])
    scores = [s for _, s in loaded]
    alike = differences(OverSeeds(scores), OverSeeds(scores))["auroc"]
    assert (alike["value"], alike["low"], alike["high"]) == (0, 0, 0), "on the same scenes nothing differs"
    apart = differences(OverSeeds(scores[:2]), OverSeeds(scores[2:]))["auroc"]
    single = [intervals(one)["auroc"]["value"] for one in scores]
    assert apart["value"] == pytest.approx(np.mean(single[:2]) - single[2])
    assert apart["low"] < apart["value"] < apart["high"]
    with pytest.raises(InputError, match="holds no counts by scene"):
        load_scenes(tmp_path / "0.npz", "gen")


def test_training_time_leaves_breaks_out():
    log = [{"step": 50, "s_per_step": 2.0}, {"step": 60, "val_miou": 0.5}, {"step": 100, "s_per_step": 1.0}]
    assert training_seconds(log) == 150


def test_first_seeds_come_first_and_own_seeds_win(tmp_path):
    spec = load_spec(written(tmp_path, seeds=[0, 1], settings=["optimiser.iterations=7"]))
    trials = trials_of(spec, tmp_path, ["a", "b"], None)
    assert [(t.method, t.seed, t.config.seed) for t in trials] == [("a", 0, 0), ("b", 3, 3), ("a", 1, 1)]
    assert {(t.config.optimiser.iterations, t.config.optimiser.batch) for t in trials} == {(7, 4)}
    assert [t.name for t in trials_of(spec, tmp_path, ["b"], [5])] == ["b seed 5"]


def test_the_shipped_investigation_holds_every_setting_against_two_seeds_of_the_control():
    spec = load_spec(SHIPPED.with_name("investigate_street.yaml"))
    shapes = [config.to_dict().__repr__() for config in spec.configs.values()]
    assert len(set(shapes)) == len(shapes), "no two are the same"
    assert all(len(spec.seeds(m)) >= 2 for m in spec.methods)
    assert spec.configs["late_fusion"] == load_spec(SHIPPED).configs["late_fusion"]


def test_the_shipped_study_of_the_papers_network_takes_nothing_else():
    spec = load_spec(SHIPPED.with_name("paper_network_street.yaml"))
    assert {config.network.kind for config in spec.configs.values()} == {"paper"}
    assert [config.synthesis.loss for config in spec.configs.values()][1:] == ["entropy", "energy"]


def test_the_shipped_comparison_is_the_whole_list():
    spec = load_spec(SHIPPED)
    assert len(spec.methods) == 11
    assert len({config.to_dict().__repr__() for config in spec.configs.values()}) == 11, "no two are the same"
    assert all(len(spec.seeds(m)) >= 3 for m in ("late_fusion", "feature_mixing_street", "a2d_feature_mixing"))
    assert {(c.optimiser.threads, c.data.workers) for c in spec.configs.values()} == {(1, 0)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"methods": {"a": {"title": "A", "config": "none.yaml"}}}, "method a: .*none.yaml cannot be read as YAML"),
        ({"settings": ["optimiser.steps=3"]}, "method a: .*'optimiser.steps', which does not exist"),
        ({"seed": [1]}, "sets 'seed', which does not exist"),
        ({"methods": {"a": {"title": "A", "config": "a.yaml", "set": []}}}, "sets 'methods.a.set', which does not"),
        ({"methods": {"a": {"config": "a.yaml"}}}, "'methods.a.' lacks a setting .*title"),
        ({"methods": {}}, "has no 'methods' by name"),
        ({"control": "c"}, "has the control 'c', expected one of a, b"),
        ({"seeds": [1, 1]}, r"'seeds' is \[1, 1\], expected different ones"),
        ({"methods": {"a/b": METHODS["a"]}}, "names a method 'a/b'"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(changes, message, tmp_path):
    with pytest.raises(InputError) as error:
        load_spec(written(tmp_path, **changes))
    assert re.search(message, str(error.value)), error.value


def test_an_unknown_method_is_named(tmp_path):
    with pytest.raises(InputError, match="method 'c' does not exist; known here: a, b"):
        load_spec(written(tmp_path)).choose(["c"])


def test_whiskers_are_as_long_as_the_deviation():
    picture = panel("FPR@95", {"one": [40.0, 60.0], "other": [50.0]})
    rows = [np.abs(picture[TOP + ROW * i + ROW // 2].astype(int) - COLOURS[0]).sum(1) < 40 for i in (0, 1)]
    whisker, dot = (np.flatnonzero(row) for row in rows)
    assert whisker.mean() == pytest.approx(dot.mean(), abs=2), "both means are 50"
    ticks = np.flatnonzero(np.abs(picture[TOP + ROW // 2 - 5].astype(int) - COLOURS[0]).sum(1) < 40)
    assert np.ptp(whisker) / np.ptp(ticks) == pytest.approx(np.sqrt(2), abs=0.05), (
        "deviation of 14.1 about values 20 apart"
    )
    assert np.ptp(dot) < 15


def test_the_control_is_grey_and_its_mean_goes_through_all_rows():
    picture = panel("FPR@95", {"control": [30.0, 40.0], "other": [50.0]}, "control").astype(int)
    blue, grey = ((np.abs(picture - COLOURS[i]).sum(2) < 40) for i in (0, -1))
    first, second = (slice(TOP + ROW * i, TOP + ROW * (i + 1)) for i in (0, 1))
    assert not blue[first].any() and blue[second].any()
    dot, line = (np.flatnonzero(grey[rows].all(0)) for rows in (first, second))
    assert len(line) == 1 and line[0] in dot


def test_no_name_reaches_into_the_marks():
    short, long = (panel("FPR@95", {name: [40.0, 60.0], "other": [50.0]}) for name in ("one", "a long name " * 4))
    for picture in (short, long):
        row = picture[TOP : TOP + ROW].astype(int)
        marks = np.flatnonzero((np.abs(row - COLOURS[0]).sum(2) < 40).any(0))
        ink = np.flatnonzero((row.sum(2) < 150).any(0))
        assert len(ink) and ink.max() < marks.min()
    assert long.shape[1] > short.shape[1]


def test_a_run_has_one_process_at_a_time(tmp_path, capsys):
    with (tmp_path / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert worker.main(tmp_path, tmp_path) == 1
    assert f"{tmp_path} is in the hands of another process" in capsys.readouterr().err


def test_without_unknown_points_to_choose_on_the_test_set_stays_closed(run, data, tmp_path):
    folder = shutil.copytree(run.path, tmp_path / "run")
    for part, origin in (("train", "train"), ("val", "val"), ("dev", "train"), ("test", "test")):
        (tmp_path / part).symlink_to(data / origin)
    with pytest.raises(InputError, match="dev has no unknown points, so no score can be chosen"):
        worker.train_and_judge(run.config, tmp_path, folder)
    assert not (folder / "test.json").exists()


def test_data_without_an_index_are_told_apart_by_names_and_sizes(tmp_path):
    for part in ("train", "val", "dev", "test"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "frame").write_text(part, encoding="utf-8")
    first, again = (source_of(tmp_path, 1).data for _ in range(2))
    (tmp_path / "dev" / "frame").write_text("another", encoding="utf-8")
    assert first == again != source_of(tmp_path, 1).data
    (tmp_path / "index.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match=r"index\.json lacks 'name'"):
        source_of(tmp_path, 1)
