"""Judged as objects: who shares with whom, and what happens when a step is left out."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from fm_ood_ros.judgement.clusters import above_ground, clusters, extent
from fm_ood_ros.judgement.fitting import KnownPoints, fit_scale
from fm_ood_ros.judgement.judge import Judgement, as_objects
from fm_ood_ros.judgement.surface import Surface
from fm_ood_ros.judgement.unknown import unknown_objects
from fm_ood_ros.model.judgement_spec import JudgementSpec, Neighbourhood
from fm_ood_ros.model.score_scale import RangeScale, ScoreScale

SPEC = JudgementSpec("max_logit")
ROAD, CAR, PERSON = range(3)


def block(centre, size=(1.0, 1.0, 1.0), step=0.12):
    """Points [N,3] float32 that fill an upright block on the ground."""
    axes = [np.arange(-s / 2, s / 2 + 1e-6, step) for s in size]
    x, y, z = np.meshgrid(*axes)
    return (np.stack([x.ravel(), y.ravel(), z.ravel() + size[2] / 2], 1) + np.asarray(centre)).astype(np.float32)


def ground(length=40.0, width=16.0):
    x, y = np.meshgrid(np.arange(1, length, 0.4), np.arange(-width / 2, width / 2, 0.4))
    return np.stack([x.ravel(), y.ravel(), np.zeros(x.size)], 1).astype(np.float32)


def seen(*parts, kinds=None, height=4.0):
    """A surface of ground and parts; each part's points are of its class, `height` above the other logits."""
    xyz = np.concatenate([ground(), *parts])
    kind = np.repeat([ROAD, *(kinds or [CAR] * len(parts))], [len(ground()), *map(len, parts)])
    logits = np.where(np.arange(3)[:, None] == kind, np.float32(height), np.float32(0))
    distance = np.linalg.norm(xyz - [0, 0, 1.6], axis=1).astype(np.float32)
    return Surface(xyz, distance, logits, np.arange(len(xyz), dtype=np.int32), ())


def members(surface, *parts):
    """Index arrays of the parts of a surface."""
    ends = np.cumsum([len(ground()), *map(len, parts)]).tolist()
    return [np.arange(a, b) for a, b in pairwise(ends)]


def groups(surface, spec=SPEC):
    return clusters(surface, above_ground(surface.xyz), surface.logits, spec)


def standing(surface, part):
    """Of a part's points those that stand clear of the ground."""
    return part[above_ground(surface.xyz)[part] >= SPEC.height]


def most(cluster):
    """The cluster of most of them; those where two things touch may be a thing of their own."""
    found, count = np.unique(cluster, return_counts=True)
    assert count.max() > 0.7 * len(cluster)
    return int(found[count.argmax()])


def one_of(surface, cluster, part):
    (found,) = np.unique(cluster[standing(surface, part)])
    return found


@pytest.mark.parametrize("far", [8.0, 25.0])
def test_things_a_gap_apart_are_two_and_without_it_one(far):
    cell = max(SPEC.objects.metres, SPEC.objects.share * far)
    step = 0.4 * cell
    for gap, together in ((2.2 * cell, False), (0.5 * cell, True)):
        parts = block((far, 0, 0), step=step), block((far, 1 + gap, 0), step=step)
        surface = seen(*parts)
        first, second = (one_of(surface, groups(surface), part) for part in members(surface, *parts))
        assert min(first, second) >= 0
        assert bool(first == second) is together, gap


def test_ground_belongs_to_nothing():
    surface = seen(block((8, 0, 0)))
    assert (groups(surface)[: len(ground())] == -1).all()


def test_a_thing_that_touches_another_is_apart_where_the_network_is_sure_of_both():
    parts = block((8, 0, 0)), block((8, 1.12, 0))
    for kinds, height, apart in (((CAR, PERSON), 6.0, True), ((CAR, PERSON), 0.3, False), ((CAR, CAR), 6.0, False)):
        surface = seen(*parts, kinds=list(kinds), height=height)
        first, second = (most(groups(surface)[standing(surface, part)]) for part in members(surface, *parts))
        assert (first != second) is apart


def test_what_hangs_over_a_thing_is_not_of_it():
    low, high = block((8, 0, 0), (1, 1, 3.0)), block((8, 0, 3.1), (4, 4, 1.5), step=0.25)
    surface = seen(low, high)
    below, over = members(surface, low, high)
    cluster = groups(surface)
    assert len(np.intersect1d(cluster[standing(surface, below)], cluster[over[surface.xyz[over, 2] > 3.6]])) == 0
    joined = groups(surface, replace(SPEC, overhead=100.0))
    assert len(np.intersect1d(joined[standing(surface, below)], joined[over])) == 1


def test_a_large_surface_is_no_thing():
    wall = block((20, 0, 0), (0.3, 14, 2.0), step=0.15)
    surface = seen(wall)
    (part,) = members(surface, wall)
    assert (groups(surface)[part] == -1).all()
    assert (groups(surface, replace(SPEC, largest=50.0))[standing(surface, part)] >= 0).all()


def test_extent_against_a_loop():
    rng = np.random.default_rng(0)
    xy, group = rng.normal(size=(200, 2)).astype(np.float32), rng.permutation(np.repeat(np.arange(8), 25))
    expected = [np.hypot(*np.ptp(xy[group == k], axis=0)) for k in range(8)]
    np.testing.assert_allclose(extent(xy.T, group), expected, rtol=1e-6)


def scale(std=1.0, mean=0.0, values=(0.0, 1.0)):
    return ScoreScale((RangeScale(10.0, mean, std, np.array([0.25, 0.75]), np.array(values), 1000),))


def only(**parts):
    """A judgement with these steps and no others."""
    return Judgement(replace(JudgementSpec.alone("max_logit"), **parts))


def test_a_things_points_share_its_score_and_its_evidence():
    thing = block((8, 0, 0))
    surface = seen(thing)
    (part,) = members(surface, thing)
    strange = part[::4]
    surface.logits[:, strange] = [[0], [0], [2]]
    judge = only(objects=SPEC.objects, together=1.0)
    evidence = judge.evidence(surface)
    clear = standing(surface, part)
    mean = surface.logits[:, clear].mean(1)
    np.testing.assert_allclose(evidence.logits[:, clear], np.tile(mean[:, None], len(clear)), rtol=1e-5)
    assert (evidence.logits[:, clear].argmax(0) == CAR).all(), "its minority was of another class"
    half = only(objects=SPEC.objects, together=0.0)
    judged = half.judged(half.evidence(surface), scale())
    np.testing.assert_allclose(judged[clear], -surface.logits[:, clear].max(0).mean(), rtol=1e-5)
    np.testing.assert_allclose(judged[: len(ground())], -4, rtol=1e-6)


def test_each_step_changes_the_verdict():
    """A step that is skipped leaves another score: none of them is idle."""
    rng = np.random.default_rng(0)
    surface = seen(block((8, 0, 0)), block((14, 3, 0)))
    surface = replace(surface, logits=surface.logits + rng.normal(0, 1, surface.logits.shape).astype(np.float32))
    none = Neighbourhood(0.5, 0.02, 0)
    whole = Judgement(SPEC)
    reference = whole.judged(whole.evidence(surface), scale(2.0, -3.0))
    for spec in (replace(SPEC, evidence=none), replace(SPEC, objects=none), replace(SPEC, smooth=none)):
        less = Judgement(spec)
        judged = less.judged(less.evidence(surface), scale(2.0, -3.0))
        assert np.abs(judged - reference).max() > 0.1
    assert np.abs(whole.judged(whole.evidence(surface), scale()) - reference).max() > 0.2


def test_known_points_pass_at_every_range_and_another_ranges_scale_is_seen():
    """Scores that grow with the range: .95 flags 5 % near and far, and not with the scale of elsewhere."""
    rng = np.random.default_rng(0)
    judge = only()
    frames = []
    for _ in range(8):
        surface = seen()
        loud = surface.distance[None] / 5
        logits = np.full((3, len(surface.distance)), -loud + rng.normal(0, 1, loud.shape), np.float32)
        surface = replace(surface, logits=logits)
        frames.append(KnownPoints(judge.evidence(surface), np.arange(len(surface.distance), dtype=np.int32)))
    fitted = fit_scale(judge, frames)
    evidence, distance = frames[0].evidence, frames[0].evidence.surface.distance
    score = fitted(judge.judged(evidence, fitted), distance)
    for near, far in ((0, 10), (10, 20), (20, 30), (30, 45)):
        here = (distance >= near) & (distance < far)
        assert (score[here] >= 0.95).mean() == pytest.approx(0.05, abs=0.03)
    elsewhere = fitted(judge.judged(evidence, fitted), np.full_like(distance, 5))
    assert abs((elsewhere[distance > 25] >= 0.95).mean() - 0.05) > 0.03


def test_known_and_unknown_keep_their_order_within_a_range():
    judge = only()
    surface = seen()
    fitted = scale()
    strange = judge.judged(judge.evidence(surface), fitted)
    order = np.argsort(strange)
    score = fitted(strange, surface.distance)
    assert (np.diff(score[order]) >= 0).all()


def test_clusters_share_their_mean_and_no_other():
    rng = np.random.default_rng(0)
    values, cluster = rng.normal(size=(2, 60)).astype(np.float32), rng.integers(-1, 5, 60).astype(np.int32)
    shared = as_objects(values, cluster)
    for k in range(5):
        expected = np.tile(values[:, cluster == k].mean(1, keepdims=True), (cluster == k).sum())
        np.testing.assert_allclose(shared[:, cluster == k], expected, rtol=1e-5)
    np.testing.assert_array_equal(shared[:, cluster == -1], values[:, cluster == -1])


def test_unknown_objects_are_what_is_strange_connected_and_stands():
    parts = block((8, -2, 0)), block((8, 2, 0)), block((15, 0, 0))
    surface = seen(*parts)
    first, second, third = members(surface, *parts)
    score = np.full(len(surface.xyz), 0.5, np.float32)
    score[first], score[third] = 0.97, 0.99
    score[: len(ground())] = 0.99
    few = second[above_ground(surface.xyz)[second] > 0.5][:4]
    score[few] = 0.99
    judge = Judgement(SPEC)
    evidence = judge.evidence(surface)
    T = np.eye(4)
    T[:3, 3] = 1, 2, 3
    found = unknown_objects(evidence, score, 0.95, SPEC, T)
    assert len(found) == 2, "the ground is none, and four patches are too few"
    near, far = sorted(found, key=lambda o: o.distance)
    np.testing.assert_array_equal(np.sort(near.points), standing(surface, first))
    assert (near.score, far.score) == (pytest.approx(0.97), pytest.approx(0.99))
    np.testing.assert_allclose(near.box.centre[:2], [9, 0], atol=0.2)
    assert near.distance == pytest.approx(surface.distance[near.points].min())
    assert near.evidence.argmax() == CAR
    assert near.evidence.sum() == pytest.approx(1, abs=1e-5)
    assert len(unknown_objects(evidence, score, 0.98, SPEC, T)) == 1
    assert unknown_objects(evidence, score, 0.98, JudgementSpec.alone("msp"), T) == ()


def test_several_points_on_a_patch_are_all_its_objects_and_unjudged_ones_nobodys():
    thing = block((8, 0, 0))
    surface = seen(thing)
    patch = np.concatenate([[-1, -1], np.repeat(np.arange(len(surface.xyz)), 2)]).astype(np.int32)
    surface = replace(surface, patch=patch)
    (part,) = members(surface, thing)
    score = np.zeros(len(surface.xyz), np.float32)
    score[part] = 1
    (found,) = unknown_objects(Judgement(SPEC).evidence(surface), score, 0.95, SPEC, np.eye(4))
    clear = standing(surface, part)
    np.testing.assert_array_equal(np.sort(found.points), np.sort(np.concatenate([2 + 2 * clear, 3 + 2 * clear])))


@pytest.mark.parametrize("spec", [SPEC, JudgementSpec.alone("gen")], ids=["whole", "alone"])
def test_nothing_seen_is_nothing_judged(spec):
    empty = Surface(np.zeros((0, 3), np.float32), np.zeros(0, np.float32), np.zeros((3, 0), np.float32),
                    np.full(7, -1, np.int32), ())  # fmt: skip
    judge = Judgement(spec)
    evidence = judge.evidence(empty)
    judged = judge.judged(evidence, scale())
    assert scale()(judged, empty.distance).shape == (0,)
    assert unknown_objects(evidence, judged, 0.95, spec, np.eye(4)) == ()
