"""The ground: found through noise and clutter, refused where there is none, and steady."""

from __future__ import annotations

import numpy as np
import pytest
from small_street import BOXES, EYE, LIDAR, OPTICAL, SPEC, camera_pose, frame, rays, scan, turn

from fm_ood_ros.geometry.ground import Plane, ground_plane, tilted_plane
from fm_ood_ros.geometry.mount import ASSUMED, Mount, Mounting
from fm_ood_ros.rig import ALONE, Rig, RigFacts

NOTHING = np.zeros((0, 2, 3))
TUNNEL = np.array([[(-5, 3.5, 0), (85, 4, 5)], [(-5, -4, 0), (85, -3.5, 5)], [(-5, -4, 4.5), (85, 4, 5)]])


def before(points, **angles):
    """Points [N,>=3] of a level LiDAR before a camera turned by angles: [N,3] float32 and their distances."""
    T = camera_pose(**angles)
    xyz = (points[:, :3] @ T[:3, :3].T + T[:3, 3]).astype(np.float32)
    return xyz, np.linalg.norm(xyz, axis=1)


def strewn(n=12000, noise=0.02, clutter=0.4, slope=0.0, seed=0):
    """A ground with noise, and a share of points that lie somewhere above it, relative to the LiDAR."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(3, 24, n), rng.uniform(-8, 8, n)
    z = slope * x + rng.normal(0, noise, n)
    above = rng.random(n) < clutter
    z[above] += rng.uniform(0.1, 3, above.sum())
    return np.c_[x, y, z] - LIDAR


def assert_level(plane: Plane | None, pitch=0.0, roll=0.0):
    assert plane is not None
    mount = Mount.on(plane, "")
    assert mount.pitch == pytest.approx(pitch, abs=0.3)
    assert mount.roll == pytest.approx(roll, abs=0.3)
    assert plane.height == pytest.approx(EYE[2], abs=0.05)


@pytest.mark.parametrize("pitch", [-8, 0, 5, 12])
@pytest.mark.parametrize("roll", [-4, 0, 7])
def test_tilt_and_roll_are_found_through_noise_and_clutter(pitch, roll):
    assert_level(ground_plane(*before(strewn(), pitch=pitch, roll=roll)), pitch, roll)


def test_ground_turns_with_the_camera():
    """The plane in the turned camera's frame is the turned plane."""
    points = scan(boxes=BOXES[2:])
    level, turned = ground_plane(*before(points)), ground_plane(*before(points, pitch=6, roll=-3))
    R = OPTICAL @ turn(roll=-3, pitch=6).T @ OPTICAL.T
    assert np.degrees(np.arccos(min(1, turned.normal @ R @ level.normal))) < 0.05
    assert turned.height == pytest.approx(level.height, abs=0.01)


def test_a_tilted_plane_and_its_mount_say_the_same_angles():
    mount = Mount.on(tilted_plane(1.4, 5.0, -3.0), "given")
    assert (mount.pitch, mount.roll, mount.plane.height) == pytest.approx((5.0, -3.0, 1.4))
    np.testing.assert_allclose(mount.T[:3, :3] @ mount.T[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.linalg.det(mount.T[:3, :3]) == pytest.approx(1)


def test_walls_alone_are_no_ground():
    walls = np.array([[(-5, 4, -3), (60, 5, 9)], [(-5, -5, -3), (60, -4, 9)], [(30, -5, -3), (31, 5, 9)]])
    points = scan(boxes=walls)
    assert ground_plane(*before(points[points[:, 2] + LIDAR[2] > 0.05])) is None


def test_a_table_with_much_under_it_is_no_ground():
    table = strewn(4000, clutter=0) + np.array([0, 0, 0.8])
    assert ground_plane(*before(table)) is not None
    assert ground_plane(*before(np.concatenate([table, strewn(4000, clutter=1) - np.array([0, 0, 2.5])]))) is None


@pytest.mark.parametrize(("degrees", "found"), [(-10, True), (10, True), (14, True), (20, False), (-25, False)])
def test_a_sloping_street_is_ground_within_limits(degrees, found):
    plane = ground_plane(*before(strewn(slope=np.tan(np.radians(degrees)))))
    assert (plane is not None) == found
    if plane:
        assert Mount.on(plane, "").pitch == pytest.approx(degrees, abs=0.3)


def test_a_tunnels_ceiling_is_not_its_ground():
    points = scan(directions=rays((-24, 24), 60), boxes=TUNNEL)
    assert (points[:, 2] > 2).mean() > 0.1
    assert_level(ground_plane(*before(points)))


def test_too_few_points_and_broken_ones_are_no_ground():
    assert ground_plane(*before(strewn(90, clutter=0))) is None
    assert ground_plane(*before(np.full((5000, 3), np.nan))) is None
    xyz, distance = before(strewn())
    xyz[::3], distance[::3] = np.nan, np.nan
    assert_level(ground_plane(xyz, distance))


@pytest.mark.parametrize(("hill", "millimetres"), [(0.0, 1), (0.08, 5)])
def test_a_point_more_or_less_moves_next_to_nothing(hill, millimetres):
    xyz, distance = before(scan(hill=hill), pitch=2)
    whole = ground_plane(xyz, distance)
    corners = np.array([[x, 0, z] for x in (-8, 8) for z in (3, 25)])

    def moved(plane):
        return 1000 * np.abs(corners @ (plane.normal - whole.normal) + plane.height - whole.height).max()

    for left_out in (0, 5000, len(xyz) - 1):  # all that follow are other points of their place in the cloud
        less = ground_plane(np.delete(xyz, left_out, 0), np.delete(distance, left_out))
        assert moved(less) < millimetres
    for stray in ([0, 1.2, 9], [3, 4, 12], [0, 0, 2e4], [np.nan] * 3):
        more = np.r_[xyz, np.array([stray], np.float32)]
        assert moved(ground_plane(more, np.linalg.norm(more, axis=1))) < 1


def test_before_a_ground_was_seen_a_level_camera_is_assumed_and_said():
    mount = Mounting()(*before(np.zeros((0, 3))))
    assert mount.plane is ASSUMED
    assert str(mount).startswith("camera 1.60 m above the ground")
    assert str(mount).endswith("(assumed: no cloud shows a ground yet)")


def test_a_given_ground_wins():
    given = tilted_plane(2.2, 3.0, 0.0)
    rig = Rig(SPEC, RigFacts(ground=given))
    (sight,) = rig.see(frame(scan()))
    assert sight.mount.plane is given
    assert sight.mount.source == "given"
    assert rig.cameras[0].ground_missed == 0


def test_a_strange_cloud_changes_nothing():
    """The median over clouds: a higher, tilted one is outvoted, one without ground left."""
    mounting = Mounting()
    clouds = [before(strewn(seed=k), pitch=2) for k in range(5)]
    first = [mounting(*cloud) for cloud in clouds][-1].plane
    for strange in (before(strewn() + np.array([0, 0, 0.5]), pitch=8, roll=4), before(np.zeros((0, 3)))):
        plane = mounting(*strange).plane
        assert plane.height == pytest.approx(first.height, abs=0.01)
        assert np.degrees(np.arccos(min(1, plane.normal @ first.normal))) < 0.1
    assert mounting.missed == 1
    assert mounting(*clouds[0]).source == "measured over 7 clouds"
    assert mounting.missed == 0


def test_a_ground_that_stays_another_is_followed():
    mounting = Mounting()
    for k in range(9):
        mounting(*before(strewn(seed=k)))
    for k in range(9):
        plane = mounting(*before(strewn(seed=k), pitch=5)).plane
    assert_level(plane, 5.0)


def test_many_clouds_without_a_ground_are_told():
    rig = Rig(SPEC)
    sky = scan()
    sky = sky[sky[:, 2] > -1]
    for _ in range(19):
        rig.see(frame(sky))
    assert rig.cameras[0].ground_missed == 0
    rig.see(frame(sky))
    assert rig.cameras[0].ground_missed == 20


def test_training_varies_the_ground_that_was_measured():
    (plain,) = Rig(SPEC, ALONE).see(frame(scan()))
    (varied,) = Rig(SPEC, ALONE, lambda plane: Plane(plane.normal, plane.height + 0.2)).see(frame(scan()))
    seen = plain.projection.nearest >= 0
    np.testing.assert_array_equal(seen, varied.projection.nearest >= 0)
    np.testing.assert_allclose((varied.lidar - plain.lidar)[3].reshape(-1)[seen], 0.2, atol=1e-4)
