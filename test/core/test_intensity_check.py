"""The intensity's scale: alike is silent, another scale is said."""

from __future__ import annotations

import numpy as np
import pytest

from fm_ood_ros.messages.intensity_check import intensity_trouble

TRAINED = {"p01": 0.01, "p50": 0.3, "p99": 0.9}
USUAL = np.random.default_rng(0).beta(2, 4, 5000).astype(np.float32)


@pytest.mark.parametrize("scale", [0.5, 1, 2])
def test_the_same_scale_is_silent(scale: float):
    assert intensity_trouble(USUAL * np.float32(scale), TRAINED) == ""


@pytest.mark.parametrize("scale", [1 / 255, 100, 255, 65535])
def test_another_scale_is_said(scale: float):
    assert "the scale is another one" in intensity_trouble(USUAL * np.float32(scale), TRAINED)


def test_a_missing_field_and_a_constant_zero_are_said():
    assert "no intensity field" in intensity_trouble(None, TRAINED)
    assert "below 0, in training" in intensity_trouble(np.zeros(1000, np.float32), TRAINED)


def test_too_few_points_or_a_model_without_intensity_say_nothing():
    assert intensity_trouble(USUAL[:50] * 255, TRAINED) == ""
    assert intensity_trouble(np.full(1000, np.nan, np.float32), TRAINED) == ""
    assert intensity_trouble(USUAL * 255, {}) == ""
