"""The crop: from the model until clouds agree, never fixed by a strange one, and over all that the LiDAR covers."""

from __future__ import annotations

import numpy as np
import pytest
from small_street import LENS, LIDAR, SPEC, camera_pose, changed_cells, frame, rays, scan

from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.crop import AGREEING, Crop, expected_rows
from fm_ood_ros.geometry.ground import tilted_plane
from fm_ood_ros.geometry.mount import Mount
from fm_ood_ros.geometry.view import CameraView
from fm_ood_ros.rig import ALONE, Rig, RigFacts

LEVEL = Mount.on(tilted_plane(1.65, 0, 0), "given")
NARROW = rays((-24.8, -2.0))  # a LiDAR that looks down
STRANGE = {
    "one ring": rays((-3, -3), 1, 1500),
    "upwards": rays((50, 80), 20, 75),
    "nothing": np.zeros((0, 3)),
    "half of it": rays()[: len(rays()) // 2],
}


def cloud(directions):
    """Points [N,4] float32 of a sphere of 20 m about the LiDAR."""
    return np.c_[directions * 20, np.linspace(0.1, 0.9, len(directions))].astype(np.float32)


def strange_frame(name):
    return frame(cloud(STRANGE[name]))


def rows_of(sight):
    return sight.view.top, sight.view.bottom


def rows_after(clouds):
    rig = Rig(SPEC)
    return [rows_of(rig.see(frame(points))[0]) for points in clouds]


@pytest.fixture(scope="module")
def usual():
    """The rows before and after the crop was measured."""
    return rows_after([scan(directions=NARROW)] * (AGREEING + 1))


@pytest.mark.parametrize("name", STRANGE)
def test_row_3_a_strange_first_cloud_leaves_the_models_crop_and_recovers(usual, name):
    rig = Rig(SPEC)
    street = frame(scan(directions=NARROW))
    seen = [rows_of(rig.see(f)[0]) for f in [strange_frame(name)] + [street] * (2 * AGREEING)]
    top, bottom = expected_rows(LENS, LEVEL, SPEC.elevation)
    assert seen[0][0] <= top + 3
    assert seen[0][1] >= bottom - 3
    assert seen[-1] == usual[-1]
    assert (rig.see(street)[0].projection.cell >= 0).sum() > 3000


@pytest.mark.parametrize("name", STRANGE)
def test_row_3_after_the_crop_was_measured_one_strange_cloud_leaves_the_rows_exactly(usual, name):
    rig = Rig(SPEC)
    street = frame(scan(directions=NARROW))
    for _ in range(AGREEING + 1):
        (before,) = rig.see(street)
    assert rows_of(before) == usual[-1] != usual[0]
    assert "(measured)" in rig.cameras[0].crop_text
    assert rows_of(rig.see(strange_frame(name))[0]) == usual[-1]
    (after,) = rig.see(street)
    assert after.view is before.view
    assert changed_cells(after.lidar, before.lidar) == 0


def test_row_3_strange_clouds_for_a_while_and_back():
    street, upwards = [scan(directions=NARROW)] * 9, [cloud(STRANGE["half of it"])] * 9
    rows = rows_after([*street, *upwards, *street])
    assert rows[8] == rows[-1]


def test_a_lidar_that_stays_another_is_followed():
    """The crop was measured of a LiDAR that looks down; then one looks up too."""
    rows = rows_after([scan(directions=NARROW)] * 9 + [scan(directions=rays((-24.8, 10)))] * 9)
    assert rows[-1][0] < rows[8][0] - 10


def test_clouds_that_hardly_differ_move_no_row():
    wobbling = [scan(directions=rays((-24.8, -2.0 + 0.1 * (k % 3)))) for k in range(12)]
    rows = rows_after(wobbling)
    assert len(set(rows[AGREEING:])) == 1


def test_the_crop_before_any_cloud_is_the_models():
    rig = Rig(SPEC)
    (sight,) = rig.see(frame(scan()))
    assert "(from the model)" in rig.cameras[0].crop_text
    assert sight.view.rows == expected_rows(LENS, sight.mount, SPEC.elevation)


def test_a_frame_by_itself_is_measured_at_once():
    rig = Rig(SPEC, ALONE)
    rig.see(frame(scan()))
    assert "(measured)" in rig.cameras[0].crop_text


def test_given_rows_win():
    rig = Rig(SPEC, RigFacts(rows=(40, 180)))
    for _ in range(AGREEING + 1):
        (sight,) = rig.see(frame(scan()))
    assert rows_of(sight) == (40, 180)
    assert rig.cameras[0].crop_text == "rows 40 to 180 of 188 (given)"


@pytest.mark.parametrize("above", [0.25, 1.0])
def test_row_13_near_things_below_a_lidar_above_the_camera_are_in_the_crop(above):
    lidar = LIDAR + np.array([0, 0, above - 0.25])
    wall = np.array([[(2.2, -3, 0.3), (2.6, 3, 1.2)]])  # ends below the highest rays
    points = scan(lidar, rays((-45, 2), 60), boxes=wall)
    rig = Rig(SPEC)
    pose = camera_pose(lidar)
    for _ in range(AGREEING + 1):
        (sight,) = rig.see(frame(points, pose))
        uv, _ = frame(points, pose).views[0].calibration.project(points)
        near = ((uv >= 0) & (uv < [LENS.width - 1, LENS.height - 1])).all(1) & (sight.projection.range < 3)
        assert near.sum() > 500
        assert (sight.projection.cell[near] >= 0).all()


def test_expected_rows_hold_every_ray_between_the_elevations():
    mount = Mount.on(tilted_plane(1.65, 4.0, 3.0), "given")
    top, bottom = expected_rows(LENS, mount, (-15.0, 5.0))
    uv = LENS.project(rays((-15, 5), 40, 200) @ mount.T[:3, :3])
    v = uv[(uv[:, 0] >= 0) & (uv[:, 0] < LENS.width), 1]
    assert 0 < top <= v.min() + 1 < top + 4
    assert bottom >= min(v.max(), LENS.height - 1)


def test_a_lidar_that_the_camera_cannot_see_is_refused():
    with pytest.raises(InputError, match="covers no row"):
        expected_rows(LENS, LEVEL, (40.0, 60.0))


def test_a_crop_follows_the_rows_and_keeps_the_aspect():
    view = CameraView(LENS, SPEC.size, (100, 140))
    assert view.bottom - view.top == 124  # 620 / 320 * 64: as high as the grid's shape asks
    assert view.bottom == 140, "first upwards"
    assert CameraView(LENS, SPEC.size, (10, 188)).top == 10
    with pytest.raises(InputError, match="no part of an image"):
        CameraView(LENS, SPEC.size, (100, 190))


def test_stray_points_move_no_row():
    rng = np.random.default_rng(0)
    v = rng.uniform(80, 170, 5000)
    rows = []
    for stray in ([], [-400.0] * 5 + [900.0] * 5):
        crop = Crop(188, 1, 1)
        crop.update(np.r_[v, stray])
        rows.append(crop.rows)
    assert np.abs(np.subtract(*rows)).max() <= 1
    assert np.abs(np.subtract(rows[0], (80, 170))).max() <= 1, "and no others are left out"
