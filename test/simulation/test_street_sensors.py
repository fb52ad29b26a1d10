"""Sensors: labels against the rendered segmentation, rays against known distances, clouds and images by their looks."""

from dataclasses import replace

import mujoco as mj
import numpy as np
import pytest

from fm_ood_ros.frame import View
from simulation.audit.agreement import agreement, compare
from simulation.look.surfaces import Surface
from simulation.look.weather import WEATHERS
from simulation.output.reading import frames
from simulation.output.recording import Recording
from simulation.sensors.image import ImageSensor
from simulation.sensors.rig_files import read_rigs
from simulation.sensors.soup import Soup
from simulation.unknown import TEST_KINDS
from simulation.world.scene import SceneRequest
from simulation.world.world import World


@pytest.mark.parametrize("rig", [name for name, rig in sorted(read_rigs().items()) if "vary" not in rig])
def test_labels_agree_with_the_segmentation_at_the_projected_pixel(rig):
    """Within one pixel, 98 % of the points that the camera sees in every frame, and of all points over the frames."""
    seen, all_points = [], []
    for i, weather in enumerate(("clear", "rain", "fog", "cloudy", "night")):
        with Recording(SceneRequest((31, i), TEST_KINDS, weather, rig)) as recording:
            seen.append(agreement(recording, 0.5, seen=True))
            all_points.append(agreement(recording, 0.5))
    assert min(r.points for r in seen) > 3000
    assert min(r.near for r in seen) >= 0.98
    weights = [r.points for r in all_points]
    assert np.average([r.near for r in all_points], weights=weights) >= 0.98
    assert np.average([r.exact for r in all_points], weights=weights) >= 0.94


@pytest.mark.parametrize("rig", ["city128", "shuttle16"])
def test_further_cameras_see_what_their_calibrations_say(rig):
    with Recording(SceneRequest((31, 1), TEST_KINDS, "cloudy", rig)) as recording:
        frame, _ = recording.frame(0.5)
        images, base = recording.further_images(0.5), recording.scene.at(0.5)
        segments = [recording.camera.segment(base, i) for i in range(1, len(images) + 1)]
        calibrations = recording.scene.rig.calibrations[1:]
    assert len(images) == len(calibrations) == {"city128": 2, "shuttle16": 1}[rig]
    for image, calibration, segment in zip(images, calibrations, segments, strict=True):
        result = compare(replace(frame, views=(View(image, calibration),)), segment)
        assert result.points > 1000 and result.near > 0.95  # mounted farther from the LiDAR than the main camera


def test_a_wrong_calibration_would_be_noticed():
    with Recording(SceneRequest((31, 0), TEST_KINDS, "clear", "kitti")) as recording:
        frame, _ = recording.frame(0.5)
        segments = recording.camera.segment(recording.scene.at(0.5))
    (view,) = frame.views
    lens = replace(view.calibration.lens, K=view.calibration.lens.K + np.array([[0, 0, 6], [0, 0, 3], [0, 0, 0]]))
    shifted = replace(frame, views=(View(view.image, replace(view.calibration, lens=lens)),))
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


def test_clouds_look_like_the_sensors(splits):
    for frame in frames(splits / "train"):
        assert 8000 < len(frame.points) < 60000
        distance = np.linalg.norm(frame.points[:, :3], axis=1)
        assert distance.min() > 0.9 and distance.max() < 101
        assert frame.points[:, 3].min() >= 0 and frame.points[:, 3].max() <= 1
        assert 0.1 < frame.points[:, 3].mean() < 0.36
        assert 15 < frame.views[0].image.mean() < 230 and frame.views[0].image.std() > 12


def test_dirt_and_rain_change_only_the_image_and_repeat_by_seed():
    gray = np.full((192, 640, 3), 120, np.uint8)
    clean = replace(WEATHERS["clear"], dirt=0.0, noise=0.0)
    dirty, wet = replace(clean, dirt=1.0), replace(clean, streaks=60)
    images = [
        [ImageSensor((192, 640), w, np.random.default_rng(3)).expose(gray) for w in (clean, dirty, wet)]
        for _ in range(2)
    ]
    for first, second in zip(*images, strict=True):
        assert np.array_equal(first, second)
    plain, dirt, rain = (image.astype(int) for image in images[0])
    assert np.ptp(plain, (0, 1)).max() == 0
    for changed in (dirt, rain):
        share = np.mean(np.abs(changed - plain).max(2) > 3)
        assert 0.002 < share < 0.3
