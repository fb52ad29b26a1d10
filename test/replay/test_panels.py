"""Pictures of a replay: unknown objects stand in the picture of their own moment."""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.model.label_sets import LabelSet
from fm_ood_ros.replay import panels
from fm_ood_ros.replay.objects import objects_in

WIDTH, HEIGHT = 320, 96
CLOUD = np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("class_id", "u1"), ("anomaly_score", "<f4")])
CLOUD = np.dtype([*CLOUD.descr, ("object_id", "<i4")])
LENS = Lens(np.array([[160.0, 0, 159.5], [0, 160, 47.5], [0, 0, 1]]), WIDTH, HEIGHT)


def cloud_of(object_id):
    """A thing of 3 x 1 m, ten metres ahead, whose points all have that id."""
    x, y, z = np.meshgrid(np.linspace(-1.5, 1.5, 7), np.linspace(-0.5, 0.5, 5), np.linspace(10, 11, 3))
    cloud = np.zeros(x.size, CLOUD)
    cloud["x"], cloud["y"], cloud["z"] = x.ravel(), y.ravel(), z.ravel()
    cloud["anomaly_score"], cloud["object_id"] = 0.97, object_id
    return cloud


def pictures(monkeypatch, folder, *ids):
    """The pictures of a recording of two clouds."""
    folder.mkdir()
    clouds = [(100 * (k + 1), cloud_of(number)) for k, number in enumerate(ids)]
    monkeypatch.setattr(panels, "judged_clouds", lambda _: clouds)
    monkeypatch.setattr(panels, "nearest_images", lambda _, stamps: dict.fromkeys(stamps))
    monkeypatch.setattr(panels, "decode_image", lambda _: np.full((HEIGHT, WIDTH, 3), 100, np.uint8))
    bundle, bag = SimpleNamespace(labels=LabelSet.load("street")), SimpleNamespace(deserialise=lambda m: m)
    written = panels.write_pictures(bag, folder, bundle, Calibration(LENS, np.eye(4)), folder, 2)
    return [cv2.imread(str(path)) for path in written]


def test_objects_are_drawn_over_the_score_of_their_own_moment(monkeypatch, tmp_path):
    plain = pictures(monkeypatch, tmp_path / "plain", -1, -1)
    first, second = pictures(monkeypatch, tmp_path / "objects", -1, 4)
    np.testing.assert_array_equal(first, plain[0])
    rows = np.flatnonzero((second != plain[1]).any((1, 2)))
    assert len(rows)
    assert 2 * HEIGHT <= rows.min() <= rows.max() < 3 * HEIGHT


def test_objects_are_read_back_from_the_cloud():
    both = np.concatenate([cloud_of(7), cloud_of(-1), cloud_of(3)])
    both["z"][-105:] += 10
    near, far = sorted(objects_in(both, Calibration(LENS, np.eye(4))), key=lambda o: o.distance)
    assert [near.id, far.id] == [7, 3]
    np.testing.assert_array_equal(near.points, np.arange(105))
    np.testing.assert_array_equal(far.points, np.arange(210, 315))
    assert near.distance == pytest.approx(10, abs=0.1)
    assert near.score == pytest.approx(0.97)
    np.testing.assert_allclose(near.box.centre, [0, 0, 10.5], atol=0.15)
    np.testing.assert_allclose(near.box.size, [3, 1, 1], atol=0.15)
    assert objects_in(both[["x", "y", "z"]], Calibration(LENS, np.eye(4))) == []
