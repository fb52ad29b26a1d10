"""Pictures of a replay: unknown objects stand in the picture of their own moment."""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np

from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.model.label_sets import LabelSet
from fm_ood_ros.objects import Box, UnknownObject
from fm_ood_ros.replay import panels

WIDTH, HEIGHT = 320, 96
CLOUD = np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("class_id", "u1"), ("anomaly_score", "<f4")])


def unknown() -> UnknownObject:
    T = np.eye(4)
    T[:3, 3] = 0, 0, 10
    return UnknownObject(np.zeros(1, np.int32), 0.97, np.zeros(2, np.float32), Box(T, (3.0, 1.0, 1.0), 0.0), 9.5)


def pictures(monkeypatch, folder, objects):
    """The two pictures of a recording of two clouds."""
    folder.mkdir()
    cloud = np.zeros(1, CLOUD)
    monkeypatch.setattr(panels, "judged_clouds", lambda _: [(100, cloud), (200, cloud)])
    monkeypatch.setattr(panels, "nearest_images", lambda _, stamps: dict.fromkeys(stamps))
    monkeypatch.setattr(panels, "decode_image", lambda _: np.full((HEIGHT, WIDTH, 3), 100, np.uint8))
    calibration = Calibration(Lens(np.array([[160.0, 0, 159.5], [0, 160, 47.5], [0, 0, 1]]), WIDTH, HEIGHT), np.eye(4))
    bundle, bag = SimpleNamespace(labels=LabelSet.load("street")), SimpleNamespace(deserialise=lambda m: m)
    written = panels.write_pictures(bag, folder, bundle, calibration, folder, 2, *objects)
    return [cv2.imread(str(path)) for path in written]


def test_objects_are_drawn_over_the_score_of_their_own_moment(monkeypatch, tmp_path):
    plain = pictures(monkeypatch, tmp_path / "plain", ())
    first, second = pictures(monkeypatch, tmp_path / "objects", ({200: [unknown()]},))
    np.testing.assert_array_equal(first, plain[0])
    rows = np.flatnonzero((second != plain[1]).any((1, 2)))
    assert len(rows)
    assert 2 * HEIGHT <= rows.min() <= rows.max() < 3 * HEIGHT
