"""Maps of verdicts over the image: only where a visible LiDAR point is near, and as the nearest one is."""

from __future__ import annotations

import numpy as np
import pytest
from small_street import LENS, SPEC, frame, scan

from fm_ood_ros.prediction import REACH, ViewVerdicts, _nearest
from fm_ood_ros.rig import ALONE, Rig

ROW, COLUMN = 30, 150


@pytest.fixture(scope="module")
def sight():
    (sight,) = Rig(SPEC, ALONE).see(frame(scan()))
    return sight


def grid(**patches):
    """Cells that show patches, by "row_column"."""
    cells = np.full(SPEC.size, -1, np.int32)
    for place, patch in patches.items():
        cells[tuple(map(int, place[1:].split("_")))] = patch
    return cells


def test_row_5_a_pixel_is_judged_within_three_cells_of_a_visible_point(sight):
    assert REACH == 3
    class_id, score = np.array([0, 1], np.uint8), np.array([0.75, 0.25], np.float32)
    verdicts = ViewVerdicts(sight, grid(**{f"_{ROW}_{COLUMN}": 1}).reshape(-1), class_id, score)
    view = sight.view
    expected = np.zeros(SPEC.size, np.float32)
    expected[ROW - 3 : ROW + 4, COLUMN - 3 : COLUMN + 4] = 1
    judged = view.paste(expected, 0) > 0
    classes, scores = verdicts.class_map(), verdicts.anomaly_map()
    assert classes.shape == scores.shape == (LENS.height, LENS.width)
    assert (classes.dtype, scores.dtype) == (np.uint8, np.float32)
    np.testing.assert_array_equal(classes != 255, judged)
    np.testing.assert_array_equal(np.isfinite(scores), judged)
    assert (classes[judged] == 1).all()
    assert (scores[judged] == 0.25).all()
    v, u = np.argwhere(judged).mean(0)
    assert v == pytest.approx((ROW + 0.5) * (view.bottom - view.top) / 64 + view.top - 0.5, abs=1)
    assert u == pytest.approx((COLUMN + 0.5) * 620 / 320 - 0.5, abs=1)


def test_between_two_points_a_pixel_takes_the_nearer_ones_verdict():
    cells = grid(_30_150=4, _30_155=7, _2_2=9)
    found = _nearest(cells)
    assert found.dtype == np.int32
    assert found[30, 145:161].tolist() == [-1, -1, 4, 4, 4, 4, 4, 4, 7, 7, 7, 7, 7, 7, -1, -1]
    assert found[5, 5] == found[0, 0] == 9 and found[6, 5] == found[5, 6] == -1
    np.testing.assert_array_equal(cells, grid(_30_150=4, _30_155=7, _2_2=9), "only read")


@pytest.mark.parametrize("share", [0.002, 0.03, 0.3, 1.0])
def test_no_shown_patch_is_farther_than_the_nearest(share):
    """Against brute force: rows or columns, whichever is more."""
    rng = np.random.default_rng(0)
    cells = np.where(rng.random((40, 60)) < share, np.arange(2400).reshape(40, 60), -1).astype(np.int32)
    found = _nearest(cells)
    places = np.argwhere(cells >= 0)
    every = np.argwhere(np.ones_like(cells))
    apart = np.abs(every[:, None] - places[None]).max(2)
    least = apart.min(1).reshape(cells.shape)
    np.testing.assert_array_equal(found >= 0, least <= REACH)
    shown = np.argwhere(found >= 0)
    source = np.stack(np.divmod(found[found >= 0], 60), 1)  # a patch is named after its cell here
    np.testing.assert_array_equal(np.abs(shown - source).max(1), least[found >= 0])
    np.testing.assert_array_equal(found[cells >= 0], cells[cells >= 0])


def test_an_image_that_shows_no_patch_has_no_verdict(sight):
    nothing = np.zeros(0, np.float32)
    verdicts = ViewVerdicts(sight, np.full(64 * 320, -1, np.int32), nothing.astype(np.uint8), nothing)
    assert (verdicts.class_map() == 255).all()
    assert np.isnan(verdicts.anomaly_map()).all()
