"""The world's variety: side streets, hills, known things on the road; everything stands on the ground."""

import numpy as np
import pytest

from fm_ood_ros.model.label_sets import LabelSet
from simulation.audit.boxes import boxes
from simulation.sensors.soup import Soup
from simulation.world.plan import draw_plan
from simulation.world.scene import SceneRequest, build_scene

GROUND = (40, 48, 60, 72)
STANDING = {10, 11, 13, 15, 18, 30, 31, 32, 51, 52, 71, 80}


@pytest.fixture(scope="module")
def scenes():
    return [build_scene(SceneRequest((41, i), duration=2.0)) for i in range(10)]


def ground_below(scene, places):
    """z of the ground [N] under world coordinates [N,3]."""
    soup = Soup(scene.model, np.flatnonzero(np.isin(scene.label, GROUND)).tolist())
    soup.place(scene.data, np.ones(scene.model.ngeom, bool))
    origins = (places + np.array([0, 0, 2.0])).astype(np.float32)
    distance, _, _ = soup.cast(origins, np.tile(np.float32([0, 0, -1]), (len(origins), 1)))
    return origins[:, 2] - distance


def test_everything_but_buildings_stands_on_the_ground(scenes):
    """Within 6 cm under their middles, on hills and in side streets too, at the beginning and later."""
    for scene in scenes:
        for t in (0.0, 2.0):
            scene.at(t)
            placed = [p for p in scene.placed if p.raw_id in STANDING]
            places = np.array([scene.data.xpos[scene.model.body(p.body).id] for p in placed])
            gap = np.abs(places[:, 2] - ground_below(scene, places))
            assert gap.max() < 0.06, placed[int(gap.argmax())]


def test_a_floating_thing_is_noticed(scenes):
    scene = scenes[0]
    scene.at(0.0)
    place = scene.data.xpos[scene.model.body(scene.placed[0].body).id] + [0, 0, 0.5]
    assert place[2] - ground_below(scene, place[None])[0] > 0.3


def test_streets_cross_climb_and_differ_in_width():
    plans = [draw_plan(np.random.default_rng(i)) for i in range(200)]
    sides = {p.junction.sides for p in plans if p.junction}
    assert sides == {(1, -1), (1,), (-1,)}
    assert 0.4 < np.mean([p.junction is not None for p in plans]) < 0.7
    assert {p.lanes for p in plans} == {1, 2, 3}
    assert {p.left.parking for p in plans} == {0.0, 2.1, 4.9}
    widths = [p.road_edge(1) + p.road_edge(-1) for p in plans]
    assert min(widths) < 8 and max(widths) > 18


def test_hills_are_level_where_they_should_be_and_never_too_steep(scenes):
    heights = [s.line.height(np.arange(0.0, 150.0)) for s in scenes]
    assert all(h[0] == pytest.approx(0, abs=1e-9) for h in heights)
    assert max(np.abs(np.diff(h)).max() for h in heights) < 0.085
    assert sum(np.ptp(h) > 1.5 for h in heights) >= 3


def test_known_things_stand_on_the_road(scenes):
    """So that a thing on the road is no sign of an unknown object."""
    on_road = 0
    for scene in scenes:
        scene.at(0.0)
        found = [b for b in boxes(scene) if b.placed.raw_id in {11, 15, 30, 51, 52, 80} and b.size[2] < 2.2]
        centres = np.array([[*b.corners.mean(0), 0.0] for b in found])
        near = np.linalg.norm(centres, axis=1) < 45
        heights = ground_below(scene, centres + np.array([0, 0, 20.0]))
        left = np.array([scene.line.height(np.clip(c[0], -50, 200)) for c in centres])
        on_road += int((near & (np.abs(heights - left) < 0.05)).sum())
    assert on_road >= len(scenes)


def test_every_class_is_known_to_the_label_set(scenes):
    known = {raw_id for info in LabelSet.load("street").classes for raw_id in info.raw_ids}
    assert set(np.unique(np.concatenate([s.label for s in scenes])).tolist()) <= known


def test_the_same_request_gives_the_same_world():
    first, second = (build_scene(SceneRequest((42, 1))) for _ in range(2))
    assert first.model.ngeom == second.model.ngeom
    assert np.array_equal(first.data.geom_xpos, second.data.geom_xpos)
    assert np.array_equal(first.model.mesh_vert, second.model.mesh_vert)
    assert np.array_equal(first.model.mat_rgba, second.model.mat_rgba)
