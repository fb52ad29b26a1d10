"""Row 5: a point behind nearer ones is not judged from pixels that it does not own, and no other is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_street import BOXES, EYE, LIDAR, SPEC, camera_pose, frame, ranges, rays, scan

from fm_ood_ros.geometry.visibility import REACH, enclosed_cells, overlapped_cells, ring_gap, sources, visible
from fm_ood_ros.model.label_sets import LabelSet
from fm_ood_ros.rig import ALONE, Rig
from training.data.samples import make_sample

SIZE = (64, 320)
FLAT = 1e-3  # steepness of a camera high above the ground


def rings(distance: float, gap: int = 3, size=SIZE) -> np.ndarray:
    """A wall [H,W] at a distance that every `gap`-th row shows."""
    grid = np.full(size, np.inf, np.float32)
    grid[1::gap] = distance
    return grid


@pytest.mark.parametrize("gap", [1, 2, 4, 7])
def test_the_gap_between_rings_is_found(gap):
    assert ring_gap(np.isfinite(rings(20, gap))) == gap
    assert ring_gap(np.zeros(SIZE, bool)) == 1


def test_the_gap_is_most_rings_not_the_widest():
    occupied = np.isfinite(rings(20, 3))
    occupied[20:34] = False
    assert ring_gap(occupied) == 3
    occupied[:] = False
    occupied[[5, 60]] = True
    assert ring_gap(occupied) == 1, "what lies far apart are no neighbouring rings"


@pytest.mark.parametrize("gap", [2, 4, 7])
def test_row_5_what_shows_between_the_rings_of_something_near_is_hidden(gap):
    """A car at 8 m whose rings are apart: the house at 30 m that falls between them is behind it."""
    grid = rings(8, gap)
    behind = np.zeros(SIZE, bool)
    behind[1 + gap // 2 : -2 * gap : gap, 40:280:9] = True
    behind &= ~np.isfinite(grid)
    grid[behind] = 30
    hidden = hidden_cells(grid, FLAT)
    assert hidden[behind].all()
    assert not hidden[~behind].any()


def test_row_5_what_shows_beside_something_near_is_seen():
    grid = rings(30, 3)
    grid[:, 150:170] = rings(8, 3)[:, 150:170]
    hidden = hidden_cells(grid, FLAT)
    assert not hidden[:, :149].any()
    assert not hidden[:, 171:].any()


def test_row_5_what_shows_in_the_middle_of_a_pole_is_hidden_left_and_right():
    """Of a pole at 5 m only the edges are hit; the wall at 25 m shows between them all the way up."""
    grid = rings(25, 1)
    grid[:, [100, 104]] = 5
    assert hidden_cells(grid, FLAT)[1:, 102].all()
    assert not hidden_cells(rings(25, 1), FLAT).any()


def test_row_5_a_car_roof_hides_what_is_just_above_it():
    """The LiDAR sees over the roof to a ring that falls into the rows right above its edge."""
    grid = np.full(SIZE, np.inf, np.float32)
    grid[40::4] = 8  # the car, rings 4 rows apart
    grid[37] = 25  # nearer to its edge than rings are apart
    grid[36], grid[32] = 25.2, 25.4
    hidden = hidden_cells(grid, FLAT)
    assert hidden[37].all()
    assert not hidden[36].any()


def test_a_receding_ground_hides_nothing():
    """Flat ground under a camera: neighbouring rings are far apart in range, none is behind another."""
    row = np.arange(1, 60)
    step, eye = 0.006, 1.65
    for gap in (1, 3, 5):
        grid = np.full(SIZE, np.inf, np.float32)
        ground = (eye / np.sin(row * step)).astype(np.float32)
        grid[row[::gap] + 2] = ground[::gap, None]
        grid[grid > 60] = np.inf
        assert not hidden_cells(grid, step / eye).any()


def test_row_5_what_something_nearer_surrounds_on_three_sides_is_nobodys_guess():
    """A wall seen through the gap between the rings of a nearer thing, open to one side."""
    grid = rings(20, 3)
    grid[20:41, 100:104] = np.where(np.isfinite(grid[20:41, 100:104]), 5, np.inf)
    row = next(r for r in range(26, 34) if np.isinf(grid[r, 100]))
    grid[row, 103] = 20
    seen = np.where(np.isfinite(grid), grid, 999).reshape(-1).astype(np.float32)
    cell = np.arange(grid.size, dtype=np.int32)
    shown, closed = visible(seen, np.where(np.isfinite(grid.reshape(-1)), cell, -1).astype(np.int32), grid.shape, FLAT)
    assert closed.reshape(grid.shape)[row, 103]
    assert not closed.reshape(grid.shape)[row, 110:].any()
    source = sources(cell, seen, shown, closed, grid.shape).reshape(grid.shape)
    assert source[row, 103] == -1
    assert (source[row, 110:][np.isfinite(grid[row, 110:])] >= 0).all()


def hidden_cells(grid: np.ndarray, steepness: float) -> np.ndarray:
    return enclosed_cells(grid) | overlapped_cells(grid, steepness)


def point_at(grid, at, distance):
    """sources() for one point more that falls into a cell [row, column] of a grid; its source as [row, column]."""
    nearest = np.where(np.isfinite(grid.reshape(-1)), np.arange(grid.size), -1).astype(np.int32)
    cell = np.r_[np.arange(grid.size), at[0] * grid.shape[1] + at[1]].astype(np.int32)
    own = np.where(np.isfinite(grid.reshape(-1)), grid.reshape(-1), 999.0)
    source = sources(cell, np.r_[own, distance].astype(np.float32), nearest, np.zeros(grid.size, bool), grid.shape)[-1]
    return None if source < 0 else divmod(int(source), grid.shape[1])


def test_row_5_a_hidden_point_takes_the_verdict_of_its_own_surface():
    grid = rings(20, 1)
    grid[:, 100:105] = 5
    assert point_at(grid, (30, 100), 20) == (30, 99)
    assert point_at(grid, (30, 104), 20) == (30, 105)
    assert point_at(grid, (30, 50), 20.1) == (30, 50)


def test_row_5_a_hidden_points_surface_is_looked_for_three_cells_off():
    grid = rings(5, 1)
    grid[:, 103:] = 20
    assert REACH == 3
    assert point_at(grid, (30, 100), 20) == (30, 103)
    assert point_at(grid, (30, 99), 20) is None


def test_row_5_another_surface_is_none_of_its_own():
    """At 20 m surfaces are one within .6 m."""
    grid = rings(20, 1)
    grid[30, 100] = 5
    assert point_at(grid, (30, 100), 20.55) is not None
    assert point_at(grid, (30, 100), 20.65) is None
    assert point_at(grid, (30, 100), 19.35) is None
    assert point_at(rings(4, 1), (30, 100), 4.45) is None
    assert point_at(rings(4, 1), (30, 100), 4.35) == (30, 100)


@pytest.fixture(scope="module", params=[(0, 0, 0), (0, 0.3, 0.4), (0, 1.0, 0.7)])
def parallax(request):
    """A LiDAR beside the camera sees over a car and past a pole; by every point, whether the camera cannot see it."""
    boxes = np.array([[(9, -1.5, 0), (13, 1.5, 1.5)], [(5, 2.2, 0), (5.3, 2.5, 4)], [(22, -6, 0), (22.5, 6, 5)]])
    boxes = np.concatenate([BOXES[2:4], boxes])
    lidar = LIDAR + request.param
    points = scan(lidar, rays(rings=64, columns=500), boxes=boxes)
    way = points[:, :3] + lidar - EYE
    distance = np.linalg.norm(way, axis=1)
    occluded = ranges(EYE, way / distance[:, None], boxes) < distance - 1.0
    return frame(points, camera_pose(lidar)), occluded


def test_row_5_points_that_the_camera_cannot_see_own_no_cell(parallax):
    moment, occluded = parallax
    (sight,) = Rig(SPEC, ALONE).see(moment)
    p = sight.projection
    assert (occluded & (p.cell >= 0)).sum() > 300
    owners = p.nearest[p.nearest >= 0]
    assert occluded[owners].sum() < 0.04 * (occluded & (p.cell >= 0)).sum()  # without care 13 to 38 %


def test_row_5_points_that_the_camera_cannot_see_are_judged_by_their_own_surface_or_not(parallax):
    moment, occluded = parallax
    (sight,) = Rig(SPEC, ALONE).see(moment)
    p = sight.projection
    borrowing = np.flatnonzero(occluded & (p.source >= 0))
    of = p.nearest[p.source[borrowing]]
    assert (of >= 0).all()
    assert (np.abs(p.range[of] - p.range[borrowing]) <= np.maximum(0.4, 0.03 * p.range[borrowing]) + 1e-4).all()
    assert (p.source[occluded & (p.cell >= 0)] < 0).sum() > 60


def test_row_5_points_that_the_camera_sees_are_judged(parallax):
    moment, occluded = parallax
    (sight,) = Rig(SPEC, ALONE).see(moment)
    seen = ~occluded & (sight.projection.cell >= 0)
    assert (sight.projection.source[seen] >= 0).mean() > 0.92


def test_row_5_hidden_cells_teach_nothing(parallax):
    """Labelled are either the points that the camera cannot see or the others; 0 is ignored."""
    moment, occluded = parallax
    labels = LabelSet.load("street")
    taught = []
    for mask in (occluded, ~occluded):
        labelled = replace(moment, labels=np.where(mask, 40, 0).astype(np.uint16))
        taught.append(int((make_sample(labelled, labels, SPEC)["target"] != 255).sum()))
    assert taught[0] < 10
    assert taught[1] > 5000
