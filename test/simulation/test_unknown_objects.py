"""Unknown objects: kinds, families and tiers; sizes; where they are; known materials only; no two runs differ."""

from collections import Counter
from dataclasses import replace

import mujoco as mj
import numpy as np
import pytest

from simulation.audit.agreement import agreement
from simulation.audit.boxes import boxes
from simulation.look import palette
from simulation.output.reading import in_view
from simulation.output.recording import Recording
from simulation.sensors.soup import local_triangles
from simulation.unknown import DEVELOPMENT_KINDS, KINDS, KINDS_OF_SPLIT, OTHER_OBJECT, TEST_KINDS
from simulation.unknown.placement import PLACES
from simulation.unknown.prints import car, street
from simulation.unknown.sheet import write_kinds_sheet
from simulation.world.scene import SceneRequest, build_scene
from simulation.world.world import World

DISAGREEING = tuple(name for name, kind in KINDS.items() if kind.family == "disagreeing")


def test_there_are_enough_kinds_in_families_and_both_tiers():
    assert len(KINDS) >= 36
    families = Counter(kind.family for kind in KINDS.values())
    assert len(families) == 10 and min(families.values()) >= 3
    tiers = Counter(kind.tier for kind in KINDS.values())
    assert set(tiers) == {"near", "far"} and min(tiers.values()) > 15
    assert {kind.tier for kind in KINDS.values() if kind.family in ("animals", "furniture")} == {"near"}


def test_development_kinds_are_a_strict_subset_that_lacks_whole_families():
    assert set(DEVELOPMENT_KINDS) < set(TEST_KINDS) == set(KINDS)
    shown = Counter(KINDS[name].family for name in DEVELOPMENT_KINDS)
    everything = Counter(kind.family for kind in KINDS.values())
    assert set(everything) - set(shown) == {"road work", "boats and aircraft", "composites"}
    assert all(count < everything[family] for family, count in shown.items())
    assert KINDS_OF_SPLIT["train"] == KINDS_OF_SPLIT["val"] == ()


def points_of(name, seed):
    rng, world = np.random.default_rng(seed), World()
    size = KINDS[name].draw_size(rng)
    KINDS[name].build(world, rng, world.thing(OTHER_OBJECT, (0, 0, 0), instance=1), size)
    model = world.spec.compile()
    data = mj.MjData(model)
    mj.mj_kinematics(model, data)
    parts = [
        local_triangles(model, g)[0] @ data.geom_xmat[g].reshape(3, 3).T + data.geom_xpos[g] for g in range(model.ngeom)
    ]
    return np.concatenate(parts), size


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_reaches_the_ground_and_stays_within_its_box(name):
    for seed in range(6):
        points, size = points_of(name, seed)
        assert min(size) >= 0.2 and 0.5 <= max(size) <= 5.0
        assert np.all(np.ptp(points, axis=0) <= np.array(size) * 1.06 + 0.06)
        assert -0.25 < points[:, 2].min() < 0.25
        assert np.ptp(points, axis=0).max() > 0.5 * max(size)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.posture == "leaning"])
def test_a_leaning_kind_slants_towards_what_holds_it(name):
    points, size = points_of(name, 0)
    low, high = (points[part, 0].mean() for part in (points[:, 2] < 0.2 * size[2], points[:, 2] > 0.8 * size[2]))
    assert high - low > 0.4 * size[0]


def test_materials_come_from_the_known_families_only():
    rng, world = np.random.default_rng(0), World()
    for _ in range(60):
        palette.any_known(world, rng)
    reflectivity = np.array([s.reflectivity for s in world.surfaces.values()])
    assert reflectivity.max() < 0.6 and 0.15 < reflectivity.mean() < 0.35
    assert np.isclose(sum(palette.SHARES), 1) and len(palette.SHARES) == len(palette.FAMILIES)


@pytest.fixture(scope="module")
def scenes():
    return [build_scene(SceneRequest((31, i), TEST_KINDS, duration=0.5)) for i in range(24)]


def test_objects_stand_hang_and_lean_on_all_kinds_of_ground(scenes):
    unknowns = [u for scene in scenes for u in scene.unknowns]
    places, postures = Counter(u.place for u in unknowns), Counter(u.posture for u in unknowns)
    assert set(places) == set(PLACES) and min(places.values()) >= 3
    assert set(postures) == {"standing", "leaning", "hanging"} and min(postures.values()) >= 3
    for unknown in unknowns:
        kind = KINDS[unknown.kind]
        assert (unknown.family, unknown.tier) == (kind.family, kind.tier)
        assert (unknown.posture == "leaning") == (kind.posture == "leaning")
        assert min(unknown.size) >= 0.2 and max(unknown.size) <= 5.0
    assert set(unknowns[0].record()) == {"instance", "kind", "family", "tier", "place", "posture", "size"}


def test_leaning_objects_touch_a_known_thing_and_hanging_ones_nothing_below(scenes):
    for scene in scenes:
        found = boxes(scene)
        for unknown in scene.unknowns:
            box = next(b for b in found if b.placed.instance == unknown.instance)
            own = (box.corners - box.corners.mean(0)) @ box.axes.T
            wide = replace(box, corners=box.corners.mean(0) + (own + 0.08 * np.sign(own)) @ box.axes)
            others = [b for b in found if b.placed.raw_id in (10, 51, 80)]
            if unknown.posture == "leaning":
                assert any(wide.overlaps(b, 0.0) for b in others), unknown
            if unknown.posture == "hanging":
                assert not any(box.overlaps(b) for b in others), unknown


def test_most_objects_are_seen_by_camera_and_lidar_together():
    counts, share = [], []
    for i in range(10):
        with Recording(SceneRequest((32, i), TEST_KINDS, duration=0.5)) as recording:
            best = Counter()
            for t in (0.0, 0.5):
                frame, scan = recording.frame(t)
                index, _ = in_view(frame)
                instance = scan.instance[index][scan.label[index] == OTHER_OBJECT]
                share.append(len(instance) / len(index))
                for key, n in zip(*np.unique(instance, return_counts=True), strict=True):
                    best[int(key)] = max(best[int(key)], int(n))
            counts += [best[u.instance] for u in recording.scene.unknowns]
    assert np.mean(np.array(counts) > 0) > 0.9
    assert np.mean(np.array(counts) >= 30) > 0.5
    assert 0.015 < np.mean(share) < 0.06


def test_objects_that_fool_a_sensor_are_labelled_alike_in_image_and_cloud():
    found, unknown = [], 0
    for i in range(5):
        with Recording(SceneRequest((33, i), DISAGREEING, "clear", "kitti")) as recording:
            found.append(agreement(recording, 0.0))
            unknown += int((recording.frame(0.0)[1].label == OTHER_OBJECT).sum())
    assert unknown > 200 and np.mean([a.near for a in found]) > 0.98


def test_the_same_seed_builds_the_same_objects():
    a, b = (build_scene(SceneRequest((34, 0), TEST_KINDS)) for _ in range(2))
    assert [u.record() for u in a.unknowns] == [u.record() for u in b.unknowns]
    assert np.array_equal(a.model.geom_pos, b.model.geom_pos) and np.array_equal(a.model.mat_rgba, b.model.mat_rgba)


def test_printed_pictures_differ_and_are_not_black_or_white():
    for draw in (car, street):
        first, second = (draw(np.random.default_rng(seed)) for seed in (0, 1))
        assert first.shape == (128, 128, 3) and 20 < first.mean() < 230
        assert np.abs(first.astype(int) - second).mean() > 3


def test_the_sheet_of_kinds_is_small_and_shows_every_kind(tmp_path):
    import cv2

    out = tmp_path / "kinds.jpg"
    write_kinds_sheet(out, 0)
    picture = cv2.imread(str(out))
    assert out.stat().st_size < 700_000 and picture.shape[0] > 118 * len(KINDS) / 8
    assert picture.std() > 20
