"""Training sees what the vehicle sees: the same street is the same sample, in whatever frame the LiDAR sends it."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from kitti_layout import CAMERA_IN_LIDAR, make_kitti
from paper_run import CONFIGS
from tiny_run import tiny_config

from fm_ood_ros.model.label_sets import LabelSet
from fm_ood_ros.rig import ALONE, Rig
from training.config import Config, load_config
from training.data.readers.semantic_kitti import SemanticKitti
from training.data.samples import SampleStream, make_sample
from training.data.statistics import measure

SPEC = replace(Config().input_spec(), size=(48, 160))
PAPERS = ("semantic_kitti_paper", "nuscenes_paper", "carla_ood_paper")
OTHER_FRAMES = {  # degrees about x, y and z, metres along them
    "turned by 45": ((0, 0, 45), (0, 0, 0)),
    "turned by 90": ((0, 0, 90), (0, 0, 0)),
    "turned by 180": ((0, 0, 180), (0, 0, 0)),
    "raised": ((0, 0, 0), (0, 0, 1)),
    "pitched and rolled": ((2, 10, 0), (0, 0, 0)),
    "base_link": ((0, 0, 0), (1.4, 0.1, 1.6)),
    "upside down": ((180, 0, 30), (0.2, -1, 0.5)),
}


def expressed(frame, degrees, metres):
    """The same moment in another LiDAR frame: points and extrinsics change together."""
    T = np.eye(4)
    for axis, angle in zip(np.eye(3), np.radians(degrees), strict=True):
        T[:3, :3] = cv2.Rodrigues(axis * angle)[0] @ T[:3, :3]
    T[:3, 3] = metres
    points = frame.points.copy()
    points[:, :3] = points[:, :3] @ T[:3, :3].T + T[:3, 3]
    (view,) = frame.views
    moved = replace(view.calibration, T_camera_lidar=view.calibration.T_camera_lidar @ np.linalg.inv(T))
    return replace(frame, points=points, views=(replace(view, calibration=moved),))


def looking_down(frame, degrees):
    """The same cloud before a camera that looks down."""
    turn = np.eye(4)
    turn[:3, :3] = cv2.Rodrigues(np.radians([degrees, 0.0, 0.0]))[0]
    (view,) = frame.views
    turned = replace(view.calibration, T_camera_lidar=turn @ view.calibration.T_camera_lidar)
    return replace(frame, views=(replace(view, calibration=turned),))


class Expressed(SemanticKitti):
    """A data set whose LiDAR sends its points in another frame, and whose camera may look down."""

    other = ((0, 0, 0), (0, 0, 0))
    pitch = 0.0

    def __getitem__(self, index):
        return expressed(looking_down(super().__getitem__(index), self.pitch), *self.other)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return make_kitti(tmp_path_factory.mktemp("kitti"), {"00": 3})


@pytest.fixture(scope="module")
def frames(root):
    return SemanticKitti(root, label_set=LabelSet.load("street"))


def assert_same(one, two):
    """But for points that rounding moves over the border of a cell."""
    assert np.array_equal(one["image"], two["image"])
    assert (np.asarray(one["target"]) == np.asarray(two["target"])).mean() > 0.998
    there = (np.asarray(one["lidar"][0]) > 0) | (np.asarray(two["lidar"][0]) > 0)
    assert there.sum() > 1000
    apart = np.abs(np.asarray(one["lidar"]) - np.asarray(two["lidar"])).max(0)[there]
    assert (apart < 0.01).mean() > 0.995, "metres"


@pytest.mark.parametrize("name", OTHER_FRAMES)
def test_rows_1_and_2_the_sample_is_the_same_in_any_lidar_frame(frames, name):
    one, two = (make_sample(f, frames.label_set, SPEC) for f in (frames[0], expressed(frames[0], *OTHER_FRAMES[name])))
    assert_same(one, two)
    as_sent = [
        make_sample(f, frames.label_set, replace(SPEC, frame="lidar"))
        for f in (frames[0], expressed(frames[0], *OTHER_FRAMES[name]))
    ]
    assert np.abs(as_sent[0]["lidar"] - as_sent[1]["lidar"]).max() > 0.5, "what the mount is for"


@pytest.mark.parametrize("name", ["turned by 90", "pitched and rolled", "base_link"])
def test_rows_1_and_2_so_is_an_augmented_one(root, frames, tmp_path, name):
    other = Expressed(root, label_set=frames.label_set)
    other.other = OTHER_FRAMES[name]
    config = tiny_config(tmp_path)
    one, two = (SampleStream(f, frames.label_set, config) for f in (frames, other))
    for k in range(4):
        assert_same(one[k], two[k])


def test_rows_1_and_2_so_are_the_statistics(root, frames):
    other = Expressed(root, label_set=frames.label_set)
    other.other = OTHER_FRAMES["turned by 45"]
    one, two = (measure(f, frames.label_set, SPEC) for f in (frames, other))
    assert two.lidar_mean == pytest.approx(one.lidar_mean, abs=0.02)
    assert two.lidar_std == pytest.approx(one.lidar_std, rel=0.01)
    assert two.elevation == pytest.approx(one.elevation, abs=0.05)


def seen_from_the_camera(frame):
    """Lowest and highest of the points in the image but for a hundredth, degrees above the horizon.

    The LiDAR stands upright.
    """
    uv, _ = frame.views[0].calibration.project(frame.points)
    lens = frame.views[0].calibration.lens
    with np.errstate(invalid="ignore"):
        inside = ((uv >= 0) & (uv < [lens.width, lens.height])).all(1)
    way = frame.points[inside, :3] - CAMERA_IN_LIDAR
    degrees = np.degrees(np.arcsin(way[:, 2] / np.linalg.norm(way, axis=1)))
    return np.percentile(degrees, (1, 99))


@pytest.mark.parametrize("frame", ["mount", "lidar"])
@pytest.mark.parametrize(("name", "pitch"), [("raised", 0.0), ("pitched and rolled", 0.0), ("base_link", 8.0)])
def test_the_elevation_is_that_of_the_points_in_view_from_the_camera(root, frames, frame, name, pitch):
    """Whatever the frame of the input: the crop that is taken from it asks for nothing else."""
    expected = np.median([seen_from_the_camera(looking_down(frames[i], pitch)) for i in range(3)], axis=0)
    other = Expressed(root, label_set=frames.label_set)
    other.other, other.pitch = OTHER_FRAMES[name], pitch
    found = measure(other, frames.label_set, replace(SPEC, frame=frame)).elevation
    assert found == pytest.approx(expected, abs=1)


@pytest.mark.parametrize("name", PAPERS)
def test_the_papers_presets_see_points_as_they_are_sent(frames, name):
    """Range, x, y and z of the cloud in the LiDAR's own frame, as the published networks have them."""
    config = load_config(CONFIGS / f"{name}.yaml")
    assert config.input.frame == "lidar"
    vary = config.augmentation
    assert not any((vary.tilt, vary.height, vary.intensity_gain, vary.intensity_offset, vary.intensity_missing))
    frame = expressed(frames[0], *OTHER_FRAMES["base_link"])
    (sight,) = Rig(replace(config.input_spec(), size=(48, 160)), ALONE).see(frame)
    cells = np.flatnonzero(sight.projection.nearest >= 0)
    points = frame.points[sight.projection.nearest[cells], :3]
    told = sight.lidar.reshape(5, -1)[:, cells]
    np.testing.assert_array_equal(told[1:4].T, points)
    np.testing.assert_allclose(told[0], np.linalg.norm(points, axis=1), rtol=1e-6)


def test_nothing_but_the_papers_presets_asks_for_the_lidars_frame():
    asking = {p.stem for p in CONFIGS.glob("*.yaml") if load_config(p).input.frame == "lidar"}
    assert asking == set(PAPERS)
    assert Config().input.frame == "mount"
