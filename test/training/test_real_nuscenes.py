"""Real nuScenes key frames, with tables built around them, load, project and carry their labels."""

import json
from pathlib import Path

import numpy as np
import pytest
from nuscenes_layout import make_nuscenes

from fm_ood_ros.model.label_sets import OOD, LabelSet
from training.data.opening import kind_of
from training.data.readers.nuscenes import CAMERAS, NuScenes

DATA = Path(__file__).parents[3] / "shared" / "data"
KEYFRAME = DATA / "nuscenes_keyframe"
pytestmark = pytest.mark.skipif(not KEYFRAME.is_dir(), reason="needs real nuScenes frames in ../shared/data")
VEHICLES = LabelSet.load("nuscenes_vehicles_ood")


@pytest.fixture(scope="module")
def facts():
    return json.loads((KEYFRAME / "calibration.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return make_nuscenes(tmp_path_factory.mktemp("nuscenes"), DATA)


def test_six_cameras_see_the_key_frame(root, facts):
    frames = NuScenes(root, ["scene-0061"], VEHICLES)
    assert kind_of(root) == "nuscenes"
    assert [frames.name(i).rpartition("/")[2] for i in range(len(frames))] == list(CAMERAS)
    for i, camera in enumerate(CAMERAS):
        frame = frames[i]
        np.testing.assert_allclose(
            frame.views[0].calibration.T_camera_lidar, facts["cameras"][camera]["T_cam_lidar"], atol=1e-5
        )
        uv, _ = frame.views[0].calibration.project(frame.points)
        inside = ((uv >= 0) & (uv < [1600, 900])).all(1)
        assert 1500 < inside.sum() < 10_000, camera


def test_every_point_in_view_of_a_camera_lies_on_its_side(root):
    frames = NuScenes(root, ["scene-0061"])
    for i, sign in ((0, 1), (3, -1)):  # the LiDAR looks along y of the vehicle's front
        frame = frames[i]
        uv, _ = frame.views[0].calibration.project(frame.points)
        inside = ((uv >= 0) & (uv < [1600, 900])).all(1)
        assert (np.sign(frame.points[inside, 1]) == sign).mean() > 0.99


def test_real_labels(root):
    frames = NuScenes(root, ["val"], VEHICLES)
    frame = frames[0]
    assert frames.name(0).startswith("scene-0103/")
    assert len(frames) == 6
    assert frame.points.shape == (34688, 4)
    ids = VEHICLES.train_ids(frame.labels)
    assert (ids == OOD).sum() == 12 + 3705  # cars and trucks, as counted in the file
    road = frame.points[frame.labels == 24]
    assert -2.5 < np.median(road[:, 2]) < -1.2, "the LiDAR stands 1.84 m above the road"
    assert frame.points[:, 3].max() > 100, "intensities are 0 to 255"
