"""Boxes around groups of points, of which mostly one or two sides are seen: compared with boxes that are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from small_street import turn

from fm_ood_ros.errors import InputError
from fm_ood_ros.judgement.boxes import SMALLEST, boxes
from fm_ood_ros.objects import CORNERS, EDGES, Box

HERE = np.eye(4)


def seen_sides(rng, count, noise=0.02):
    """Points [count,3] of the sides of a random box that a sensor at the origin sees; its heading, size and centre."""
    width, length = np.sort(rng.uniform(0.4, 5, 2))
    size, heading = np.array([length, width, rng.uniform(0.4, 2.5)]), rng.uniform(-np.pi / 2, np.pi / 2)
    centre = np.array([rng.uniform(8, 25), rng.uniform(-8, 8), size[2] / 2])
    R = turn(yaw=np.degrees(heading))
    eye = -R.T @ centre
    sides = [axis for axis in (0, 1) if abs(eye[axis]) > size[axis] / 2]
    inside = rng.uniform(-0.5, 0.5, (count, 3)) * size
    for i, axis in enumerate(rng.choice(sides, count)):
        inside[i, axis] = np.sign(eye[axis]) * size[axis] / 2
    return (inside @ R.T + centre + rng.normal(0, noise, (count, 3))).astype(np.float32), heading, size, len(sides)


def apart(one, other, period=np.pi):
    """Degrees between headings that mean the same after a period."""
    return np.degrees(abs((one - other + period / 2) % period - period / 2))


def pose(yaw=0.0, pitch=0.0, roll=0.0, at=(0, 0, 0)):
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = turn(roll, pitch, yaw), at
    return T


def one_box(xyz, T=HERE) -> Box:
    (box,) = boxes(np.asarray(xyz, np.float32), np.zeros(len(xyz), np.int32), T)
    return box


def off_sides(count):
    """Degrees [40] by which boxes of groups of so many points, and OpenCV's of least area, miss the true sides."""
    rng, ours, least = np.random.default_rng(count), [], []
    for _ in range(40):
        xyz, heading, _, _ = seen_sides(rng, count)
        ours.append(apart(one_box(xyz).heading, heading, np.pi / 2))
        least.append(apart(np.radians(cv2.minAreaRect(np.ascontiguousarray(xyz[:, :2]))[2]), heading, np.pi / 2))
    return np.array(ours), np.array(least)


@pytest.mark.parametrize("count", [10, 50, 300])
def test_headings_follow_the_sides_where_the_least_area_does_not(count):
    ours, least = off_sides(count)
    assert np.median(ours) < 1.5
    assert np.median(least) > 5 * np.median(ours)


def test_boxes_of_two_seen_sides_are_the_true_ones():
    rng = np.random.default_rng(0)
    for _ in range(40):
        xyz, heading, size, sides = seen_sides(rng, 400)
        box = one_box(xyz)
        if sides == 2:
            np.testing.assert_allclose(box.size, size, atol=0.3)
            if size[0] > size[1] + 0.6:
                assert apart(box.heading, heading) < 5
        assert box.size[0] >= box.size[1]
        assert -np.pi / 2 < box.heading <= np.pi / 2


def test_a_full_box_comes_back_with_its_pose_in_a_tilted_lidar():
    T = pose(yaw=30, pitch=12, roll=-7, at=(0.4, -0.2, 1.7))
    corners = CORNERS * (4.0, 2.0, 1.5) @ turn(yaw=-40).T + (12, 3, 0.75)
    box = one_box(np.concatenate([corners, corners]), T)
    np.testing.assert_allclose(box.size, (4, 2, 1.5), atol=1e-5)
    assert np.degrees(box.heading) == pytest.approx(-40)
    expected = corners @ T[:3, :3].T + T[:3, 3]
    np.testing.assert_allclose(box.centre, expected.mean(0), atol=1e-5)
    far = np.linalg.norm(box.corners()[:, None] - expected, axis=2)
    np.testing.assert_allclose(np.sort(far.min(0)), 0, atol=1e-4)
    np.testing.assert_allclose(box.T_lidar_box[:3, 2], T[:3, 2], atol=1e-9)
    assert np.linalg.det(box.T_lidar_box[:3, :3]) == pytest.approx(1)


def test_turning_the_street_turns_its_boxes():
    xyz, *_ = seen_sides(np.random.default_rng(3), 200)
    straight = one_box(xyz)
    for yaw in (17, 90, 150, -61):
        turned = one_box(xyz @ turn(yaw=yaw).T.astype(np.float32))
        np.testing.assert_allclose(turned.size, straight.size, atol=0.15)
        assert apart(turned.heading, straight.heading + np.radians(yaw)) < 3
        np.testing.assert_allclose(turned.centre, turn(yaw=yaw) @ straight.centre, atol=0.15)


@pytest.mark.parametrize("astray", [(9, 0, 0), (0, -8, 0), (0, 0, 9), (6, 6, 3), (-5, 4, 0)])
def test_a_stray_point_of_many_moves_nothing(astray):
    for count in (60, 700):
        xyz, *_ = seen_sides(np.random.default_rng(count), count)
        clean = one_box(xyz)
        xyz[count // 3] = xyz.mean(0) + astray
        spoilt = one_box(xyz)
        np.testing.assert_allclose(spoilt.size, clean.size, atol=0.15)
        np.testing.assert_allclose(spoilt.centre, clean.centre, atol=0.15)
        assert apart(spoilt.heading, clean.heading, np.pi / 2) < 3


def test_of_few_points_all_count():
    box = one_box([(10, 0, 0), (10, 1, 0), (10, 5, 2)])
    np.testing.assert_allclose(box.size, (5, SMALLEST, 2), atol=1e-6)
    assert np.degrees(abs(box.heading)) == pytest.approx(90)


@pytest.mark.parametrize("count", [1, 2, 40])
def test_points_at_one_place_have_a_small_box_about_them(count):
    box = one_box([(7, -2, 0.5)] * count)
    assert box.size == (SMALLEST, SMALLEST, SMALLEST)
    np.testing.assert_allclose(box.centre, (7, -2, 0.5), atol=1e-6)
    assert np.isfinite(box.T_lidar_box).all()


def test_groups_do_not_depend_on_each_other_nor_on_the_order_of_points():
    rng = np.random.default_rng(5)
    groups = [seen_sides(rng, n)[0] for n in (1, 3, 17, 50, 400)]
    owner = np.repeat(np.arange(5, dtype=np.int32), [len(g) for g in groups])
    xyz = np.concatenate([*groups, rng.uniform(0, 30, (100, 3)).astype(np.float32)])
    owner = np.concatenate([owner, np.full(100, -1, np.int32)])
    mixed = np.argsort(np.concatenate([np.arange(len(g)) / len(g) for g in groups] + [rng.random(100)]), kind="stable")
    for together, alone in zip(boxes(xyz[mixed], owner[mixed], HERE), map(one_box, groups), strict=True):
        np.testing.assert_allclose(together.T_lidar_box, alone.T_lidar_box, atol=1e-6)
        np.testing.assert_allclose(together.size, alone.size, atol=1e-6)


@pytest.mark.parametrize("count", [5, 50])
def test_points_that_are_not_finite_spoil_nothing(count):
    xyz, *_ = seen_sides(np.random.default_rng(2), count)
    clean = one_box(xyz)
    spoilt = one_box(np.concatenate([xyz, [(np.nan, 1, 1), (np.inf, 0, 0)]]))
    np.testing.assert_array_equal(spoilt.T_lidar_box, clean.T_lidar_box)
    assert spoilt.size == clean.size


def test_no_group_has_no_box_and_an_empty_one_is_refused():
    nobody = np.full(4, -1, np.int32)
    assert boxes(np.ones((4, 3), np.float32), nobody, HERE) == []
    assert boxes(np.ones((0, 3), np.float32), nobody[:0], HERE) == []
    with pytest.raises(InputError, match="group 1 has no finite point"):
        boxes(np.ones((4, 3), np.float32), np.array([0, 2, 2, 0], np.int32), HERE)


def test_edges_join_corners_that_differ_along_one_side():
    corners = Box(pose(yaw=20, pitch=5), (4.0, 2.0, 1.0), 0.0).corners()
    lengths = sorted(round(float(np.linalg.norm(corners[a] - corners[b])), 6) for a, b in EDGES)
    assert lengths == [1.0] * 4 + [2.0] * 4 + [4.0] * 4
