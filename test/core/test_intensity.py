"""Row 15: the same street has the same intensities, whatever scale the sensor sends."""

from __future__ import annotations

import numpy as np
import pytest
from small_street import SPEC, changed_cells, frame, scan

from fm_ood_ros.messages.intensity import CLOUDS, IntensityScale
from fm_ood_ros.rig import Rig, RigFacts

USUAL = np.random.default_rng(0).beta(2, 4, 5000).astype(np.float32)
SCALES = {
    "as it is": (lambda i: i, 1e-6),
    "x255": (lambda i: i * 255, 1e-6),
    "x65535": (lambda i: i * 65535, 1e-6),
    "uint8": (lambda i: np.rint(i * 255), 0.01),
    "a dim sensor": (lambda i: i / 300, 1e-6),
}


@pytest.mark.parametrize("name", SCALES)
def test_row_15_the_scaled_intensity_is_the_same_for_every_scale(name):
    scaled = IntensityScale()(USUAL, 2.0)
    change, within = SCALES[name]
    scale = IntensityScale()
    other = scale(change(USUAL).astype(np.float32), 2.0)
    np.testing.assert_allclose(other, scaled, atol=within)
    assert other.dtype == np.float32
    assert np.percentile(other, 95) == pytest.approx(1, abs=0.05)
    assert str(scale) == f"intensity / {scale.scale:.4g} (measured over 1 clouds)"


@pytest.mark.parametrize("name", SCALES)
def test_row_15_the_networks_input_is_the_same_for_every_scale(name):
    points = scan()
    (usual,) = Rig(SPEC).see(frame(points))
    points[:, 3] = SCALES[name][0](points[:, 3])
    (other,) = Rig(SPEC).see(frame(points))
    assert changed_cells(other.lidar, usual.lidar) < 0.01 * np.count_nonzero(usual.lidar[0])


@pytest.mark.parametrize("value", [0.0, 0.5, 255.0, np.nan])
def test_row_15_none_and_constant_intensities_are_left_out_and_said(value):
    scale = IntensityScale()
    assert not scale(np.full(5000, value, np.float32), 2.0).any()
    assert str(scale) == "intensity left out: the cloud has none, or all alike"


def test_row_15_a_given_scale_wins_and_is_said():
    rig = Rig(SPEC, RigFacts(intensity=255.0))
    points = scan()
    points[:, 3] *= 100
    (sight,) = rig.see(frame(points))
    seen = sight.projection.nearest >= 0
    expected = points[sight.projection.nearest[seen], 3] / 255
    np.testing.assert_allclose(sight.lidar[4].reshape(-1)[seen], expected, rtol=1e-5)
    assert str(rig.intensity) == "intensity / 255 (given)"


def test_bright_and_broken_intensities_are_bounded():
    some = USUAL.copy()
    some[[1, 2, 3, 4]] = 1e30, -5, np.nan, np.inf
    scaled = IntensityScale()(some, 2.0)
    assert scaled[[1, 2, 3, 4]].tolist() == [2, 0, 0, 0]
    np.testing.assert_allclose(
        np.delete(scaled, [1, 2, 3, 4]), np.delete(IntensityScale()(USUAL, 2.0), [1, 2, 3, 4]), rtol=1e-3
    )


def test_the_scale_is_the_sensors_and_not_one_clouds():
    """A cloud before a mirror or in a dark wood is told apart from the others."""
    scale = IntensityScale()
    for _ in range(5):
        scale(USUAL, 2.0)
    usual = scale.scale
    np.testing.assert_allclose(scale(USUAL * 3, 100.0), USUAL * 3 / usual, rtol=1e-5)
    assert scale.scale == usual


def test_a_sensor_that_stays_another_is_followed():
    scale = IntensityScale()
    for factor in (1, 255):
        for _ in range(CLOUDS):
            scaled = scale(USUAL * np.float32(factor), 2.0)
        assert np.percentile(scaled, 95) == pytest.approx(1, abs=0.05)


def test_too_few_points_move_no_scale():
    scale = IntensityScale()
    scale(USUAL, 2.0)
    usual = scale.scale
    scale(USUAL[:40] * 9, 2.0)
    scale(np.zeros(0, np.float32), 2.0)
    assert scale.scale == usual
