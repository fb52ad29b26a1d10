"""The view: which point fills a cell, whose verdict a point takes, and the way over the image and back."""

import numpy as np
import pytest

from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.projection import nearest_points
from fm_ood_ros.geometry.view import CameraView, lidar_elevation

FORWARD = np.array([[0.0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1]])
RAISED = FORWARD + np.array([[0, 0, 0, 0], [0, 0, 0, -0.8], [0, 0, 0, 0], [0, 0, 0, 0.0]])  # camera 0.8 m below


def make_view(size=(48, 160), T=FORWARD, elevation=(-90.0, 90.0), width=640, height=192):
    K = np.array([[320.0, 0, width / 2 - 0.5], [0, 320, height / 2 - 0.5], [0, 0, 1]])
    return CameraView(Calibration(K, width, height, T), size, elevation)


def cloud(*rows):
    return np.array([(*r, 0.5) if len(r) == 3 else r for r in rows], np.float32).reshape(-1, 4)


def random_cloud(n=5000, seed=0):
    rng = np.random.default_rng(seed)
    return np.c_[rng.uniform(-40, 60, n), rng.uniform(-30, 30, n), rng.uniform(-2, 4, n), rng.random(n)].astype(
        np.float32
    )


def test_the_nearest_point_wins_whatever_the_order():
    points = cloud((20, 0, 0), (5, 0, 0), (10, 0, 0))
    for order in ([0, 1, 2], [1, 0, 2], [2, 1, 0]):
        p = make_view().project(points[order])
        assert len(set(p.cell)) == 1
        assert points[order][p.nearest[p.cell[0]], 0] == 5


def test_z_buffer_agrees_with_a_plain_loop():
    rng = np.random.default_rng(1)
    cell = rng.integers(-1, 30, 400).astype(np.int32)
    distance = rng.uniform(1, 50, 400).astype(np.float32)
    expected = np.full(30, -1)
    for i in range(400):
        if cell[i] >= 0 and (expected[cell[i]] < 0 or distance[i] < distance[expected[cell[i]]]):
            expected[cell[i]] = i
    np.testing.assert_array_equal(nearest_points(cell, distance, 30), expected)


def test_what_is_behind_or_not_finite_or_beside_has_no_cell():
    points = cloud((-5, 0, 0), (5, 50, 0), (np.nan, 0, 0), (np.inf, 0, 0), (1e30, 0, 0), (5, 0, 0))
    assert (make_view().project(points).cell >= 0).tolist() == [False] * 5 + [True]


def test_depth_counts_not_lidar_x():
    """A camera that looks left sees what lies left, also behind the LiDAR's x = 0."""
    left = np.array([[1.0, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])
    p = make_view(T=left).project(cloud((-1, 8, 0), (8, 0, 0)))
    assert (p.cell >= 0).tolist() == [True, False]


def test_lidar_image_holds_the_nearest_point_and_zeros():
    view = make_view()
    points = cloud((10, 1, 0.5, 0.7), (30, 3, 1.5, 0.1))
    image = view.lidar_image(points, view.project(points))
    row, column = divmod(view.project(points).cell[0], 160)
    np.testing.assert_allclose(image[:, row, column], [np.sqrt(101.25), 10, 1, 0.5, 0.7], rtol=1e-6)
    assert np.count_nonzero(image.any(0)) == 1


def test_broken_intensity_stays_out_of_the_network():
    view = make_view()
    points = cloud((10, 0, 0, np.nan), (10, 3, 0, np.inf))
    assert np.isfinite(view.lidar_image(points, view.project(points))).all()


def test_a_hidden_point_takes_the_verdict_of_its_own_surface():
    """A wall at 20 m seen past the edge of a pole at 5 m by a LiDAR above the camera."""
    y = np.arange(-3, 3, 0.02)
    wall = np.c_[np.full_like(y, 20), y, np.full_like(y, 0.2), np.zeros_like(y)]
    pole = np.array([[5, 0.0, 0.05, 0]])
    points = np.concatenate([wall, pole]).astype(np.float32)
    view = make_view()
    p = view.project(points)
    surface = np.r_[np.zeros(len(wall)), 1].astype(np.uint8)
    grid = np.full(48 * 160, 9, np.uint8)
    grid[p.nearest >= 0] = surface[p.nearest[p.nearest >= 0]]
    hidden = np.flatnonzero(p.cell[:-1] == p.cell[-1])
    assert len(hidden)
    assert (grid[p.cell[hidden]] == 1).all(), "without care the pole's verdict bleeds onto the wall"
    assert (view.lift(grid.reshape(48, 160), p, 255) == surface).all()


def test_a_hidden_point_without_its_surface_is_not_judged():
    p = make_view().project(cloud((5, 0, 0), (40, 0, 0)))
    assert p.source[0] == p.cell[0]
    assert p.source[1] == -1


def test_lift_fills_and_keeps_the_type():
    view = make_view()
    p = view.project(random_cloud())
    values = np.arange(48 * 160, dtype=np.float32).reshape(48, 160)
    lifted = view.lift(values, p, np.nan)
    assert lifted.dtype == np.float32
    np.testing.assert_array_equal(np.isnan(lifted), p.source < 0)
    own = (p.source == p.cell) & (p.cell >= 0)
    np.testing.assert_array_equal(lifted[own], p.cell[own])


@pytest.mark.parametrize("size", [(48, 160), (33, 101), (192, 640)])
@pytest.mark.parametrize("elevation", [(-90.0, 90.0), (-24.8, 2.0)])
def test_pasted_map_shows_each_cell_where_its_points_are(size, elevation):
    view = make_view(size=size, elevation=elevation)
    points = random_cloud()
    p = view.project(points)
    inside = p.cell >= 0
    uv, _ = view.calibration.project(points[inside])
    u, v = np.rint(uv).astype(int).T
    grid = np.arange(size[0] * size[1], dtype=np.float32).reshape(size)
    pasted = view.paste(grid, np.nan)
    cells = pasted[np.clip(v, 0, 191), np.clip(u, 0, 639)].astype(int)
    row_off = np.abs(cells // size[1] - p.cell[inside] // size[1])
    column_off = np.abs(cells % size[1] - p.cell[inside] % size[1])
    assert row_off.max() <= 1
    assert column_off.max() <= 1
    assert np.mean((row_off == 0) & (column_off == 0)) > (0.6 if size[1] == 640 else 0.85)


def test_camera_image_and_cells_share_their_geometry():
    """A bright square in the image lands in the cells of the points that lie on it."""
    view = make_view(size=(96, 320), elevation=(-20.0, 5.0))
    points = cloud((10, 1.0, -0.4))
    p = view.project(points)
    u, v = np.rint(view.calibration.project(points)[0][0]).astype(int)
    image = np.zeros((192, 640, 3), np.uint8)
    image[v - 1 : v + 2, u - 1 : u + 2] = 255
    row, column = divmod(p.cell[0], 320)
    brightest = np.unravel_index(view.camera_image(image)[..., 0].argmax(), (96, 320))
    assert abs(brightest[0] - row) <= 1
    assert abs(brightest[1] - column) <= 1


def test_crop_follows_the_lidar_and_keeps_the_aspect():
    view = make_view(size=(48, 320), elevation=(-8.0, 2.0))
    assert view.bottom - view.top == 96  # 640 / 320 * 48: as wide as the grid's shape asks
    low = make_view(size=(48, 320), elevation=(-10.0, -8.0))
    assert low.bottom > view.bottom - 1
    assert low.top >= view.top


def test_crop_never_cuts_what_the_lidar_sees():
    elevation = (-15.0, 10.0)
    view = make_view(size=(10, 320), T=RAISED, elevation=elevation)
    e, a = np.meshgrid(np.radians(np.linspace(*elevation, 40)), np.radians(np.linspace(-40, 40, 60)))
    rays = np.stack([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)], -1).reshape(-1, 3)
    points = np.concatenate([rays * r for r in (3, 5, 20, 100)]).astype(np.float32)
    uv, _ = view.calibration.project(points)
    in_image = ((uv >= 0) & (uv < [639, 191])).all(1)
    assert in_image.sum() > 500
    assert (view.project(points).cell[in_image] >= 0).all()


def test_a_lidar_that_the_camera_cannot_see_is_refused():
    with pytest.raises(InputError, match="covers no row"):
        make_view(elevation=(40.0, 60.0))


def test_elevation_is_measured_and_needs_points():
    rng = np.random.default_rng(0)
    e, a = np.radians(rng.uniform(-20, 5, 5000)), rng.uniform(-3, 3, 5000)
    points = (np.stack([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)], 1) * 20).astype(np.float32)
    low, high = lidar_elevation(points)
    assert low == pytest.approx(-20, abs=0.3)
    assert high == pytest.approx(5, abs=0.3)
    with pytest.raises(InputError, match="no finite point"):
        lidar_elevation(np.full((3, 3), np.nan, np.float32))


def test_an_image_of_another_size_is_refused():
    with pytest.raises(InputError, match=r"expected \(192, 640, 3\)"):
        make_view().camera_image(np.zeros((100, 640, 3), np.uint8))
