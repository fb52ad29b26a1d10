"""What the views saw: every judged point lies on a patch, and a patch is the street's, however the cloud was sent."""

import numpy as np
import pytest
from small_street import EYE, LENS, LIDAR, SPEC, camera_pose, frame, moved, picture, scan, sent_in

from fm_ood_ros.frame import Frame, View
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.ground import tilted_plane
from fm_ood_ros.judgement.at_points import logits_at
from fm_ood_ros.judgement.merge import best_views
from fm_ood_ros.judgement.surface import surface
from fm_ood_ros.rig import Rig, RigFacts

BESIDE = camera_pose(eye=EYE + np.array([0, 0.3, 0]), yaw=25)
FACTS = RigFacts(clouds=1, ground=tilted_plane(EYE[2], 0, 0))


def logits(views=1, step=2, seed=0):
    """Maps [3,h,w] of so many views."""
    size = (SPEC.size[0] // step, SPEC.size[1] // step)
    return [np.random.default_rng(seed + i).normal(0, 3, (3, *size)).astype(np.float32) for i in range(views)]


def seen_by(moment, said, facts=FACTS):
    sights = Rig(SPEC, facts).see(moment)
    return sights, surface(moment, sights, said)


@pytest.fixture(scope="module")
def one():
    moment = frame(scan())
    said = logits()
    return moment, said, *seen_by(moment, said)


@pytest.fixture(scope="module")
def two():
    views = tuple(View(picture(LENS, i), Calibration(LENS, T)) for i, T in enumerate((camera_pose(), BESIDE)))
    moment = Frame(0, scan(), views)
    said = logits(2)
    return moment, said, *seen_by(moment, said)


def test_every_judged_point_lies_on_the_patch_of_its_source(one):
    _, said, (sight,), seen = one
    source = sight.projection.source
    judged = source >= 0
    assert judged.sum() > 5000
    np.testing.assert_array_equal(seen.patch >= 0, judged)
    np.testing.assert_array_equal(seen.patch[judged], seen.cells[0][source[judged]])
    np.testing.assert_array_equal(np.unique(seen.patch[judged]), np.arange(seen.logits.shape[1]))
    expected = logits_at(said[0], source[judged], SPEC.size)
    np.testing.assert_allclose(seen.logits[:, seen.patch[judged]], expected, atol=1e-5)


def test_a_patch_lies_where_the_nearest_point_of_its_cell_does(one):
    moment, _, (sight,), seen = one
    cells = np.flatnonzero(seen.cells[0] >= 0)
    nearest, patch = sight.projection.nearest[cells], seen.cells[0][cells]
    assert (nearest >= 0).all()
    np.testing.assert_array_equal(seen.distance[patch], sight.projection.range[nearest])
    street = moment.points[nearest, :3] + LIDAR - np.float32([EYE[0], EYE[1], 0])
    np.testing.assert_allclose(seen.xyz[patch], street, atol=1e-4)
    np.testing.assert_array_equal(seen.patch[nearest], patch)


def test_of_several_views_the_best_one_tells(two):
    moment, said, sights, seen = two
    best = best_views(sights, len(moment.points))
    assert min((best == 0).sum(), (best == 1).sum()) > 1000
    np.testing.assert_array_equal(seen.patch >= 0, best >= 0)
    for index, sight in enumerate(sights):
        mine = np.flatnonzero(best == index)
        expected = logits_at(said[index], sight.projection.source[mine], SPEC.size)
        np.testing.assert_allclose(seen.logits[:, seen.patch[mine]], expected, atol=1e-5)
    first, second = (set(seen.patch[best == index].tolist()) for index in (0, 1))
    assert not first & second
    assert first | second == set(range(seen.logits.shape[1]))


def test_every_view_shows_the_patches_of_its_points_whoever_judges_them(two):
    moment, _, sights, seen = two
    best = best_views(sights, len(moment.points))
    for index, sight in enumerate(sights):
        shown = np.flatnonzero(sight.projection.nearest >= 0)
        nearest = sight.projection.nearest[shown]
        assert (best[nearest] == 1 - index).sum() > 300, "the other view judges some of what this one shows"
        np.testing.assert_array_equal(seen.cells[index][shown], seen.patch[nearest])
        assert (np.delete(seen.cells[index], shown) == -1).all()


def test_patches_of_all_views_are_in_one_frame_and_as_far_as_their_own_camera_says(two):
    moment, _, sights, seen = two
    best = best_views(sights, len(moment.points))
    for index, sight in enumerate(sights):
        mine = np.flatnonzero(best == index)
        nearest = sight.projection.nearest[sight.projection.source[mine]]
        np.testing.assert_array_equal(seen.distance[seen.patch[mine]], sight.projection.range[nearest])
        street = moment.points[nearest, :3] + LIDAR - np.float32([EYE[0], EYE[1], 0])
        np.testing.assert_allclose(seen.xyz[seen.patch[mine]], street, atol=1e-4)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("nothing", [np.nan, np.inf, -np.inf])
def test_logits_that_are_not_finite_leave_points_unjudged(one, nothing):
    moment, said, (sight,), usual = one
    broken = [said[0].copy()]
    broken[0][1, :, 80:] = nothing  # of one class is enough
    _, seen = seen_by(moment, broken)
    assert np.isfinite(seen.logits).all()
    source = sight.projection.source
    column = source % SPEC.size[1]
    np.testing.assert_array_equal(seen.patch[source >= 0] >= 0, column[source >= 0] < 159)
    left = seen.patch >= 0
    np.testing.assert_array_equal(seen.logits[:, seen.patch[left]], usual.logits[:, usual.patch[left]])
    np.testing.assert_array_equal(seen.distance[seen.patch[left]], usual.distance[usual.patch[left]])
    np.testing.assert_array_equal(seen.cells[0] >= 0, (usual.cells[0] >= 0) & (np.arange(64 * 320) % 320 < 159))


def test_a_network_that_says_nothing_judges_nobody(one):
    moment, said, _, _ = one
    _, seen = seen_by(moment, [np.full_like(said[0], np.nan)])
    assert (seen.patch == -1).all()
    assert (seen.cells[0] == -1).all()
    assert (seen.xyz.shape, seen.logits.shape, seen.distance.shape) == ((0, 3), (3, 0), (0,))


def test_a_cloud_out_of_view_has_no_patch():
    points = scan()
    points[:, 0] *= -1
    _, seen = seen_by(frame(points[:, :4]), logits())
    assert (seen.patch == -1).all()
    assert (seen.xyz.shape, seen.logits.shape) == ((0, 3), (3, 0))


@pytest.mark.parametrize(
    "T",
    [moved((0, 0, 1.0)), moved(yaw=45), moved((1.5, -0.4, 1.9), roll=10, pitch=-5, yaw=120)],
    ids=["up", "turned", "all"],
)
def test_rows_1_and_2_the_street_is_the_same_however_the_cloud_is_sent(one, T):
    moment, said, _, usual = one
    _, seen = seen_by(sent_in(moment, T), said)
    both = np.flatnonzero((seen.patch >= 0) & (usual.patch >= 0))
    assert len(both) > 0.999 * (usual.patch >= 0).sum()
    apart = np.abs(seen.xyz[seen.patch[both]] - usual.xyz[usual.patch[both]]).max(1)
    assert (apart > 1e-3).mean() < 1e-3, "a point on a cell's edge may fall into the next one"
