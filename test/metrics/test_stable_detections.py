"""From what distance on an object is found for good: written out, and against a reading of the whole record."""

import numpy as np
import pytest
from object_frames import nothing, one_object

from fm_ood_ros.errors import InputError
from fm_ood_ros.metrics import ObjectMetrics
from fm_ood_ros.metrics.stability import StableDetections


def verdicts(record):
    """An object coming nearer, a metre a frame from 50 m; x = found, . = missed."""
    stable = StableDetections()
    for stamp, verdict in enumerate(record):
        stable.add("street", stamp, {7: (verdict == "x", 50.0 - stamp)})
    return stable.result()


@pytest.mark.parametrize(
    ("record", "metres"),
    [
        ("..xxxx", 47.0),
        ("xx....", None),
        ("x.x.x.", None),
        ("xx.x.x", 49.0),
        ("xx..xx", 45.0),
        ("xxx...xx..", None),
        ("xxxx.", 49.0),
        ("....xx", 45.0),
    ],
)
def test_two_in_a_row_hold_an_object_and_two_lose_it(record, metres):
    result = verdicts(record)
    assert result["objects"] == 1
    assert result["never"] == (metres is None)
    assert np.isnan(result["distance"]) if metres is None else result["distance"] == metres


def since(record):
    """Read as text: after the last '..' that follows an 'xx', the first 'xx' that is left."""
    start = record.find("xx")
    while start >= 0 and ".." in record[start:]:
        start = record.find("xx", record.index("..", start))
    return None if start < 0 else 50.0 - start - 1


def test_random_records_agree_with_reading_them_whole():
    rng = np.random.default_rng(0)
    for _ in range(300):
        record = "".join(rng.choice([".", "x"], rng.integers(2, 14)))
        result, expected = verdicts(record), since(record)
        assert result["never"] == (expected is None), record
        assert expected is None or result["distance"] == expected, record


def test_the_median_is_of_stable_objects_and_single_sightings_say_nothing():
    stable = StableDetections()
    for stamp in range(2):
        stable.add("a", stamp, {1: (True, 30.0 - stamp), 2: (True, 10.0), 3: (False, 5.0)})
        stable.add("b", stamp, {1: (True, 21.0)})
    stable.add("b", 2, {9: (True, 60.0)})
    assert stable.result() == {"objects": 4, "never": 0.25, "distance": 21.0}
    empty = StableDetections().result()
    assert empty.pop("objects") == 0 and np.isnan(list(empty.values())).all()


def test_frames_without_the_object_are_no_sightings():
    metrics = ObjectMetrics()
    for stamp, frame in enumerate([one_object(2, 2, 40.0), nothing(), one_object(2, 2, 35.0), one_object(0, 2, 30.0)]):
        metrics.add("street", stamp, **frame)
    assert metrics.result()["stable"] == {"objects": 1, "never": 0.0, "distance": 35.0}


def test_stamps_that_do_not_rise_are_refused():
    stable = StableDetections()
    stable.add("a", 5, {})
    stable.add("b", 0, {})
    with pytest.raises(InputError, match="rising stamps"):
        stable.add("a", 5, {})
