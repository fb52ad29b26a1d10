"""Streets: nothing touches anything, everything keeps its way, nothing fills the view."""

import numpy as np
import pytest

from fm_ood_ros.errors import InputError
from simulation.audit.boxes import boxes
from simulation.unknown import TEST_KINDS
from simulation.world.scene import SceneRequest, build_scene

LAND = 72
THINGS = {10, 11, 13, 15, 18, 30, 31, 32, 99}
REQUESTS = [SceneRequest((21, i), TEST_KINDS, duration=3.0) for i in range(5)]


@pytest.fixture(scope="module")
def scenes():
    return [build_scene(request) for request in REQUESTS]


def touching(scene):
    found = boxes(scene)
    centre = np.array([b.corners.mean(0) for b in found])
    reach = np.array([np.linalg.norm(b.corners - c, axis=1).max() for b, c in zip(found, centre, strict=True)])
    pairs = []
    for i, box in enumerate(found):
        if box.placed.raw_id not in THINGS:
            continue
        near = np.flatnonzero(np.linalg.norm(centre - centre[i], axis=1) < reach + reach[i])
        others = [found[k] for k in near if k != i and found[k].placed.raw_id != LAND]
        pairs += [(box.placed, o.placed) for o in others if box.overlaps(o, tolerance=0.05)]
    return pairs


def test_nothing_passes_through_anything(scenes):
    for scene in scenes:
        for t in (0.0, 1.5, 3.0):
            scene.at(t)
            assert touching(scene) == []


def test_a_thing_moved_into_another_is_noticed(scenes):
    scene = scenes[0]
    moving = {m.body for m in scene.movers}
    first, second = [scene.model.body(p.body).id for p in scene.placed if p.raw_id == 10 and p.body not in moving][:2]
    kept = scene.model.body_pos[first].copy()
    scene.model.body_pos[first] = scene.model.body_pos[second] + [0.5, 0.5, 0]
    scene.at(0.0)
    assert len(touching(scene)) >= 2
    scene.model.body_pos[first] = kept


def test_unknown_objects_fit_their_sizes_and_stand_still(scenes):
    for scene in scenes:
        scene.at(0.0)
        found = {b.placed.instance: b for b in boxes(scene) if b.placed.instance}
        assert set(found) == {u.instance for u in scene.unknowns}
        for unknown in scene.unknowns:
            assert np.all(np.array(found[unknown.instance].size) <= np.array(unknown.size) * 1.06 + 0.06), unknown
        moving = {m.body for m in scene.movers}
        assert not moving & {b.placed.body for b in found.values()}


def test_ego_and_traffic_move_smoothly_along_the_street(scenes):
    for scene in scenes:
        way = np.array([scene.at(t)[:3, 3] for t in np.arange(0, 3.01, 0.1)])
        step = np.linalg.norm(np.diff(way, axis=0), axis=1) / 0.1
        assert 4.5 < step.min() <= step.max() < 12.6
        for mover in scene.movers:
            path = np.array([mover.motion.pose(scene.line, t)[0] for t in np.arange(0, 3.01, 0.1)])
            speed = np.linalg.norm(np.diff(path, axis=0), axis=1) / 0.1
            assert np.ptp(speed) < 0.35 * speed.mean() + 0.05


def test_no_single_vehicle_fills_a_third_of_the_image(scenes):
    for scene in scenes:
        for t in (0.0, 1.5, 3.0):
            base = scene.at(t)
            for box in boxes(scene):
                if box.placed.raw_id in THINGS:
                    assert view_share(scene, base, box) < 0.34, box.placed


def view_share(scene, base, box):
    """Share of the image's width between the outermost edges of a box's rectangle, cut off behind the camera."""
    corners = np.column_stack([box.corners, np.full(4, base[2, 3] + 1)])
    edges = np.linspace(0, 1, 20)[:, None]
    points = np.concatenate([a + edges * (b - a) for a, b in zip(corners, np.roll(corners, 1, 0), strict=True)])
    camera = (points - (base @ scene.rig.T_base_camera)[:3, 3]) @ (base @ scene.rig.T_base_camera)[:3, :3]
    ahead = camera[camera[:, 2] > 0.3]
    if not len(ahead):
        return 0.0
    u = np.clip(scene.rig.K[0, 0] * ahead[:, 0] / ahead[:, 2] + scene.rig.K[0, 2], 0, scene.rig.width)
    return np.ptp(u) / scene.rig.width


def test_streets_differ_in_shape_width_and_weather():
    scenes = [build_scene(SceneRequest((22, i))) for i in range(12)]
    headings = [abs(float(s.line.pose(120.0)[2])) for s in scenes]
    assert min(headings) < 0.01 and max(headings) > 0.1
    assert len({s.weather_name for s in scenes}) >= 4
    assert {s.rig.name for s in scenes} == {"kitti", "nuscenes"}
    assert not any(s.unknowns or (s.label == 99).any() for s in scenes)


@pytest.mark.parametrize("wrong", [{"weather": "hail"}, {"rig": "sonar"}])
def test_unknown_names_are_refused_with_the_choices(wrong):
    with pytest.raises(InputError, match="does not exist, expected"):
        build_scene(SceneRequest((1,), **wrong))
