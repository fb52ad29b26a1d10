"""The scale of known points: its quantiles are theirs, at every range, after all steps of the judgement."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from fm_ood_ros.errors import InputError
from fm_ood_ros.judgement.fitting import (
    EDGES,
    ENOUGH,
    LEVELS,
    NEAR,
    KnownPoints,
    fit_scale,
    refit_quantiles,
    with_quantiles,
)
from fm_ood_ros.judgement.judge import Judgement
from fm_ood_ros.judgement.surface import Surface
from fm_ood_ros.model.judgement_spec import JudgementSpec
from fm_ood_ros.model.score_scale import RangeScale

ALONE = Judgement(JudgementSpec.alone("max_logit"))
WHOLE = Judgement(JudgementSpec("max_logit"))
PART = RangeScale(12.0, 1.0, 2.0, np.array([0.25, 0.75]), np.array([0.0, 1.0]), 0)


def known(judgement, patches=6000, nearest=3.0, farthest=70.0, seed=0, raw=None):
    """A frame of patches at the corners of no object, the stranger the farther they lie, each with one point.

    raw: [M] anomaly scores instead
    """
    rng = np.random.default_rng(seed)
    distance = rng.uniform(nearest, farthest, patches)
    azimuth = rng.uniform(-0.6, 0.6, patches)
    xyz = np.stack([distance * np.cos(azimuth), distance * np.sin(azimuth), rng.uniform(0, 3, patches)], 1)
    strange = rng.normal(distance / 10, 1 + distance / 20) if raw is None else raw
    logits = np.stack([-strange, -strange - 5]).astype(np.float32)
    numbers = np.arange(patches, dtype=np.int32)
    seen = Surface(xyz.astype(np.float32), distance.astype(np.float32), logits, numbers, (numbers,))
    return KnownPoints(judgement.evidence(seen), numbers)


def scores(judgement, scale, frames):
    """Distances and anomaly scores of all points."""
    distance = [f.evidence.surface.distance[f.patch] for f in frames]
    judged = [judgement.judged(f.evidence, scale)[f.patch] for f in frames]
    return np.concatenate(distance), scale(np.concatenate(judged), np.concatenate(distance))


def within(distance):
    """Members of each range between EDGES."""
    bounds = [0, *EDGES, np.inf]
    return [(distance >= low) & (distance < high) for low, high in pairwise(bounds)]


def test_known_quantiles_come_out():
    judged = np.random.default_rng(0).permutation(np.linspace(-3, 7, 100_001)).astype(np.float32)
    part = with_quantiles(PART, judged)
    np.testing.assert_allclose(part.values, -3 + 10 * LEVELS, atol=1e-5)
    np.testing.assert_allclose(part.levels, LEVELS, atol=1e-6)
    assert (part.distance, part.mean, part.std, part.points) == (12, 1, 2, 100_001)


def test_means_and_deviations_are_of_the_raw_score_at_each_range():
    frames = [known(ALONE, seed=i) for i in range(3)]
    scale = fit_scale(ALONE, frames)
    distance = np.concatenate([f.evidence.surface.distance for f in frames])
    raw = np.concatenate([ALONE.raw(f.evidence) for f in frames])
    members = within(distance)
    assert len(scale.ranges) == len(members)
    for part, member in zip(scale.ranges, members, strict=True):
        found = part.distance, part.mean, part.std
        expected = distance[member].mean(), raw[member].mean(), raw[member].std()
        np.testing.assert_allclose(found, expected, rtol=1e-4)
        assert part.points == member.sum()


@pytest.mark.parametrize("judgement", [ALONE, WHOLE], ids=["alone", "whole"])
def test_a_threshold_flags_its_share_at_every_range_of_what_it_was_fitted_on(judgement):
    frames = [known(judgement, seed=i) for i in range(4)]
    distance, score = scores(judgement, fit_scale(judgement, frames), frames)
    assert np.isfinite(score).all()
    assert (score >= 0.95).mean() == pytest.approx(0.05, abs=0.005)
    for member in within(distance):
        assert (score[member] >= 0.95).mean() == pytest.approx(0.05, abs=0.015)
        assert np.median(score[member]) == pytest.approx(0.5, abs=0.05)


def test_the_scale_of_another_range_flags_another_share():
    """What the test above would say where all ranges took one scale: too little near, too much far."""
    frames = [known(ALONE, seed=i) for i in range(4)]
    scale = fit_scale(ALONE, frames)
    middle = replace(scale, ranges=(scale.ranges[3],))
    distance, score = scores(ALONE, middle, frames)
    near, *_, far = ((score[member] >= 0.95).mean() for member in within(distance))
    assert near < 0.01
    assert far > 0.15


def test_points_count_as_often_as_they_lie_on_a_patch():
    frame = known(ALONE, 24_000)
    near = np.flatnonzero(frame.evidence.surface.distance < 10).astype(np.int32)
    twice = KnownPoints(frame.evidence, np.concatenate([frame.patch, np.repeat(near, 3)]))
    found, usual = (fit_scale(ALONE, [f]).ranges for f in (twice, frame))
    assert found[0].points == 4 * len(near)
    assert [part.points for part in found[1:]] == [part.points for part in usual[1:]]


def test_a_range_with_too_few_points_is_joined_to_the_one_before():
    frames = [known(ALONE, 4000, 3, 15, seed=1), known(ALONE, 3000, 30, 40, seed=2), known(ALONE, 900, 50, 60, seed=3)]
    scale = fit_scale(ALONE, frames)
    assert [part.points for part in scale.ranges][-1] == 3900
    assert sum(part.points for part in scale.ranges) == 7900
    assert all(part.points >= ENOUGH for part in scale.ranges)
    assert scale.ranges[-1].distance == pytest.approx((35 * 3000 + 55 * 900) / 3900, abs=0.5)


def test_of_two_neighbours_the_nearer_one_takes_them():
    frames = [known(ALONE, 3000, 3, 9, seed=1), known(ALONE, 900, 16, 19, seed=2), known(ALONE, 3000, 30, 40, seed=3)]
    assert [part.points for part in fit_scale(ALONE, frames).ranges] == [3900, 3000]


def test_too_few_before_all_others_are_joined_to_the_next():
    frames = [known(ALONE, 300, 3, 9, seed=1), known(ALONE, 3000, 16, 19, seed=2)]
    assert [part.points for part in fit_scale(ALONE, frames).ranges] == [3300]


@pytest.mark.parametrize("patches", [0, ENOUGH - 1])
def test_too_few_are_refused(patches):
    with pytest.raises(InputError, match=rf"1 frames show {patches} known points in view, expected 1000 or more"):
        fit_scale(ALONE, [known(ALONE, patches)])
    few = np.linspace(1, 50, patches, dtype=np.float32)
    with pytest.raises(InputError, match=rf"show {patches} judged points, expected 1000 or more; give more frames"):
        refit_quantiles(fit_scale(ALONE, [known(ALONE)]), few, few)


def test_no_frame_is_refused():
    with pytest.raises(InputError, match="0 frames show 0 known points in view"):
        fit_scale(ALONE, [])


def test_just_enough_are_one_range():
    scale = fit_scale(ALONE, [known(ALONE, ENOUGH)])
    assert [part.points for part in scale.ranges] == [ENOUGH]


def test_tied_scores_read_as_the_share_that_is_less_strange():
    rng = np.random.default_rng(0)
    judged = np.where(rng.random(20_000) < 0.3, 0, rng.random(20_000)).astype(np.float32)
    part = with_quantiles(PART, judged)
    assert part(np.array([0.0]))[0] < 0.01, "three in ten are as little strange, none less"
    assert part(np.array([0.5]))[0] == pytest.approx(0.3 + 0.7 * 0.5, abs=0.01)


def test_scores_that_are_all_one_are_refused():
    with pytest.raises(InputError, match=r"all 1500 scores at 12 m are 3; nothing tells them apart"):
        with_quantiles(PART, np.full(1500, 3, np.float32))


def test_a_raw_score_that_never_changes_is_refused_and_divides_by_nothing():
    with pytest.raises(InputError, match="nothing tells them apart"):
        fit_scale(ALONE, [known(ALONE, raw=np.full(6000, 2.0))])


def test_refitted_quantiles_are_of_other_points_about_that_distance_and_the_usual_stays():
    scale = fit_scale(ALONE, [known(ALONE, seed=i) for i in range(4)])
    rng = np.random.default_rng(9)
    distance = rng.uniform(3, 70, 30_000).astype(np.float32)
    judged = rng.normal(3, 2, 30_000).astype(np.float32)
    other = refit_quantiles(scale, distance, judged)
    score = other(judged, distance)
    for member in within(distance):
        assert (score[member] >= 0.95).mean() == pytest.approx(0.05, abs=0.015)
    for part, before in zip(other.ranges, scale.ranges, strict=True):
        assert (part.distance, part.mean, part.std) == (before.distance, before.mean, before.std)
        about = (distance >= part.distance / NEAR) & (distance <= part.distance * NEAR)
        assert part.points == about.sum()
    assert (scale(judged, distance) >= 0.95).mean() > 0.2, "on which the old ones flag too many"
