"""Maps of verdicts over the image: only where a visible LiDAR point is near."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_street import LENS, SPEC, frame, scan

from fm_ood_ros.prediction import SUPPORT, ViewVerdicts
from fm_ood_ros.rig import ALONE, Rig

ROW, COLUMN = 30, 150


def half(raw: np.ndarray) -> np.ndarray:
    """A scale of scores."""
    return raw / 2


@pytest.fixture(scope="module")
def sight():
    """A sight with one visible point, in one cell."""
    (sight,) = Rig(SPEC, ALONE).see(frame(scan()))
    nearest = np.full(64 * 320, -1, np.int32)
    nearest[ROW * 320 + COLUMN] = 0
    return replace(sight, projection=replace(sight.projection, nearest=nearest))


def test_row_5_a_pixel_is_judged_within_three_cells_of_a_visible_point(sight):
    assert SUPPORT == 7
    verdicts = ViewVerdicts(sight, np.ones(SPEC.size, np.uint8), np.full(SPEC.size, 0.5, np.float32), half)
    view = sight.view
    expected = np.zeros(SPEC.size, np.float32)
    expected[ROW - 3 : ROW + 4, COLUMN - 3 : COLUMN + 4] = 1
    judged = view.paste(expected, 0) > 0
    classes, scores = verdicts.class_map(), verdicts.anomaly_map()
    assert classes.shape == scores.shape == (LENS.height, LENS.width)
    assert classes.dtype == np.uint8
    np.testing.assert_array_equal(classes != 255, judged)
    np.testing.assert_array_equal(np.isfinite(scores), judged)
    assert (classes[judged] == 1).all()
    assert (scores[judged] == 0.25).all()
    v, u = np.argwhere(judged).mean(0)
    assert v == pytest.approx((ROW + 0.5) * (view.bottom - view.top) / 64 + view.top - 0.5, abs=1)
    assert u == pytest.approx((COLUMN + 0.5) * 620 / 320 - 0.5, abs=1)


def test_a_score_that_is_nan_leaves_no_verdict_on_the_image(sight):
    score = np.full(SPEC.size, 0.25, np.float32)
    score[ROW, :] = np.nan
    verdicts = ViewVerdicts(sight, np.ones(SPEC.size, np.uint8), score, half)
    np.testing.assert_array_equal(verdicts.class_map() == 255, np.isnan(verdicts.anomaly_map()))
    line = sight.view.paste(np.isnan(score).astype(np.uint8), 0) > 0
    assert (verdicts.class_map()[line] == 255).all()
