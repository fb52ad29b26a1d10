"""Ids of unknown objects over time: worlds whose objects and vehicle are known."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from small_street import turn

from fm_ood_ros.errors import CalibrationError, InputError
from fm_ood_ros.judgement.tracks import Tracks, nearest_pairs
from fm_ood_ros.objects import Box, UnknownObject

MS = 1_000_000
STEP = 100 * MS


def unknown(centre, side=1.0) -> UnknownObject:
    T = np.eye(4)
    T[:3, 3] = centre
    points, evidence = np.zeros(1, np.int32), np.zeros(2, np.float32)
    return UnknownObject(points, 0.9, evidence, Box(T, (side, side / 2, 0.5), 0.0), 1.0)


def pose(x=0.0, y=0.0, yaw=0.0):
    T = np.eye(4)
    T[:3, :3], T[:2, 3] = turn(yaw=yaw), (x, y)
    return T


def ids(objects):
    return [found.id for found in objects]


def seen_from(T, centre):
    return T[:3, :3].T @ (np.asarray(centre, float) - T[:3, 3])


def test_objects_keep_their_ids_whatever_their_order():
    rng, tracks = np.random.default_rng(0), Tracks()
    places = rng.uniform(-40, 40, (30, 3)) * (1, 1, 0) + np.arange(30)[:, None] * (0, 0, 3)
    first = ids(tracks(0, [unknown(p) for p in places]))
    assert sorted(first) == list(range(30))
    for cloud in range(1, 8):
        places += rng.normal(0, 0.1, places.shape)
        order = rng.permutation(30)
        assert ids(tracks(cloud * STEP, [unknown(places[i]) for i in order])) == [first[i] for i in order]


def test_pairs_are_the_best_assignment_where_nothing_moves_far():
    """Against all permutations, for objects that move by less than half of what lies between them."""
    rng = np.random.default_rng(1)
    for _ in range(40):
        before = np.array([(5 * i, rng.uniform(-1, 1), 0) for i in range(6)])
        after = (before + rng.uniform(-1.2, 1.2, before.shape) * (1, 1, 0))[rng.permutation(6)]
        distance = np.linalg.norm(after[:, None] - before, axis=2)
        best = min(permutations(range(6)), key=lambda p: sum(distance[i, j] for i, j in enumerate(p)))
        tracks = Tracks()
        tracks(0, [unknown(p) for p in before])
        assert ids(tracks(STEP, [unknown(p) for p in after])) == list(best)


def test_no_two_are_nearer_to_each_other_than_to_what_they_are_paired_with():
    """Against all pairings: there is one only without two such."""
    rng = np.random.default_rng(2)
    for _ in range(60):
        distance = rng.random((4, 4))
        distance[rng.random((4, 4)) < 0.2] = np.inf
        stable = [pairs for pairs in map(finite_pairs(distance), permutations(range(4))) if content(distance, pairs)]
        assert stable
        assert all(dict(nearest_pairs(distance)) == pairs for pairs in stable)


def finite_pairs(distance):
    return lambda columns: {r: c for r, c in enumerate(columns) if np.isfinite(distance[r, c])}


def content(distance, pairs):
    row = {r: distance[r, c] for r, c in pairs.items()}
    column = {c: distance[r, c] for r, c in pairs.items()}
    every = [(r, c) for r in range(4) for c in range(4)]
    return not any(distance[r, c] < min(row.get(r, np.inf), column.get(c, np.inf)) for r, c in every)


@pytest.mark.parametrize(("confirm", "window"), [(1, 1), (2, 2), (2, 3), (3, 5), (4, 9)])
def test_an_object_is_confirmed_once_seen_in_k_of_n_clouds(confirm, window):
    rng = np.random.default_rng(confirm * 10 + window)
    for _ in range(30):
        tracks, seen, found = Tracks(confirm, window), [], []
        for cloud in range(14):
            here = rng.random() < 0.5 or (cloud and not seen[-1])
            seen.append(here)
            out = tracks(cloud * STEP, [unknown((10, 0, 0))] if here else [])
            found += [(cloud, o.confirmed) for o in out]
        often = [c for c in range(14) if seen[c] and sum(seen[max(0, c - window + 1) : c + 1]) >= confirm]
        assert found == [(c, bool(often) and c >= often[0]) for c in range(14) if seen[c]]


def test_ids_survive_a_gap_of_two_clouds_and_no_long_one():
    tracks = Tracks(1, 1)
    assert ids(tracks(0, [unknown((10, 0, 0))])) == [0]
    tracks(STEP, [])
    tracks(2 * STEP, [])
    assert ids(tracks(3 * STEP, [unknown((10.3, 0, 0))])) == [0]
    for cloud in range(4, 10):
        tracks(cloud * STEP, [])
    assert ids(tracks(10 * STEP, [unknown((10.3, 0, 0))])) == [1]
    assert ids(tracks(10 * STEP + 3000 * MS, [unknown((10.3, 0, 0))])) == [2]


def test_objects_that_pass_each_other_unseen_keep_their_ids():
    tracks = Tracks()
    for cloud in (0, 1, 2, 3, 4, 7, 8):
        one, other = (10, -6 + 1.0 * cloud, 0), (11, 6 - 1.0 * cloud, 0)
        assert ids(tracks(cloud * STEP, [unknown(one), unknown(other)])) == [0, 1]


@pytest.mark.parametrize("back", [20 * MS, 300 * MS])
def test_a_bag_that_starts_again_begins_anew_with_new_ids(back):
    tracks = Tracks()
    for cloud in range(4):
        (last,) = tracks(cloud * STEP, [unknown((10, 0, 0))], pose())
    assert (last.id, last.confirmed) == (0, True)
    assert last.velocity is not None
    (again,) = tracks(3 * STEP - back, [unknown((10, 0, 0))], pose())
    assert (again.id, again.confirmed, again.velocity) == (1, False, None)


def test_a_cloud_that_comes_twice_gets_the_same_ids_and_counts_once():
    tracks = Tracks(2, 3)
    for _ in range(4):
        out = tracks(0, [unknown((10, 0, 0)), unknown((20, 0, 0))])
        assert [(o.id, o.confirmed) for o in out] == [(0, False), (1, False)]
    assert [o.confirmed for o in tracks(STEP, [unknown((10, 0, 0))])] == [True]


def test_two_objects_at_one_place_have_two_ids():
    tracks = Tracks()
    for cloud in range(3):
        assert sorted(ids(tracks(cloud * STEP, [unknown((10, 0, 0))] * 2))) == [0, 1]


def test_what_is_far_or_of_another_size_is_another_object():
    tracks = Tracks()
    tracks(0, [unknown((10, 0, 0), side=0.4)])
    assert ids(tracks(STEP, [unknown((10, 0, 0), side=6.0)])) == [1]
    assert ids(tracks(2 * STEP, [unknown((10, 6, 0), side=6.0)])) == [2]
    assert ids(tracks(3 * STEP, [unknown((10, 6, 0), side=3.5)])) == [2]


def test_velocity_is_over_the_ground_along_the_lidars_axes():
    """A turning vehicle at 12 m/s, one object that stands and one that moves at 5 m/s, boxes that jump by 5 cm."""
    rng, tracks, real = np.random.default_rng(4), Tracks(), np.array((3.0, -4.0, 0))
    for cloud in range(12):
        T = pose(1.2 * cloud, 0.05 * cloud**2, 3.0 * cloud)
        centres = np.array([(40, 5, 0), np.array((30, 10, 0)) + real * cloud / 10])
        out = tracks(cloud * STEP, [unknown(seen_from(T, c + rng.normal(0, 0.05, 3))) for c in centres], T)
        assert ids(out) == [0, 1]
        assert all((o.velocity is None) == (cloud < 3) for o in out)
        if cloud >= 6:
            assert np.linalg.norm(out[0].velocity) < 0.6
            np.testing.assert_allclose(out[1].velocity, T[:3, :3].T @ real, atol=0.6)


def test_without_odometry_nothing_has_a_velocity_but_ids_stay():
    tracks = Tracks()
    for cloud in range(12):
        (out,) = tracks(cloud * STEP, [unknown((40 - 1.5 * cloud, 0, 0))])
        assert (out.id, out.velocity) == (0, None)


@pytest.mark.parametrize("yaw", [0, 50, 180])
def test_odometry_may_begin_late_and_miss_clouds(yaw):
    """A vehicle at 15 m/s before a standing object: what was seen without odometry is not read as movement."""
    tracks, start = Tracks(), pose(7, 3, yaw)
    for cloud, known in enumerate([False] * 5 + [True] * 8 + [False] * 2 + [True] * 6):
        T = pose(1.5 * cloud)
        (out,) = tracks(cloud * STEP, [unknown(seen_from(T, (40, 0, 0)))], start @ T if known else None)
        assert out.id == 0
        assert (out.velocity is not None) <= known
        if out.velocity is not None:
            np.testing.assert_allclose(out.velocity, 0, atol=1e-6)
    assert out.velocity is not None


@pytest.mark.parametrize("step", [STEP, MS])
def test_memory_is_bounded(step):
    rng, tracks = np.random.default_rng(6), Tracks()
    for cloud in range(300):
        tracks(cloud * step, [unknown((10, 0, 0)), *(unknown(p) for p in rng.uniform(-500, 500, (8, 3)))])
    assert len(tracks._tracks) < 8 * 8
    assert max(len(t.places) for t in tracks._tracks) <= 40


def test_the_objects_are_otherwise_as_they_came():
    given = unknown((10, 0, 0))
    (out,) = Tracks()(0, [given])
    assert out.points is given.points
    assert out.box is given.box
    assert (given.id, out.score, out.distance) == (-1, given.score, given.distance)
    assert Tracks()(0, []) == []


@pytest.mark.parametrize(("confirm", "window"), [(0, 5), (6, 5), (-1, -1), (1, 0)])
def test_impossible_counts_are_refused(confirm, window):
    with pytest.raises(InputError, match=f"confirm is {confirm} and window {window}, expected 1 <= confirm <= window"):
        Tracks(confirm, window)


def test_a_matrix_that_is_no_pose_is_refused():
    with pytest.raises(CalibrationError, match="T_start_lidar is not a rotation"):
        Tracks()(0, [], np.eye(4) * 2)


def test_an_object_that_falls_apart_for_a_cloud_keeps_its_id():
    tracks = Tracks()
    for cloud in range(4):
        tracks(cloud * STEP, [unknown((10, 0, 0), 2.0)])
    assert ids(tracks(4 * STEP, [unknown((10, 0.5, 0), 1.2), unknown((10, -0.3, 0), 1.2)])) == [1, 0]
    assert ids(tracks(5 * STEP, [unknown((10, 0.2, 0), 2.0)])) == [0]
