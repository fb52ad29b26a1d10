"""What is known of frames besides their sensors, and labelled recordings."""

import json

import numpy as np
import pytest
from kitti_layout import CAMERA_IN_LIDAR, make_kitti

from fm_ood_ros.errors import InputError
from fm_ood_ros.model.label_sets import LabelSet
from simulation.output.bag import BagRequest, write_bag
from training.config import DataConfig
from training.data.opening import kind_of, open_frames
from training.data.readers.bags import LabelledBag
from training.data.readers.semantic_kitti import SemanticKitti

SCENE = {"weather": "fog", "rig": "beams32", "unknown_objects": [{"instance": 2, "kind": "boat", "tier": "far"}]}


@pytest.fixture
def root(tmp_path):
    return make_kitti(tmp_path / "kitti", {"00": 2})


def test_instances_and_scene_facts(root):
    frames = open_frames(root, DataConfig())
    assert kind_of(root) == "semantic_kitti"
    words = np.fromfile(root / "sequences/00/labels/000001.label", "<u4")
    facts = frames.facts(1)
    assert (facts.instance == words >> 16).all()
    assert (dict(facts.conditions), dict(facts.objects)) == ({}, {})
    path = root / "sequences/00/scene.json"
    path.write_text(json.dumps(SCENE), encoding="utf-8")
    facts = SemanticKitti(root, labels=None).facts(0)
    assert facts.conditions == {"weather": "fog", "rig": "beams32"}
    assert facts.objects == {2: {"kind": "boat", "tier": "far"}}
    assert facts.instance is None
    path.write_text(json.dumps({"unknown_objects": [{"kind": "boat"}]}), encoding="utf-8")
    with pytest.raises(InputError, match=r"scene\.json has an unknown object without an instance"):
        SemanticKitti(root).facts(0)


def test_poses_are_the_lidars(root):
    """A camera that moves one metre forward moves the LiDAR one metre along x."""
    frames = SemanticKitti(root)
    assert frames.pose(0) is None
    step = np.eye(4)[:3]
    step[2, 3] = 1
    np.savetxt(root / "sequences/00/poses.txt", [np.eye(4)[:3].ravel(), step.ravel()])
    pose = SemanticKitti(root).pose(1)
    x, y, z = CAMERA_IN_LIDAR
    np.testing.assert_allclose(pose @ [x, y, z, 1], [x + 1, y, z, 1], atol=1e-12)
    (root / "sequences/00/poses.txt").write_text("1 2 3\n")
    with pytest.raises(InputError, match=r"poses\.txt has 3 numbers a line"):
        SemanticKitti(root).pose(0)


def test_an_unknown_kind_is_named(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        kind_of(tmp_path / "none")
    with pytest.raises(InputError, match="holds neither sequences/"):
        kind_of(tmp_path)


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    out = tmp_path_factory.mktemp("bag") / "street.mcap"
    return write_bag(BagRequest(out, seconds=0.2, seed=3, weather="clear", rig="kitti"))


def test_labelled_recordings(recording):
    frames = open_frames(recording, DataConfig(), LabelSet.load("street"))
    assert kind_of(recording) == "bag"
    assert len(frames) == 2
    assert int(frames.name(1)) - int(frames.name(0)) == 100_000_000
    frame = frames[1]
    assert frame.stamp == int(frames.name(1))
    assert {40, 48} & set(frame.labels.tolist())
    assert len(frame.points) == len(frame.labels) > 1000
    road = frame.points[frame.labels == 40, 2]
    assert np.median(road) < -1, "the road is below the LiDAR"


def test_unlabelled_recordings_are_refused(tmp_path, recording):
    with pytest.raises(InputError, match="labels hold raw ids"):
        LabelledBag(recording, LabelSet.load("carla_ood"))[0]
    with pytest.raises(InputError, match="does not exist"):
        LabelledBag(tmp_path / "no.mcap")
