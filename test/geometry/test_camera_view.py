"""The view: which point fills a cell, and one geometry for points, image and maps."""

from __future__ import annotations

import numpy as np
import pytest
from small_street import LENS, SPEC, camera_pose, frame, scan

from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.cone import Cone
from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.geometry.projection import nearest_points, range_grid
from fm_ood_ros.geometry.view import CameraView
from fm_ood_ros.rig import ALONE, Rig

CROPS = [(0, 188), (60, 188), (90, 130)]
EYE = 1.65


def pixels(n=5000, seed=0, lens=LENS):
    rng = np.random.default_rng(seed)
    return rng.uniform([-20, -20], [lens.width + 20, lens.height + 20], (n, 2))


def test_z_buffer_agrees_with_a_plain_loop():
    rng = np.random.default_rng(1)
    cell = rng.integers(-1, 30, 400).astype(np.int32)
    distance = np.round(rng.uniform(1, 50, 400)).astype(np.float32)  # with ties
    expected = np.full(30, -1)
    for i in range(400):
        if cell[i] >= 0 and (expected[cell[i]] < 0 or distance[i] < distance[expected[cell[i]]]):
            expected[cell[i]] = i
    nearest = nearest_points(cell, distance, 30)
    np.testing.assert_array_equal(nearest, expected)
    grid = range_grid(distance, nearest, (5, 6)).reshape(-1)
    np.testing.assert_array_equal(grid, [distance[i] if i >= 0 else np.inf for i in expected])


@pytest.mark.parametrize("rows", CROPS)
def test_cells_are_what_a_plain_sum_gives(rows):
    view = CameraView(LENS, SPEC.size, rows)
    high, wide = (view.bottom - view.top) / 64, 620 / 320
    for (u, v), cell in zip(pixels(500), view.cells(pixels(500)), strict=True):
        row, column = np.floor((v + 0.5 - view.top) / high), np.floor((u + 0.5) / wide)
        inside = 0 <= row < 64 and 0 <= column < 320
        assert cell == (row * 320 + column if inside else -1)


def test_pixels_beside_the_image_have_no_cell():
    view = CameraView(LENS, SPEC.size, (60, 188))
    uv = np.array([[-1, 100], [620, 100], [5, 188], [5, view.top - 1], [np.nan, np.nan], [619.4, 187.4], [-0.4, 100]])
    assert (view.cells(uv) >= 0).tolist() == [False] * 5 + [True] * 2


@pytest.mark.parametrize("size", [(48, 160), (33, 101), (188, 620)])
@pytest.mark.parametrize("rows", CROPS)
def test_a_pasted_map_shows_each_cell_where_its_points_are(size, rows):
    view = CameraView(LENS, size, rows)
    uv = pixels()
    cell = view.cells(uv)
    inside = cell >= 0
    u, v = np.rint(uv[inside]).astype(int).T
    grid = np.arange(size[0] * size[1], dtype=np.float32).reshape(size)
    pasted = view.paste(grid, np.nan)
    shown = pasted[np.clip(v, 0, 187), np.clip(u, 0, 619)].astype(int)
    off = np.abs(np.stack(np.divmod(shown, size[1])) - np.stack(np.divmod(cell[inside], size[1])))
    assert off.max() <= 1
    assert (off == 0).all(0).mean() > 0.7
    assert np.isnan(pasted[: view.top]).all()
    assert np.isnan(pasted[view.bottom :]).all()
    assert np.isfinite(pasted[view.top : view.bottom]).all()


@pytest.mark.parametrize("rows", CROPS)
def test_camera_image_and_cells_share_their_geometry(rows):
    """A bright square in the image lands in the cells of the points that lie on it."""
    view = CameraView(LENS, SPEC.size, rows)
    for u, v in ((100, 95), (400, 128), (610, view.bottom - 3)):
        image = np.zeros((188, 620, 3), np.uint8)
        image[v - 1 : v + 2, u - 1 : u + 2] = 255
        row, column = divmod(view.cells(np.array([[u, v]], float))[0], 320)
        brightest = np.unravel_index(view.camera_image(image)[..., 0].argmax(), SPEC.size)
        assert np.abs(np.subtract(brightest, (row, column))).max() <= 1


@pytest.mark.parametrize("rows", [None, (60, 188)])
def test_points_fall_into_the_cells_of_their_pixels(rows):
    """Image and LiDAR image show the same surface: each cell's point projects into it, whatever the crop."""
    moment = frame(scan(), camera_pose(pitch=2))
    (sight,) = Rig(SPEC, ALONE).see(moment)
    uv, _ = moment.views[0].calibration.project(moment.points)
    cell = np.flatnonzero(sight.projection.nearest >= 0)
    row, column = np.divmod(cell, 320)
    here = uv[sight.projection.nearest[cell]]
    view = sight.view
    assert view.top > 10
    np.testing.assert_allclose((row + 0.5) * (view.bottom - view.top) / 64 + view.top - 0.5, here[:, 1], atol=1.1)
    np.testing.assert_allclose((column + 0.5) * 620 / 320 - 0.5, here[:, 0], atol=1.1)


def test_an_image_of_another_size_is_refused():
    with pytest.raises(InputError, match=r"expected \(188, 620, 3\)"):
        CameraView(LENS, SPEC.size, (60, 188)).camera_image(np.zeros((100, 620, 3), np.uint8))


@pytest.mark.parametrize(
    "lens",
    [
        LENS,
        Lens(np.array([[250.0, 0, 300], [0, 250, 90], [0, 0, 1]]), 620, 188, "equidistant", np.array([0.05, 0, 0, 0])),
        Lens(LENS.K, 620, 188, "plumb_bob", np.array([-0.3, 0.1, 0, 0])),
        Lens(LENS.K, 620, 188, R=np.array([[0.8, 0, -0.6], [0, 1, 0], [0.6, 0, 0.8]])),
    ],
)
def test_the_cone_leaves_out_no_point_that_the_image_shows(lens):
    rng = np.random.default_rng(0)
    xyz = rng.normal(0, 10, (20000, 3)).astype(np.float32)
    distance = np.linalg.norm(xyz, axis=1)
    expected = lens.project(xyz)
    shown = ((expected >= -0.5) & (expected < [619.5, 187.5])).all(1)
    assert shown.sum() > 300
    uv = Cone(lens).pixels(xyz, distance, np.ones(len(xyz), bool))
    np.testing.assert_allclose(uv[shown], expected[shown])
    assert np.isnan(uv).any(1).mean() > 0.4, "most points need not go through the lens"
    assert np.isnan(Cone(lens).pixels(xyz, distance, np.zeros(len(xyz), bool))).all()
