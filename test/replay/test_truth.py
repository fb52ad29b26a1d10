"""What an annotated recording is worth: points, and unknown objects with and without instances in its labels."""

from __future__ import annotations

import numpy as np
import pytest

from fm_ood_ros.model.label_sets import LabelSet
from fm_ood_ros.replay.report import table
from fm_ood_ros.replay.truth import Truth

UNKNOWN, ROAD, UNLABELLED = 99, 40, 0
FIELDS = {"x": "<f4", "y": "<f4", "z": "<f4", "label": "<u4", "class_id": "u1", "anomaly_score": "<f4"}
CLOUD = np.dtype([*FIELDS.items(), ("unknown", "u1"), ("object_id", "<i4")])


def part(count, at, label, object_id=-1, instance=0, score=0.3):
    """Points of one thing, ten centimetres apart."""
    cloud = np.zeros(count, CLOUD)
    cloud["x"], cloud["y"] = at[0], at[1] + 0.1 * np.arange(count)
    cloud["label"], cloud["object_id"], cloud["anomaly_score"] = label | instance << 16, object_id, score
    return cloud


def street(*parts):
    """A cloud with a road of 200 points, the parts, and points that were not judged."""
    far = part(50, (30, 0), UNKNOWN)
    far["class_id"], far["anomaly_score"] = 255, np.nan
    return np.concatenate([part(200, (5, 4), ROAD), *parts, far])


def judged(*clouds):
    truth = Truth(LabelSet.load("street"), 0.95)
    for stamp, cloud in enumerate(clouds):
        truth.update(stamp, cloud)
    return truth.result()


@pytest.mark.parametrize("instances", [(0, 0), (3, 4)], ids=["without instances", "with instances"])
def test_objects_found_missed_and_false(instances):
    found = part(30, (10, 0), UNKNOWN, 17, instances[0], 0.99)
    missed = part(12, (15, 6), UNKNOWN, -1, instances[1])
    false = part(8, (9, -7), ROAD, 5, 0, 0.97)
    ignored = part(8, (9, -12), UNLABELLED, 6, 0, 0.97)
    objects = judged(street(found, missed, false, ignored), street(missed), street(found))["objects"]
    assert (objects["objects"], objects["found"], objects["false_objects"]) == (4, 2, 1)
    assert objects["false_per_minute"] == pytest.approx(200)
    assert objects["by"]["points"]["over 20 points"]["recall"] == 1
    assert objects["by"]["points"]["5-20 points"]["recall"] == 0


def test_two_instances_side_by_side_are_two_and_without_numbers_one():
    def sides(first, second):
        return judged(street(part(30, (10, 0), UNKNOWN, 1, first), part(30, (10, 3), UNKNOWN, -1, second)))["objects"]

    assert (sides(1, 2)["objects"], sides(1, 2)["found"]) == (2, 1)
    assert (sides(0, 0)["objects"], sides(0, 0)["found"]) == (1, 1)


def test_the_table_tells_of_objects():
    truth = judged(street(part(30, (10, 0), UNKNOWN, 17, 0, 0.99), part(8, (9, -7), ROAD, 5, 0, 0.97)))
    clouds = {"clouds_sent": 1, "clouds_judged": 1, "clouds_dropped": {}, "clouds_unexplained": 0}
    results = {
        "model": {"name": "m", "sha256": "0" * 64}, "bag": "b", "clouds": {**clouds, "clouds_with_rows_lost": 0},
        "points": {"in": 1, "out": 1, "judged": 1}, "stages_ms": {}, "latency_ms": None, "truth": truth,
    }  # fmt: skip
    text = table(results)
    assert "unknown objects: 1 of 1 sightings found, 100.0 % (100.0 % of those with over 20 points)" in text
    assert "false objects: 1.0 a cloud, 600 a minute of 600 clouds" in text
