"""Bounds of the network's input: no stray or empty return spoils a frame."""

from __future__ import annotations

import numpy as np
import pytest
from bundles import make_tiny_bundle
from small_street import EYE, LIDAR, SPEC, camera_pose, changed_cells, frame, scan

from fm_ood_ros.engines import open_engine
from fm_ood_ros.geometry.ground import tilted_plane
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.rig import Rig, RigFacts
from fm_ood_ros.segmenter import Segmenter

HANDFUL = 10  # cells: a stray point, and what it hides at most
AHEAD = np.array([8.0, 0.3, -0.4])  # on nothing in particular
STRAY = {
    "intensity 255": (*AHEAD, 255),
    "intensity 65535": (*AHEAD, 65535),
    "intensity 3e38": (*AHEAD, 3e38),
    "intensity -1": (*AHEAD, -1),
    "intensity nan": (*AHEAD, np.nan),
    "intensity inf": (*AHEAD, np.inf),
    "500 m": (500, 3, 1, 0.5),
    "100 km": (1e5, 3, 1, 0.5),
    "3e38 m": (3e38, 3, 1, 0.5),
    "3e38 m thrice": (3e38, 3e38, -3e38, 0.5),
    "minus infinity": (-np.inf, 3, 1, 0.5),
    "nan": (np.nan, np.nan, np.nan, 0.5),
    "one nan": (8, np.nan, 1, 0.5),
    "at the camera": (*(EYE - LIDAR), 0.5),
    "40 m up": (50, 3, 40, 0.5),
    "under the ground": (30, 0, -9, 0.5),
}


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory):
    bundle = ModelBundle.load(make_tiny_bundle(tmp_path_factory.mktemp("bundle") / "tiny", SPEC.size))
    engine = open_engine(bundle, threads=1)
    return lambda: Segmenter(bundle, engine)


def with_stray(points, stray, at=4000):
    """The cloud with one point in place of another."""
    changed = points.copy()
    changed[at] = np.asarray(stray, np.float64).astype(np.float32)
    return changed


def assert_bounded(lidar):
    seen = lidar[0] > 0
    assert np.isfinite(lidar).all()
    assert lidar[0][seen].min() >= SPEC.range[0]
    assert lidar[0].max() <= SPEC.range[1]
    assert np.abs(lidar[1:3]).max() <= SPEC.range[1]
    assert lidar[3].min() >= SPEC.height[0]
    assert lidar[3].max() <= SPEC.height[1]
    assert 0 <= lidar[4].min() <= lidar[4].max() <= SPEC.intensity


@pytest.mark.parametrize("name", STRAY)
def test_row_4_one_stray_point_changes_a_handful_of_cells(name):
    usual, stray = Rig(SPEC), Rig(SPEC)
    for _ in range(2):
        (before,) = usual.see(frame(scan()))
        (after,) = stray.see(frame(with_stray(scan(), STRAY[name])))
        np.testing.assert_array_equal(after.image, before.image)
        assert changed_cells(after.lidar, before.lidar) <= HANDFUL
        assert_bounded(after.lidar)


def test_row_4_a_cloud_of_stray_points_stays_within_the_bounds():
    rng = np.random.default_rng(0)
    points = scan()
    for row in STRAY.values():
        points[rng.integers(0, len(points), 300)] = np.asarray(row, np.float64).astype(np.float32)
    assert_bounded(Rig(SPEC).see(frame(points))[0].lidar)


@pytest.mark.parametrize("name", STRAY)
def test_row_4_no_verdict_is_nan(segmenter, name):
    judge = segmenter()
    usual = judge(frame(scan()))
    prediction = judge(frame(with_stray(scan(), STRAY[name])))
    judged = prediction.class_id != 255
    assert judged.sum() > 5000
    for values in (prediction.probability, prediction.anomaly_score):
        np.testing.assert_array_equal(np.isfinite(values), judged)
        assert ((values[judged] >= 0) & (values[judged] <= 1)).all()
    assert (prediction.class_id != usual.class_id).sum() <= HANDFUL


@pytest.mark.filterwarnings("error")
def test_no_score_that_is_nan_leaves_as_a_verdict(segmenter):
    """Whatever a graph puts out."""
    judge = segmenter()

    class Broken:
        name = reason = "broken"

        def infer(self, image, lidar):
            logits = np.ones((2, *SPEC.size), np.float32)
            logits[1, :, ::3] = np.nan
            logits[0, ::8] = np.inf
            return logits

    judge.engine = Broken()
    prediction = judge(frame(scan()))
    judged = prediction.class_id != 255
    assert 1500 < judged.sum() < 0.8 * (prediction.views[0].sight.projection.source >= 0).sum()
    assert np.isfinite(prediction.probability[judged]).all()
    assert np.isnan(prediction.anomaly_score[~judged]).all()


@pytest.mark.parametrize("pose", ["behind", "before"])
def test_row_14_empty_returns_are_not_judged_and_win_nothing(segmenter, pose):
    """Rows of zeros lie at the LiDAR, which stands before the camera or behind it."""
    eye = EYE if pose == "behind" else LIDAR - np.array([1.5, 0, 0.05])
    points, T = scan(), camera_pose(LIDAR, eye)
    empty = np.zeros((3000, 4), np.float32)
    empty[:1000, 3] = 0.4
    empty[1000:2000, :3] = 1e-3
    prediction = segmenter()(frame(np.r_[points, empty], T))
    usual = segmenter()(frame(points, T))
    sights = prediction.views[0].sight, usual.views[0].sight
    assert (prediction.class_id[len(points) :] == 255).all()
    assert not prediction.in_view[len(points) :].any()
    np.testing.assert_array_equal(sights[0].lidar, sights[1].lidar)
    np.testing.assert_array_equal(prediction.class_id[: len(points)], usual.class_id)


def test_row_14_what_is_nearer_than_the_models_least_range_is_not_judged():
    """The vehicle's own bonnet, and rain on the lens."""
    near = np.array([[1.0, 0.01 * k, -0.1, 0.5] for k in range(-20, 20)], np.float32) + np.array([*(EYE - LIDAR), 0])
    for factor, seen in ((0.9, 0), (1.2, 40)):
        points = near.copy()
        points[:, :3] = (near[:, :3] - (EYE - LIDAR)) * factor + (EYE - LIDAR)
        (sight,) = Rig(SPEC).see(frame(np.r_[scan(), points.astype(np.float32)]))
        assert (sight.projection.cell[-40:] >= 0).sum() == seen


def test_row_4_what_is_far_up_or_under_the_ground_is_told_as_the_bounds():
    """Two points before a bare rig: on a tower, and a mirror's below the street."""
    points = np.array([[90.3, 0, 20, 0.5], [30.3, 0, -7.2, 0.5]], np.float32)
    facts = RigFacts(ground=tilted_plane(EYE[2], 0, 0), rows=(0, 188))
    (sight,) = Rig(SPEC, facts).see(frame(points))
    cells = sight.projection.nearest >= 0
    assert cells.sum() == 2
    assert sight.lidar[3].reshape(-1)[cells].tolist() == [SPEC.height[1], SPEC.height[0]]
