"""A score between two ranges lies between theirs, against the sum over all ranges, point by point."""

import numpy as np

from fm_ood_ros.model.score_scale import RangeScale, ScoreScale


def scale_at(distance, shift):
    levels = np.linspace(0.05, 0.95, 19)
    return RangeScale(distance, 0.0, 1.0, levels, levels**2 + shift, 100)


def plainly(scale, judged, distance):
    """One score: every range counts by how near it is, of the places of all ranges in order."""
    if not np.isfinite(judged) or np.isnan(distance):
        return np.nan
    place = np.interp(distance, [part.distance for part in scale.ranges], range(len(scale.ranges)))
    weights = [max(0.0, 1 - abs(place - index)) for index in range(len(scale.ranges))]
    each = [float(part(np.array([judged], np.float64))[0]) for part in scale.ranges]
    return sum(w * s for w, s in zip(weights, each, strict=True))


def test_every_score_is_the_sum_of_what_its_ranges_say():
    rng = np.random.default_rng(0)
    judged = rng.uniform(-1, 3, 500).astype(np.float32)
    distance = rng.uniform(0, 80, 500).astype(np.float32)
    distance[:6] = 10, 20, 40, 0, np.inf, np.nan
    judged[6:9] = np.nan, np.inf, -np.inf
    for count in (1, 2, 3):
        scale = ScoreScale([scale_at(10.0, 0.0), scale_at(20.0, 0.5), scale_at(40.0, 1.0)][:count])
        found = scale(judged, distance)
        assert found.dtype == np.float32
        wanted = [plainly(scale, j, d) for j, d in zip(judged, distance, strict=True)]
        np.testing.assert_allclose(found, wanted, atol=1e-7)
        assert np.isnan(found[[5, 6, 7, 8]]).all()
