"""The network's input belongs to the street and the camera: no frame that the cloud is sent in changes it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_street import BOXES, EYE, LIDAR, SPEC, camera_pose, changed_cells, frame, moved, scan, sent_in

from fm_ood_ros.rig import ALONE, Rig

CAMERA = {"pitch": 1.5, "roll": -1.0, "yaw": 2.0}
POSE = camera_pose(**CAMERA)
CLOUDS = 6
TURNED = {f"turned {a}": moved(yaw=a) for a in (45.0, 90.0, 180.0)}
OTHERS = {f"raised {z}": moved((0, 0, -z)) for z in (0.5, 1.0)}
OTHERS |= {f"pitched {a}": moved(pitch=a) for a in (2.0, 10.0)} | {f"rolled {a}": moved(roll=a) for a in (2.0, 10.0)}
OTHERS |= {"base_link": moved((1.4, -0.2, 1.9), yaw=1.0)}
STREETS = {"flat": 0.0, "uphill": 0.08}


def sights(street: float, T: np.ndarray):
    """The sights of a rig that comes to know a street, cloud by cloud."""
    rig = Rig(SPEC)
    moment = frame(scan(hill=street), POSE)
    return [rig.see(sent_in(moment, T))[0] for _ in range(CLOUDS)]


@pytest.fixture(scope="module")
def as_sent():
    return {name: sights(hill, np.eye(4)) for name, hill in STREETS.items()}


def assert_the_same(seen, as_sent):
    for one, other in zip(seen, as_sent, strict=True):
        np.testing.assert_array_equal(one.image, other.image)
        assert np.count_nonzero(other.lidar[0]) > 3000
        assert changed_cells(one.lidar, other.lidar) < 0.001 * other.lidar[0].size


@pytest.mark.parametrize("street", STREETS)
@pytest.mark.parametrize("how", TURNED)
def test_row_1_a_turned_lidar_frame_is_the_same_input(as_sent, street, how):
    assert_the_same(sights(STREETS[street], TURNED[how]), as_sent[street])


@pytest.mark.parametrize("street", STREETS)
@pytest.mark.parametrize("how", OTHERS)
def test_row_2_a_raised_tilted_or_shifted_frame_is_the_same_input(as_sent, street, how):
    assert_the_same(sights(STREETS[street], OTHERS[how]), as_sent[street])


@pytest.mark.parametrize("higher", [-0.5, 0.5])
def test_row_2_a_lidar_that_is_bolted_higher_leaves_the_mount_to_the_camera(higher):
    up = LIDAR + np.array([0, 0, higher])
    (sight,) = Rig(SPEC, ALONE).see(frame(scan(up), camera_pose(up, **CAMERA)))
    assert sight.mount.plane.height == pytest.approx(EYE[2], abs=0.06)  # pavements raise it a little
    assert sight.mount.pitch == pytest.approx(CAMERA["pitch"], abs=0.4)
    assert sight.mount.roll == pytest.approx(CAMERA["roll"], abs=0.3)


def test_x_y_z_are_those_of_the_street_below_the_camera():
    """The car's back is where the street has it, whichever way the camera looks a little."""
    points = scan(boxes=BOXES[2:])
    (sight,) = Rig(SPEC, ALONE).see(frame(points, camera_pose(pitch=1.5, roll=-1.0)))
    world = points[:, :3] + LIDAR - np.array([EYE[0], EYE[1], 0])
    seen = sight.projection.nearest[sight.projection.nearest >= 0]
    told = sight.lidar[1:4].reshape(3, -1)[:, sight.projection.nearest >= 0].T
    np.testing.assert_allclose(told, world[seen], atol=0.05)
    back = np.abs(points[seen, 0] - (BOXES[4, 0, 0] - LIDAR[0])) < 0.01
    assert back.sum() > 20
    np.testing.assert_allclose(sight.lidar[0].reshape(-1)[sight.projection.nearest >= 0], sight.projection.range[seen])


def test_the_papers_networks_get_the_cloud_as_sent():
    moment = sent_in(frame(scan(), POSE), moved(yaw=45))
    (sight,) = Rig(replace(SPEC, frame="lidar"), ALONE).see(moment)
    seen = sight.projection.nearest >= 0
    told = sight.lidar[:4].reshape(4, -1)[:, seen]
    as_sent = moment.points[sight.projection.nearest[seen], :3]
    np.testing.assert_array_equal(told[1:].T, as_sent)
    np.testing.assert_allclose(told[0], np.linalg.norm(as_sent, axis=1), rtol=1e-6)
