"""Frames of a recording: clouds spread over it, each with its image and its labels."""

from __future__ import annotations

import numpy as np
import pytest
from rig_messages import CALIBRATION, MS, scene
from small_recordings import START, labelled_scene, write_recording

from fm_ood_ros.errors import InputError
from fm_ood_ros.replay.bag import open_bag
from fm_ood_ros.replay.frames import frames_of, nearest_images


def test_clouds_are_spread_over_the_recording_with_their_labels(tmp_path):
    path = write_recording(tmp_path / "labelled", [labelled_scene()] * 9)
    with open_bag(path) as bag:
        for at_most, wanted in ((3, [0, 4, 8]), (1, [0]), (99, list(range(9)))):
            frames = list(frames_of(bag, CALIBRATION, at_most))
            assert [(f.stamp - START) // (100 * MS) for f in frames] == wanted
    np.testing.assert_array_equal(frames[0].labels, labelled_scene()["label"])
    np.testing.assert_array_equal(frames[0].points[:, 0], labelled_scene()["x"])
    assert frames[0].views[0].image.shape == (32, 128, 3)


def test_clouds_without_labels_have_none(tmp_path):
    with open_bag(write_recording(tmp_path / "plain", [scene()])) as bag:
        (frame,) = frames_of(bag, CALIBRATION, 5)
    assert frame.labels is None


def test_the_image_nearest_by_stamp_is_taken(tmp_path):
    path = write_recording(tmp_path / "late", [scene()] * 4, image_delay=70)
    with open_bag(path) as bag:
        images = nearest_images(bag, [START, START + 100 * MS, START + 104 * MS])
        assert [(m.stamp - START) // MS for m in images.values()] == [70, 70, 70]
        assert nearest_images(bag, [START + 350 * MS])[START + 350 * MS].stamp == START + 370 * MS
        stamp = bag.deserialise(images[START]).header.stamp
    assert stamp.sec * 10**9 + stamp.nanosec == images[START].stamp


def test_a_recording_whose_images_are_gone_is_refused(tmp_path, monkeypatch):
    with open_bag(write_recording(tmp_path / "dark", [scene()])) as bag:
        read = bag.messages
        monkeypatch.setattr(bag, "messages", lambda *t: iter(()) if t == (bag.rig.image.name,) else read(*t))
        with pytest.raises(InputError, match="has no image on /cam/image_raw"):
            list(frames_of(bag, CALIBRATION, 1))
