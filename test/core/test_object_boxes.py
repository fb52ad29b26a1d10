"""Boxes of unknown objects drawn into images: compared with edges that are projected point by point."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from small_street import OPTICAL, turn

from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.objects import Box, UnknownObject
from fm_ood_ros.pictures.object_boxes import COLOR, NEAREST, draw_objects

SIZE = (640, 240)
BENT = np.array([-0.3, 0.1, 0.001, -0.002, 0.0])


def camera(size=SIZE, model="plumb_bob", distortion=()) -> Calibration:
    """Half as far as it is wide: 90 degrees; in the LiDAR's place, x forward."""
    width, height = size
    T = np.eye(4)
    T[:3, :3] = OPTICAL
    K = np.array([[width / 2, 0, width / 2 - 0.5], [0, width / 2, height / 2 - 0.5], [0, 0, 1]])
    return Calibration(Lens(K, width, height, model, np.array(distortion)), T)


def unknown(centre, size=(4.0, 2.0, 1.5), yaw=0.0, **more) -> UnknownObject:
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = turn(yaw=yaw), centre
    box = Box(T, size, np.radians(yaw))
    distance = float(np.linalg.norm(centre))
    return UnknownObject(np.zeros(1, np.int32), 0.97, np.zeros(2, np.float32), box, **{"distance": distance, **more})


def plain(size=SIZE):
    return np.full((size[1], size[0], 3), 100, np.uint8)


def edge_points(box, count=4000):
    """[12 * count, 3] points along all edges, from the corners' own coordinates."""
    half, points = np.array(box.size) / 2, []
    for axis in range(3):
        for signs in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
            edge = np.empty((count, 3))
            edge[:, axis] = np.linspace(-half[axis], half[axis], count)
            edge[:, [a for a in range(3) if a != axis]] = np.array(signs) * np.delete(half, axis)
            points.append(edge)
    return np.concatenate(points) @ box.T_lidar_box[:3, :3].T + box.T_lidar_box[:3, 3]


def expected(calibration, found):
    """[H,W] bool: pixels nearest to edges before the camera, projected by OpenCV."""
    T, lens = calibration.T_camera_lidar, calibration.lens
    xyz = edge_points(found.box) @ T[:3, :3].T + T[:3, 3]
    xyz = xyz[xyz[:, 2] > NEAREST]
    out = np.zeros((lens.height, lens.width), bool)
    if len(xyz):
        uv, _ = cv2.projectPoints(xyz[:, None], np.zeros(3), np.zeros(3), lens.K, lens.distortion)
        u, v = np.rint(uv[:, 0]).astype(int).T
        inside = (u >= 0) & (u < lens.width) & (v >= 0) & (v < lens.height)
        out[v[inside], u[inside]] = True
    return out


def lines_of(image):
    """[H,W] bool: pixels with some of the lines' colour."""
    return image[..., 0].astype(int) > image[..., 2] + 15


def wider(mask, by):
    return cv2.dilate(mask.astype(np.uint8), np.ones((2 * by + 1, 2 * by + 1), np.uint8)) > 0


def without_words(monkeypatch):
    monkeypatch.setattr("fm_ood_ros.pictures.object_boxes._label", lambda *_: None)


@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.parametrize(
    ("centre", "yaw"),
    [((12, 0, 0), 0), ((12, 3, -1), 30), ((40, -6, -1), 75), ((7, 6, 0), 20), ((2, 1.5, -1), 10), ((0.5, 2, -1), 0)],
)
def test_lines_follow_the_edges_of_the_box(monkeypatch, centre, yaw, confirmed):
    without_words(monkeypatch)
    found, calibration = unknown(centre, yaw=yaw, confirmed=confirmed), camera()
    drawn, true = lines_of(draw_objects(plain(), calibration, [found])), expected(calibration, found)
    assert true.any()
    assert wider(drawn, 1)[true].all()
    assert wider(true, 2 + confirmed)[drawn].all()


def test_lines_bend_with_the_lens(monkeypatch):
    without_words(monkeypatch)
    found, calibration = unknown((6, 0, 0), (1.0, 9.0, 2.0)), camera(distortion=BENT)
    drawn, true = lines_of(draw_objects(plain(), calibration, [found])), expected(calibration, found)
    straight = expected(camera(), found)
    assert wider(drawn, 1)[true].all()
    assert wider(true, 2)[drawn].all()
    assert not wider(drawn, 3)[straight].all()


def test_a_fisheye_shows_what_is_beside_it(monkeypatch):
    without_words(monkeypatch)
    lens = Lens(np.array([[100.0, 0, 319.5], [0, 100, 119.5], [0, 0, 1]]), *SIZE, "equidistant", np.zeros(4))
    calibration = Calibration(lens, camera().T_camera_lidar)
    found = unknown((-0.5, 5, 0), (0.6, 0.6, 0.6))
    uv = calibration.lens.project((edge_points(found.box)) @ OPTICAL.T)
    true = np.zeros(SIZE[::-1], bool)
    true[tuple(np.rint(uv).astype(int).T[::-1])] = True
    drawn = lines_of(draw_objects(plain(), calibration, [found]))
    assert wider(drawn, 1)[true].all()
    assert wider(true, 2)[drawn].all()


@pytest.mark.parametrize("centre", [(-12, 0, 0), (12, 60, 0), (3, 0, 40), (0.02, 0, 0)])
def test_what_the_image_does_not_show_is_not_drawn(centre):
    out = draw_objects(plain(), camera(), [unknown(centre, (0.1, 0.04, 0.04))])
    np.testing.assert_array_equal(out, plain())


def test_confirmed_objects_are_bolder():
    drawn = [lines_of(draw_objects(plain(), camera(), [unknown((12, 0, 0), confirmed=c)])).sum() for c in (False, True)]
    assert drawn[1] > 1.5 * drawn[0]


def test_the_given_image_stays_and_no_objects_leave_it_as_it_is():
    image = plain()
    assert (draw_objects(image, camera(), [unknown((12, 0, 0))]) != 100).any()
    assert (image == 100).all()
    np.testing.assert_array_equal(draw_objects(image, camera(), []), image)


def words_drawn(monkeypatch, objects, size=SIZE):
    said, write = [], cv2.putText

    def noted(image, words, at, *rest):
        said.append(words)
        return write(image, words, at, *rest)

    monkeypatch.setattr(cv2, "putText", noted)
    return said, draw_objects(plain(size), camera(size), objects)


def test_labels_say_id_distance_and_score(monkeypatch):
    far = replace(unknown((30, 15, 0), distance=28.6), score=1.0)
    said, _ = words_drawn(
        monkeypatch, [far, unknown((12, -6, 0), distance=12.4, id=7), unknown((9, 0, 0), distance=8.7)]
    )
    assert said == ["unknown 9 m .97", "unknown #7 12 m .97", "unknown 29 m 1.00"]


def test_of_labels_in_one_place_the_nearest_are_written(monkeypatch):
    said, _ = words_drawn(monkeypatch, [unknown((20 + i, 0, 0), (0.5, 0.5, 0.5), distance=20.0 + i) for i in range(9)])
    assert said[0] == "unknown 20 m .97"
    assert 1 < len(said) < 5


@pytest.mark.parametrize("size", [(128, 32), (640, 192), (1920, 1200), (3840, 2160)])
@pytest.mark.parametrize("left", [-9, 0, 9])
def test_labels_are_whole_and_grow_with_the_image(monkeypatch, size, left):
    _, out = words_drawn(monkeypatch, [unknown((10, left, 0), confirmed=True)], size)
    rows, columns = np.nonzero((out > 150).all(2))
    assert len(rows) > 20
    high = np.ptp(rows)
    assert 7 <= high < size[1] / 2
    assert high > size[0] / 240
    assert rows.min() > 0
    assert columns.min() > 0
    assert rows.max() < size[1] - 1
    assert columns.max() < size[0] - 1


def test_the_nearest_box_lies_on_top(monkeypatch):
    without_words(monkeypatch)
    near, far = (
        unknown((8, 0, 0), (0.1, 1.0, 1.0), confirmed=True),
        unknown((12, 0.5, 0), (0.1, 1.5, 3.0), confirmed=True),
    )
    alone = draw_objects(plain(), camera(), [near])
    full = (alone == COLOR).all(2)
    for objects in ([near, far], [far, near]):
        assert (draw_objects(plain(), camera(), objects)[full] == COLOR).all()
