"""SegmentMeIfYouCan's component metrics against their definition, written in sets of points and exact fractions."""

from fractions import Fraction

import numpy as np
import pytest
from object_frames import IGNORED, UNKNOWN, nothing, one_object, random_frame

from fm_ood_ros.metrics import ObjectMetrics


def components(frame):
    """True components, predicted ones without ignored points, and all unknown points, as sets of indices."""
    true, predicted, unknown = {}, {}, set()
    for i, (t, n, o) in enumerate(zip(frame["target"], frame["instance"], frame["owner"], strict=True)):
        if t == UNKNOWN:
            unknown.add(i)
            if n:
                true.setdefault(int(n), set()).add(i)
        if o >= 0 and t != IGNORED:
            predicted.setdefault(int(o), set()).add(i)
    return list(true.values()), list(predicted.values()), unknown


def reference(frames):
    siou, ppv = [], []
    for frame in frames:
        true, predicted, unknown = components(frame)
        for k in true:
            touching = set().union(*(p for p in predicted if p & k))
            siou.append(Fraction(len(k & touching), len((k | touching) - (unknown - k))))
        ppv += [Fraction(len(p & unknown), len(p)) for p in predicted]
    f1 = []
    for hundredths in range(25, 80, 5):
        least = Fraction(hundredths, 100)
        tp, fn, fp = sum(s > least for s in siou), sum(s <= least for s in siou), sum(p <= least for p in ppv)
        f1.append(Fraction(2 * tp, 2 * tp + fn + fp))
    return {"true": len(siou), "predicted": len(ppv), "siou": np.mean(siou), "ppv": np.mean(ppv), "f1": np.mean(f1)}


def measured(frames):
    metrics = ObjectMetrics()
    for stamp, frame in enumerate(frames):
        metrics.add("street", stamp, **frame)
    return metrics.result()["components"]


@pytest.mark.parametrize(("seed", "points"), [(0, 60), (1, 20), (2, 200)])
def test_components_agree_with_the_definition(seed, points):
    rng = np.random.default_rng(seed)
    frames = [random_frame(rng, points) for _ in range(30)] + [nothing()]
    expected = reference(frames)
    assert 0.05 < float(expected["f1"]) < 0.95
    assert measured(frames) == {key: pytest.approx(float(value), abs=1e-12) for key, value in expected.items()}


@pytest.mark.parametrize("covered", range(21))
def test_a_component_exactly_at_a_threshold_is_missed(covered):
    assert measured([one_object(covered, 20)])["f1"] == pytest.approx(
        np.mean([20 * t < covered for t in (np.arange(25, 80, 5) / 100)]) if covered else 0.0
    )


def test_one_kind_of_components_and_none():
    only_true, only_predicted = one_object(0, 3), one_object(3, 3)
    only_predicted["target"][:] = 0
    assert measured([only_true])["f1"] == measured([only_predicted])["f1"] == 0
    assert np.isnan(measured([only_true])["ppv"]) and np.isnan(measured([only_predicted])["siou"])
    assert np.isnan([measured([nothing()])[key] for key in ("siou", "ppv", "f1")]).all()
