"""Points behind nearer ones are found by geometry, and what is said about them is counted."""

from dataclasses import replace

import numpy as np
import pytest
from bundles import make_tiny_bundle
from rig_street import HIGH, UNKNOWN, WALL, frames, street

from benchmark.rig.agreement import judged
from benchmark.rig.hidden import hidden_points, hidden_verdicts, ring_spacing
from fm_ood_ros.engines import open_engine
from fm_ood_ros.model.bundle import ModelBundle


def grid(spacing: float = 5.0) -> np.ndarray:
    """Pixels [200,2] of ten rings, twenty points each at 2.5 pixels."""
    v, u = np.mgrid[0:10, 0:20]
    return np.stack([2.5 * u.reshape(-1), spacing * v.reshape(-1)], 1)


@pytest.mark.parametrize("spacing", [3.0, 5.0, 12.0])
def test_rings_are_as_far_apart_as_they_are(spacing):
    assert ring_spacing(grid(spacing)) == pytest.approx(spacing)
    assert ring_spacing(grid(spacing)[:1]) == 1, "nothing to measure"


def test_row_5_a_point_between_nearer_rings_is_hidden():
    uv, distance = grid(), np.full(200, 10.0)
    behind = np.array([[25.5, 22.0], [25.5, 23.0], [11.0, 17.0]])
    for beyond, hidden in ((15.0, True), (11.2, True), (10.9, False), (9.0, False)):
        found = hidden_points(np.vstack([uv, behind]), np.append(distance, [beyond] * 3))
        assert not found[:200].any()
        assert found[200:].tolist() == [hidden] * 3, beyond
    far = hidden_points(np.vstack([uv, behind]), np.append(10 * distance, [104.0, 106.0, 106.0]))
    assert far[200:].tolist() == [False, True, True], "five per cent of a long range are one surface"


def test_row_5_what_recedes_steps_or_ends_is_not_hidden():
    uv = grid()
    column, row = uv[:, 0] / 2.5, uv[:, 1] / 5
    shapes = {
        "ground": 60 / (1 + row),
        "tilted ground": 60 / (1 + row + 0.04 * column),
        "wall along the street": 10 + 3 * column,
        "behind an edge": np.where(column < 10, 5.0, 30.0),
        "behind a kerb": np.where(row > 4, 5.0, 30.0),
        "in a corner": np.where((column < 10) | (row > 4), 5.0, 30.0),
    }
    for name, distance in shapes.items():
        assert not hidden_points(uv, distance).any(), name


def test_row_5_false_flags_are_counted_for_hidden_and_other_known_points(tmp_path):
    bundle = ModelBundle.load(make_tiny_bundle(tmp_path / "tiny", (128, 512)))
    engine = open_engine(bundle)
    points, _ = street()
    wall = np.flatnonzero((np.abs(points[:, 0] - WALL) < 0.1) & (np.abs(points[:, 1]) < 9))
    behind = points[wall[::7]] * np.float32([1.5, 1.5, 1.5, 1])
    behind[:, 2] += 0.08
    frame = frames(1)[0]
    raw = np.append(np.full(len(points), HIGH), np.full(len(behind), HIGH)).astype(np.uint16)
    raw[len(points)] = UNKNOWN
    frame = replace(frame, points=np.vstack([points, behind]), labels=raw)
    (said,) = judged(bundle, engine, [frame])
    both = np.zeros(len(raw), bool)
    both[len(points) :] = True
    cases = {  # whether hidden points are judged, every how many of the others is flagged, what comes of it
        "not judged": (False, 10**6, True),
        "all alike": (True, 1, True),
        "a bit less than twice as often": (True, 1.8, True),
        "a bit more than twice as often": (True, 2.2, False),
        "only them": (True, 10**6, False),
    }
    for name, (known, every, held) in cases.items():
        other = np.where(np.arange(len(raw)) % every < 1, 0.99, 0.0)
        class_id = np.where(both & (not known), 255, 1).astype(np.uint8)
        scores = np.where(both, 0.99, other).astype(np.float32)
        changed = replace(said, class_id=class_id, anomaly_score=scores, unknown=scores >= bundle.threshold)
        found = hidden_verdicts(bundle, [frame], [changed])
        assert found["hidden"] >= 0.9 * len(behind), name
        assert found["not_judged"] == (0 if known else found["hidden"]), name
        assert found["known_judged"] == (found["hidden"] - 1 if known else 0), "one is unknown: no false flag"
        assert found["false_flags"] == (1.0 if known else 0.0), name
        assert found["others_false_flags"] == pytest.approx(1 / every, abs=0.01), name
        assert found["held"] is held, name
