"""Data sets: the layout reads back, the same seed gives the same bytes, unknown objects only where they belong."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import SCENES, request_of

from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.kitti_files import read_kitti_calibration
from fm_ood_ros.model.label_sets import LabelSet
from simulation.output.dataset import SPLIT_CODE, write_dataset
from simulation.output.reading import frames, in_view
from simulation.unknown import KINDS, OTHER_OBJECT
from simulation.world.scene import build_scene

ROOT = Path(__file__).parents[2]
FRAME_FILES = ("velodyne/000000.bin", "labels/000000.label", "image_2/000000.png", "calib.txt", "times.txt")


def test_every_sequence_reads_back(splits):
    labels = LabelSet.load("street")
    for split, count in SCENES.items():
        sequences = sorted((splits / split / "sequences").iterdir())
        assert [s.name for s in sequences] == [f"{i:02d}" for i in range(count)]
        read = list(frames(splits / split))
        assert len(read) == count
        for frame in read:
            assert len(frame.labels) == len(frame.points) > 5000
            labels.train_ids(frame.labels)  # refuses ids that the label set does not know
            assert len(in_view(frame)[0]) > 2000


def test_the_calibration_file_says_what_the_rig_is(splits):
    rig = build_scene(request_of(splits, "train").scene(3)).rig
    read = read_kitti_calibration(splits / "train/sequences/03/calib.txt", rig.width, rig.height)
    assert np.allclose(read.lens.K, rig.calibration.lens.K, atol=1e-9)
    assert np.allclose(read.T_camera_lidar, rig.calibration.T_camera_lidar, atol=1e-9)


def test_training_shows_no_unknown_object_and_the_test_split_enough(splits):
    assert not any((f.labels == OTHER_OBJECT).any() for f in frames(splits / "train"))
    shares = [np.mean(f.labels[in_view(f)[0]] == OTHER_OBJECT) for f in frames(splits / "test")]
    assert 0.01 < np.mean(shares) < 0.08  # of few scenes; 2 to 5 % over a whole split
    assert np.mean(np.array(shares) > 0) >= 0.7


def test_the_index_names_every_instance(splits):
    index = json.loads((splits / "test/scenes.json").read_text())
    assert len(index["scenes"]) == SCENES["test"]
    seen = 0
    for scene in index["scenes"]:
        named = {u["instance"]: u["kind"] for u in scene["unknown_objects"]}
        assert set(named.values()) <= set(KINDS)
        raw = np.fromfile(splits / "test/sequences" / scene["sequence"] / "labels/000000.label", "<u4")
        unknown = raw[(raw & 0xFFFF) == OTHER_OBJECT] >> 16
        assert set(unknown.tolist()) <= set(named)
        assert not (raw[(raw & 0xFFFF) != OTHER_OBJECT] >> 16).any()
        assert scene["source_revision"] and scene["weather"] and scene["rig"]
        seen += len(set(unknown.tolist()))
    assert seen > SCENES["test"]


def test_splits_never_share_a_seed():
    assert len(set(SPLIT_CODE.values())) == 4
    seeds = {request_of(Path(), split).scene(i).seed for split in SPLIT_CODE for i in range(5)}
    assert len(seeds) == 20


def test_the_same_seed_gives_the_same_bytes_in_another_process(splits, tmp_path):
    command = [sys.executable, "-m", "simulation", "dataset", "--out", str(tmp_path), "--split", "test"]
    command += ["--scenes", "2", "--frames", "1", "--seed", "0", "--workers", "2"]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    for sequence in ("00", "01"):
        for name in FRAME_FILES:
            ours, theirs = (r / "test/sequences" / sequence / name for r in (splits, tmp_path))
            assert ours.read_bytes() == theirs.read_bytes(), name
    other = splits / "test/sequences/02/velodyne/000000.bin"
    assert other.read_bytes() != (tmp_path / "test/sequences/00/velodyne/000000.bin").read_bytes()


def test_an_interrupted_run_is_resumed_and_its_rest_removed(tmp_path):
    request = request_of(tmp_path, "val", scenes=2)
    rest = tmp_path / "val/sequences/.01.partial"
    rest.mkdir(parents=True)
    (rest / "velodyne").mkdir()
    write_dataset(request)
    assert not rest.exists()
    kept = tmp_path / "val/sequences/00/velodyne/000000.bin"
    before = kept.stat().st_mtime_ns
    write_dataset(request)
    assert kept.stat().st_mtime_ns == before
    with pytest.raises(InputError, match="other settings"):
        write_dataset(request_of(tmp_path, "val", scenes=2, seed=5))


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_dataset(request_of(tmp_path / "file", "val"))
