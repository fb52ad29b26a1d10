"""Variations keep the world true: what moves, moves with its calibration."""

from dataclasses import replace

import numpy as np
import pytest
from kitti_layout import make_kitti

from fm_ood_ros.model.label_sets import LabelSet
from training.config import AugmentationConfig, Config, DataConfig
from training.data.augmentation import augment, mirror, recolour, resize_world
from training.data.readers.semantic_kitti import SemanticKitti
from training.data.samples import SampleStream, make_sample, training_loader

SPEC = replace(Config().input_spec(), size=(48, 160))


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    return SemanticKitti(make_kitti(tmp_path_factory.mktemp("kitti"), {"00": 3}), label_set=LabelSet.load("street"))


@pytest.fixture(scope="module")
def frame(frames):
    return frames[0]


def pixels(frame):
    return frame.views[0].calibration.project(frame.points)


@pytest.mark.parametrize("factor", [0.8, 1.3])
def test_scaling_moves_points_but_no_pixel(frame, factor):
    changed = resize_world(frame, factor)
    assert np.abs(changed.points[:, :3] - frame.points[:, :3]).max() > 1
    seen = pixels(frame)[1] > 0.5
    np.testing.assert_allclose(pixels(changed)[0][seen], pixels(frame)[0][seen], atol=0.01)


def test_scaling_scales_ranges(frame):
    ranges = np.linalg.norm(frame.points[:, :3], axis=1)
    np.testing.assert_allclose(np.linalg.norm(resize_world(frame, 1.3).points[:, :3], axis=1), 1.3 * ranges, rtol=1e-4)


def test_a_mirrored_point_lies_on_the_same_mirrored_pixel(frame):
    there = mirror(frame)
    (before, depth), (after, depth_after) = pixels(frame), pixels(there)
    seen = depth > 0.5
    np.testing.assert_allclose(after[seen, 0], frame.views[0].calibration.lens.width - 1 - before[seen, 0], atol=1e-3)
    np.testing.assert_allclose(after[seen, 1], before[seen, 1], atol=1e-3)
    np.testing.assert_allclose(depth_after, depth, atol=1e-5)
    np.testing.assert_array_equal(there.views[0].image[:, ::-1], frame.views[0].image)
    np.testing.assert_array_equal(mirror(there).points, frame.points)


def test_a_mirrored_sample_is_the_mirror_of_the_sample(frame, frames):
    one = make_sample(frame, frames.label_set, SPEC)
    two = make_sample(mirror(frame), frames.label_set, SPEC)
    same = two["target"][:, ::-1] == one["target"]
    assert same.mean() > 0.99, "but for points on the border of a cell"
    np.testing.assert_allclose(two["image"][:, ::-1].astype(float), one["image"], atol=2)
    y, y_mirrored = one["lidar"][2][same], two["lidar"][2][:, ::-1][same]
    assert np.median(np.abs(y + y_mirrored)[y != 0]) < 0.01


def test_target_is_the_nearest_points_class(frame, frames):
    sample = make_sample(frame, frames.label_set, SPEC)
    occupied = sample["lidar"][0] > 0
    assert (sample["target"][~occupied] == 255).all()
    wall = sample["target"] == 3
    assert wall.any()
    assert (np.abs(np.abs(sample["lidar"][2][wall]) - 6) < 0.1).all(), "walls stand 6 m to either side"


def test_colours(frame):
    grey = recolour(frame, 1, 1, 0).views[0].image.astype(int)
    assert np.ptp(grey, axis=2).max() <= 1
    np.testing.assert_array_equal(recolour(frame, 1, 1, 1).views[0].image, frame.views[0].image)
    darker, flat = (recolour(frame, *how, 1).views[0].image for how in ((0.5, 1), (1, 0.5)))
    assert darker.mean() == pytest.approx(frame.views[0].image.mean() / 2, rel=0.02)
    assert flat.std() == pytest.approx(frame.views[0].image.std() / 2, rel=0.2)
    assert flat.mean() == pytest.approx(frame.views[0].image.mean(), rel=0.05)


def test_the_original_stays_as_it_was(frame):
    image, points = frame.views[0].image.copy(), frame.points.copy()
    for seed in range(4):
        augment(frame, AugmentationConfig(mirror=1.0), np.random.default_rng(seed))
    np.testing.assert_array_equal(frame.views[0].image, image)
    np.testing.assert_array_equal(frame.points, points)


def test_a_sample_depends_on_its_number_alone(frames):
    config = Config()
    one, two = (SampleStream(frames, frames.label_set, config) for _ in range(2))
    first = [one[k] for k in range(7)]
    for k in (6, 2, 4):
        assert all((two[k][name] == first[k][name]).all() for name in ("image", "lidar", "target"))
    assert not (first[0]["image"] == first[3]["image"]).all(), "another epoch, another variation"


@pytest.mark.parametrize("room", [0, 1])
def test_frames_are_kept_as_far_as_there_is_room(frames, room):
    config = replace(Config(), data=DataConfig(cache_mb=room), augmentation=AugmentationConfig(mirror=0.0))
    stream = SampleStream(frames, frames.label_set, config)
    before = [stream[k]["lidar"] for k in range(3)]
    size = frames[0].views[0].image.nbytes + frames[0].points.nbytes
    assert len(stream._cache) == min(3, room * 1_000_000 // size)
    assert all((stream[k]["lidar"] == before[k]).all() for k in range(3))


def test_batches_are_the_stream_from_the_step_asked_for(frames):
    config = Config()
    stream = SampleStream(frames, frames.label_set, config)
    batches = list(training_loader(stream, 1, 3, config.optimiser.batch))
    assert len(batches) == 2
    assert batches[0]["image"].shape == (8, 160, 640, 3)
    assert (batches[0]["lidar"][3] == stream[8 + 3]["lidar"]).all()
