"""Street-OOD: written by one command, resumed, indexed, checked file by file, described."""

import json
import os
import resource
import shutil

import numpy as np
import pytest
import yaml

from fm_ood_ros.errors import InputError
from simulation.__main__ import main
from simulation.benchmark.card import facts
from simulation.benchmark.check import check_folder
from simulation.benchmark.index import read_index
from simulation.benchmark.spec import SHIPPED, SIZES, load_spec
from simulation.benchmark.statistics import RANGE_EDGES, measure_sequence
from simulation.benchmark.write import write_benchmark
from simulation.output.crew import work
from simulation.output.reading import in_view, read_frame, read_raw_labels
from simulation.unknown import DEVELOPMENT_KINDS, OTHER_OBJECT, TEST_KINDS

TWO = dict.fromkeys(SIZES, 2)
TINY = {
    "name": "Tiny", "version": "v0", "period": 0.5, "rigs": {"main": "kitti", "second": "nuscenes"},
    "splits": {
        "val": {"kinds": "val", "seed": 1, "rig": ["main", "second"], "frames": 1, "scenes": {"full": 3, "small": 2}},
        "test_{second}": {"kinds": "test", "seed": 2, "rig": ["second"], "frames": 2, "scenes": TWO},
    },
}  # fmt: skip


def spec_file(folder, **changes):
    path = folder / "spec.yaml"
    path.write_text(yaml.safe_dump({**TINY, **changes}, sort_keys=False))
    return path


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A whole benchmark of four scenes, and its spec file."""
    root = tmp_path_factory.mktemp("tiny")
    spec = spec_file(root)
    assert (
        main(["benchmark", "--out", str(root / "out"), "--spec", str(spec), "--size", "small", "--workers", "1"]) == 0
    )
    return root / "out", spec


@pytest.fixture
def copy(tiny, tmp_path):
    shutil.copytree(tiny[0], tmp_path / "copy")
    return tmp_path / "copy"


def test_the_shipped_benchmark_is_as_large_as_promised():
    spec = load_spec()
    full = {s.folder: s for s in spec.splits}
    assert list(full) == ["train", "val", "dev", "test", "test_nuscenes"]
    for folder, scenes, frames in (("train", 500, 2000), ("val", 1, 300), ("dev", 1, 300), ("test", 300, 600)):
        assert full[folder].scenes["full"] >= scenes
        assert full[folder].scenes["full"] * full[folder].frames >= frames
    assert full["test_nuscenes"].scenes == full["test"].scenes
    assert len({s.seed for s in spec.splits}) == 5
    assert all(s.scenes["small"] * 10 == s.scenes["full"] for s in spec.splits)
    assert set(DEVELOPMENT_KINDS) < set(TEST_KINDS)


def test_the_index_names_every_file_with_version_revision_and_settings(tiny):
    out, _ = tiny
    index = read_index(out)
    assert index["name"], index["version"] == ("Tiny", "v0")
    assert len(index["source_revision"]) == 16 and index["simulator"] and index["settings"]["size"] == "small"
    assert index["frames"] == {"val": 2, "test_nuscenes": 4}
    assert set(index["files"]) == {p.relative_to(out).as_posix() for p in out.rglob("*.*")} - {"index.json"}
    rigs = [s["rig"] for s in json.loads((out / "val/scenes.json").read_text())["scenes"]]
    assert rigs == ["kitti", "nuscenes"]


def test_the_checker_names_what_is_missing_changed_or_extra(copy, capsys):
    assert main(["check", str(copy)]) == 0
    assert "as they were written" in capsys.readouterr().out
    cloud = copy / "val/sequences/01/velodyne/000000.bin"
    cloud.write_bytes(cloud.read_bytes()[:-1] + b"\x7e")
    (copy / "test_nuscenes/sequences/00/labels/000001.label").unlink()
    (copy / "val/sequences/00/image_2/000001.png").write_bytes(b"")
    assert main(["check", str(copy)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[:3] == [
        "missing: test_nuscenes/sequences/00/labels/000001.label",
        "changed: val/sequences/01/velodyne/000000.bin",
        "extra: val/sequences/00/image_2/000001.png",
    ]
    assert "1 missing, 1 changed, 1 extra" in said[3]


def test_a_finished_benchmark_is_not_written_again_and_a_changed_file_not_blessed(copy, tiny):
    (copy / "val/sequences/00/times.txt").write_text("1\n")
    write_benchmark(load_spec(tiny[1]), "small", copy, workers=1, audited=False)
    assert check_folder(copy).changed == ["val/sequences/00/times.txt"]
    (copy / "index.json").unlink()
    write_benchmark(load_spec(tiny[1]), "small", copy, workers=1, audited=False)
    assert check_folder(copy).changed == ["val/sequences/00/times.txt"]


def test_an_interrupted_run_is_not_taken_for_whole_and_gives_the_same_bytes_when_resumed(copy, tiny, capsys):
    before = read_index(copy)["digest"]
    kept = copy / "val/sequences/00/velodyne/000000.bin"
    written = kept.stat().st_mtime_ns
    (copy / "index.json").unlink()
    sequences = copy / "test_nuscenes/sequences"
    (sequences / "01").rename(sequences / ".01.partial")
    (sequences / ".01.partial/scene.json").unlink()
    assert main(["check", str(copy)]) == 2
    assert "no finished benchmark" in capsys.readouterr().err
    write_benchmark(load_spec(tiny[1]), "small", copy, workers=1, audited=False)
    assert read_index(copy)["digest"] == before
    assert check_folder(copy).whole
    assert kept.stat().st_mtime_ns == written


def test_a_folder_with_other_settings_or_with_strangers_is_refused(copy, tiny):
    with pytest.raises(InputError, match="other settings"):
        write_benchmark(load_spec(tiny[1]), "full", copy, workers=1)
    (copy / "index.json").unlink()
    (copy / "val/sequences/07").mkdir()
    (copy / "val/sequences/07/note.txt").write_text("mine")
    with pytest.raises(InputError, match=r"val/sequences/07/note\.txt"):
        write_benchmark(load_spec(tiny[1]), "small", copy, workers=1, audited=False)
    assert not (copy / "index.json").exists()


def test_a_full_disk_is_one_error_and_leaves_nothing_that_looks_whole(tmp_path, capsys):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))  # less than any cloud
    try:
        code = main(["benchmark", "--out", str(tmp_path / "out"), "--spec", str(spec_file(tmp_path)), "--workers", "1"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert code == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("error: ") and "cannot be written" in said and "free some space" in said
    assert list((tmp_path / "out").rglob("*")) == [tmp_path / "out/val", tmp_path / "out/val/sequences"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rigs": {"main": "kitti", "second": "sonar"}}, "'sonar'"),
        ({"rigs": {"main": "kitti"}}, "'second'"),
        ({"period": 0}, "period of 0 s"),
        ({"period": "soon"}, "soon"),
        ({"splits": {"val": {**TINY["splits"]["val"], "kinds": "holdout"}}}, "'holdout'"),
        ({"splits": {"val": {**TINY["splits"]["val"], "rig": ["third"]}}}, "'third'"),
        ({"splits": {"val": {**TINY["splits"]["val"], "frames": 0}}}, "no frames"),
        ({"splits": {"val": TINY["splits"]["val"], "more": TINY["splits"]["val"]}}, "one seed"),
        ({"splits": {"val": {"kinds": "val"}}}, "rig"),
    ],
)
def test_an_impossible_spec_is_refused_with_what_was_found(tmp_path, changes, said):
    with pytest.raises(InputError, match=said):
        load_spec(spec_file(tmp_path, **changes))


def test_rigs_of_ones_own_take_the_place_of_the_files():
    spec = load_spec(SHIPPED, ["shuttle16", "city128"])
    assert [s.folder for s in spec.splits][-2:] == ["test", "test_city128"]
    assert spec.splits[0].rigs == ("shuttle16", "shuttle16", "shuttle16", "city128")
    assert spec.splits[-1].rigs == ("city128",)
    assert spec.title == "Street-OOD v1 with rigs shuttle16 and city128"


def test_roles_are_names_of_ones_own(tmp_path):
    split = {**TINY["splits"]["val"], "rig": ["bus", "tram", "bus"]}
    rigs = {"bus": "city128", "tram": "varied"}
    spec = load_spec(spec_file(tmp_path, rigs=rigs, splits={"val": split, "val_{tram}": {**split, "seed": 3}}))
    assert spec.splits[0].rigs == ("city128", "varied", "city128")
    assert [s.folder for s in spec.splits] == ["val", "val_varied"]
    assert spec.settings("full")["rigs"] == rigs
    with pytest.raises(InputError, match=r"no role 'main' among \['bus', 'tram'\].*leave out --rigs"):
        load_spec(tmp_path / "spec.yaml", ["kitti", "nuscenes"])


def test_further_roles_stay_when_main_and_second_are_given(tmp_path):
    rigs = {**TINY["rigs"], "third": "city128"}
    split = {**TINY["splits"]["val"], "rig": ["main", "third", "second"]}
    spec = load_spec(spec_file(tmp_path, rigs=rigs, splits={"val": split}), ["shuttle16", "varied"])
    assert spec.splits[0].rigs == ("shuttle16", "city128", "varied")
    assert spec.version == "v0 with rigs shuttle16 and varied"


def test_the_shipped_training_rigs_show_known_things_by_varied_sensors():
    spec = load_spec(SHIPPED.with_name("street_rigs.yaml"))
    (train,) = spec.splits
    assert (train.folder, train.kinds, train.frames) == ("train", "train", 4)
    assert train.scenes == {"full": 300, "small": 30}
    shares = {name: train.rigs.count(name) for name in train.rigs}
    assert shares == {"kitti": 1, "varied": 4, "nuscenes": 1, "varied_wide": 2, "city128": 1, "shuttle16": 1}
    assert train.seed not in {s.seed for s in load_spec().splits}


def test_statistics_count_what_the_labels_hold(tiny):
    sequence = tiny[0] / "test_nuscenes/sequences/00"
    counted = measure_sequence(sequence)
    points, near, views, shown = 0, 0, [], 0
    for cloud in sorted((sequence / "velodyne").glob("*.bin")):
        frame = read_frame(cloud)
        instances = {}
        for i in in_view(frame)[0]:
            label, instance = (int(values[i]) for values in read_raw_labels(cloud))
            points += 1
            near += bool(np.linalg.norm(frame.points[i, :3].astype(float)) < RANGE_EDGES[2])
            if label == OTHER_OBJECT:
                instances[instance] = instances.get(instance, 0) + 1
        views += instances.values()
        shown += bool(instances)
    assert (counted.frames, counted.scenes) == (2, 1)
    assert sum(counted.points.values()) == points
    assert counted.ranges[0] + counted.ranges[1] == near
    assert sorted(counted.views) == sorted(views) and sum(views) == counted.points[OTHER_OBJECT]
    assert counted.with_unknown == shown


def test_the_card_states_shares_that_add_up_and_the_audit(tiny):
    out, _ = tiny
    card = json.loads((out / "data_card.json").read_text())
    for split in card["splits"].values():
        assert sum(split["classes"].values()) == pytest.approx(1)
        assert sum(split["ranges"].values()) == pytest.approx(1)
    assert card["splits"]["val"]["unknown_share"] == 0 and card["splits"]["test_nuscenes"]["unknown_share"] > 0
    assert [a["split"] for a in card["audit"]] == ["test_nuscenes"]
    text = (out / "DATA_CARD.md").read_text()
    for said in ("Tiny v0", "never with figures published", "Apache-2.0", "Shortcut audit", "all together"):
        assert said in text
    share = card["splits"]["test_nuscenes"]["unknown_share"]
    assert f"{100 * share:.2f} %" in text


def test_a_split_without_unknown_objects_has_facts_too(tiny):
    found = facts(measure_sequence(tiny[0] / "val/sequences/00"))
    assert found["objects"]["views"] == 0 and found["objects"]["points_per_view"] == {}


def test_a_worker_that_dies_is_told():
    with pytest.raises(InputError, match="worker process died"):
        work(os._exit, [7, 7], workers=2, frames=1, name="test")
