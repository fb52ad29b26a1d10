"""What training varies of the ground and of intensities: within its bounds, all of it, and in every sample."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from kitti_layout import make_kitti
from tiny_run import tiny_config

from fm_ood_ros.geometry.ground import UP, Plane
from fm_ood_ros.model.label_sets import LabelSet
from training.config import AugmentationConfig
from training.data.augmentation import vary_ground, vary_intensity
from training.data.readers.semantic_kitti import SemanticKitti
from training.data.samples import SampleStream

STILL = AugmentationConfig(**dict.fromkeys(AugmentationConfig.__dataclass_fields__, 0.0))
LEVEL = Plane(UP, 1.5)


def grounds(config, plane=LEVEL, draws=400):
    rng = np.random.default_rng(0)
    return [vary_ground(plane, config, rng) for _ in range(draws)]


def intensities(config, value, draws=400):
    """The intensity of one occupied cell in so many samples, and that every other number stays as it was."""
    lidar = np.zeros((5, 2, 3), np.float32)
    lidar[:, 0, 1] = 8.0, 7.0, -3.0, 0.5, value
    rng, found = np.random.default_rng(0), []
    for _ in range(draws):
        changed = vary_intensity(lidar, 2.0, config, rng)
        found.append(float(changed[4, 0, 1]))
        changed[4, 0, 1] = value
        assert np.array_equal(changed, lidar), "empty cells and the other channels are no intensities"
    return np.array(found)


def test_without_jitter_all_stays_as_it_was():
    (plane,) = grounds(STILL, draws=1)
    assert np.array_equal(plane.normal, UP) and plane.height == 1.5
    assert set(intensities(STILL, 0.5)) == {0.5}


def test_the_ground_tilts_about_both_axes_as_far_as_it_is_told():
    normals = np.array([p.normal for p in grounds(replace(STILL, tilt=2.0))])
    assert np.allclose(np.linalg.norm(normals, axis=1), 1)
    for axis in (0, 2):  # to the side, and along the view
        degrees = np.degrees(np.arctan2(normals[:, axis], -normals[:, 1]))
        assert degrees.min() == pytest.approx(-2, abs=0.1) and degrees.max() == pytest.approx(2, abs=0.1)
    assert abs(np.corrcoef(normals[:, 0], normals[:, 2])[0, 1]) < 0.2, "each by itself"


def test_the_ground_lies_higher_or_lower_as_far_as_it_is_told():
    heights = np.array([p.height for p in grounds(replace(STILL, height=0.3))])
    assert heights.min() == pytest.approx(1.2, abs=0.02) and heights.max() == pytest.approx(1.8, abs=0.02)
    assert min(p.height for p in grounds(replace(STILL, height=5.0))) == 0.1, "a camera stays above the ground"


def test_intensities_get_a_gain_and_an_offset():
    gained = intensities(replace(STILL, intensity_gain=0.3), 0.5)
    assert gained.min() == pytest.approx(0.35, abs=0.01) and gained.max() == pytest.approx(0.65, abs=0.01)
    moved = intensities(replace(STILL, intensity_offset=0.1), 0.5)
    assert moved.min() == pytest.approx(0.4, abs=0.01) and moved.max() == pytest.approx(0.6, abs=0.01)


def test_intensities_keep_their_bounds():
    strong = replace(STILL, intensity_gain=0.3, intensity_offset=0.1)
    assert intensities(strong, 1.9).max() == 2.0
    assert intensities(strong, 0.01).min() == 0.0


def test_row_15_a_share_of_the_frames_has_no_intensity():
    missing = intensities(replace(AugmentationConfig(), intensity_missing=0.25), 0.8) == 0
    assert missing.mean() == pytest.approx(0.25, abs=0.05)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("jitter")
    return root, SemanticKitti(make_kitti(root / "kitti", {"00": 1}), label_set=LabelSet.load("street"))


def sample(data, **changes):
    root, frames = data
    return SampleStream(frames, frames.label_set, tiny_config(root, augmentation=replace(STILL, **changes)))[0]


def test_row_15_a_sample_without_intensity_is_the_one_of_a_sensor_that_has_none(data):
    left_out, (root, frames) = sample(data, intensity_missing=1.0), data
    frame = frames[0]
    frame.points[:, 3] = 0
    silent = SampleStream([frame], frames.label_set, tiny_config(root, augmentation=STILL))[0]
    assert all(torch.equal(left_out[name], silent[name]) for name in ("image", "lidar", "target"))
    assert not left_out["lidar"][4].any() and sample(data)["lidar"][4].any()


@pytest.mark.parametrize(("change", "channels"), [({"height": 0.4}, [3]), ({"tilt": 3.0}, [1, 2, 3])])
def test_the_jittered_ground_is_under_the_samples(data, change, channels):
    """The frame that x, y and z are in moves; ranges and intensities stay, and so do image and labels."""
    plain, varied = sample(data), sample(data, **change)
    both = (plain["lidar"][0] > 0) & (varied["lidar"][0] > 0)
    assert both.sum() > 0.99 * (plain["lidar"][0] > 0).sum()
    moved = [i for i in range(5) if not torch.allclose(plain["lidar"][i][both], varied["lidar"][i][both], atol=1e-3)]
    assert moved == channels
    assert torch.equal(plain["image"], varied["image"])
    assert torch.equal(plain["target"][both], varied["target"][both])
