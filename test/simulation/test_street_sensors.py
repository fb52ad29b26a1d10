"""Sensors: labels against the rendered segmentation, rays against known distances, rigs against their data."""

from dataclasses import replace

import mujoco as mj
import numpy as np
import pytest

from fm_ood_ros.errors import InputError
from simulation.agreement import agreement, compare
from simulation.reading import frames
from simulation.recording import Recording
from simulation.scene import SceneRequest
from simulation.sensors.rigs import load_rig, rig_names
from simulation.soup import Soup
from simulation.surfaces import Surface
from simulation.unknown import TEST_KINDS
from simulation.world import World


def test_labels_agree_with_the_segmentation_at_the_projected_pixel():
    """At least 98 % within one pixel and 95 % at the very pixel, parallax of the two sensors included."""
    requests = [
        SceneRequest((31, 0), TEST_KINDS, "clear", "kitti"), SceneRequest((31, 1), TEST_KINDS, "rain", "kitti"),
        SceneRequest((31, 2), TEST_KINDS, "cloudy", "kitti"), SceneRequest((31, 3), TEST_KINDS, "fog", "beams32"),
        *(SceneRequest((31, i), TEST_KINDS, rig="kitti") for i in range(4, 9)),
    ]  # fmt: skip
    results = []
    for request in requests:
        with Recording(request) as recording:
            results.append(agreement(recording, 0.5))
    weights = [r.points for r in results]
    assert min(weights) > 3000
    assert np.average([r.near for r in results], weights=weights) >= 0.98
    assert np.average([r.exact for r in results], weights=weights) >= 0.95


def test_a_wrong_calibration_would_be_noticed():
    with Recording(SceneRequest((31, 0), TEST_KINDS, "clear", "kitti")) as recording:
        frame, _ = recording.frame(0.5)
        segments = recording.camera.segment(recording.scene.at(0.5))
    K = frame.calibration.K + np.array([[0, 0, 6], [0, 0, 3], [0, 0, 0]])
    shifted = replace(frame, calibration=replace(frame.calibration, K=K))
    assert compare(frame, segments).near > 0.98 > compare(shifted, segments).near + 0.02


def test_rays_find_boxes_balls_cylinders_and_rods_at_their_distances():
    world = World()
    grey = world.paint((0.5, 0.5, 0.5), Surface(0.3))
    shapes = [world.thing(i + 1, (0, 10 * i, 0)) for i in range(4)]
    shapes[0].box((1, 1, 1), (8, 0, 0), grey)
    shapes[1].ball((1, 1, 1), (8, 0, 0), grey)
    shapes[2].cylinder(1, 2, (8, 0, 0), grey)
    shapes[3].rod((8, 0, -2), (8, 0, 2), 1.0, grey)
    model = world.spec.compile()
    data = mj.MjData(model)
    mj.mj_kinematics(model, data)
    soup = Soup(model, range(model.ngeom))
    soup.place(data, np.ones(model.ngeom, bool))
    origins = np.array([[0, 10 * i, 0.01] for i in range(4)] + [[0, 50, 0]], np.float32)
    rays = np.tile(np.float32([1, 0, 0]), (5, 1))
    distance, geom, normal = soup.cast(origins, rays)
    assert np.allclose(distance[:4], 7, atol=0.06) and np.isinf(distance[4])
    assert geom[:4].tolist() == [0, 1, 2, 3]
    assert np.all(np.abs(normal[:4, 0]) / np.linalg.norm(normal[:4], axis=1) > 0.9)


@pytest.mark.parametrize(("name", "beams", "low", "high"), [("kitti", 64, -24.8, 2.0), ("beams32", 32, -25.0, 10.0)])
def test_rigs_are_as_their_data_says(name, beams, low, high):
    rig = load_rig(name)
    assert len(rig.beams) == beams
    assert np.allclose(np.rad2deg([rig.beams.min(), rig.beams.max()]), [low, high])
    width = 2 * np.rad2deg(np.arctan(rig.width / 2 / rig.K[0, 0]))
    assert 80 < width < 82
    uv, depth = rig.calibration.project(np.array([[10.0, 0, 0, 0], [10, 1, 0, 0], [10, 0, 1, 0]], np.float32))
    assert depth[0] == pytest.approx(10 - rig.T_base_camera[0, 3], abs=1e-6)
    assert uv[1, 0] < uv[0, 0] and uv[2, 1] < uv[0, 1]  # left is left, up is up


def test_every_vehicle_is_mounted_a_little_differently():
    a, b = (load_rig("kitti", np.random.default_rng(i)).T_base_camera for i in range(2))
    assert 0 < np.abs(a - b).max() < 0.2


def test_an_unknown_rig_is_refused():
    assert rig_names() == ["beams32", "kitti"]
    with pytest.raises(InputError, match="choose one of these"):
        load_rig("sonar")


def test_clouds_look_like_the_sensors(splits):
    for frame in frames(splits / "train"):
        assert 8000 < len(frame.points) < 45000
        distance = np.linalg.norm(frame.points[:, :3], axis=1)
        assert distance.min() > 0.9 and distance.max() < 101
        assert frame.points[:, 3].min() >= 0 and frame.points[:, 3].max() <= 1
        assert 0.1 < frame.points[:, 3].mean() < 0.36
        assert 15 < frame.image.mean() < 230 and frame.image.std() > 12
