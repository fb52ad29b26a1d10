"""Scanners turned on their mounts see the same street from it, and rigs that vary draw within what their file says."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy.spatial import cKDTree

from fm_ood_ros.errors import InputError
from simulation.audit.agreement import agreement
from simulation.output.dataset import DatasetRequest, write_dataset
from simulation.output.recording import Recording
from simulation.output.rendered import frames_of
from simulation.sensors.lidar import Lidar
from simulation.sensors.rig_files import read_rigs
from simulation.sensors.rigs import changed, load_rig
from simulation.sensors.sweep import sweep_of
from simulation.unknown import TEST_KINDS
from simulation.world.scene import Scene, SceneRequest, build_scene

UPRIGHT = ("kitti", "nuscenes", "city128", "shuttle16")
TURNS = [
    {"yaw": 90.0}, {"yaw": -90.0}, {"yaw": 180.0}, {"yaw": 47.0}, {"roll": 180.0}, {"pitch": 20.0, "yaw": 135.0},
    {"pitch": -4.0, "roll": 2.0, "yaw": -150.0},
]  # fmt: skip


def rig_file(folder: Path, lidar=None, **further) -> str:
    """A rig like `kitti` whose LiDAR has further keys, and with further blocks."""
    rig = read_rigs()["kitti"]
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump({"mine": {**rig, "lidar": {**rig["lidar"], **(lidar or {})}, **further}}))
    return str(path)


@pytest.fixture(scope="module")
def street() -> Scene:
    return build_scene(SceneRequest((31, 0), TEST_KINDS, "clear", "kitti"))


def scan_on_base(street: Scene, rig):
    """Points [N,3] in base_link of one scan without noise, and their labels."""
    street.rig = replace(rig, range_noise=0.0)
    scan = Lidar(street, np.random.default_rng(0)).scan(0.5)
    T = rig.T_base_lidar
    return scan.points[:, :3] @ T[:3, :3].T + T[:3, 3], scan.label


@pytest.mark.parametrize("name", UPRIGHT)
def test_a_rig_without_turns_is_mounted_to_the_bit_as_before(name):
    rng, plain = np.random.default_rng(7), np.random.default_rng(7)
    rig, lidar = load_rig(name, rng), read_rigs()[name]["lidar"]
    assert rig.T_base_lidar[:3, :3].tobytes() == np.eye(3).tobytes()
    step = lidar["azimuth_step"]
    assert rig.columns.tobytes() == np.deg2rad(np.arange(90 - step / 2, -90, -step)).tobytes()
    assert rig.T_base_lidar[2, 3] == lidar["height"] + 0.06 * plain.uniform(-1, 1, 6)[5]
    assert rng.random() == plain.random(), "six draws and no more"
    assert not {"varied", "true_T_base_lidar"} & set(rig.facts())


def test_a_turned_scanner_of_a_file_looks_where_it_says(tmp_path):
    """Yaw left, pitch down, roll right side down: as a camera's, and 90 degrees to the left its x axis is y."""
    T = load_rig(rig_file(tmp_path, {"yaw": 90.0})).T_base_lidar
    assert np.allclose(T[:3, :3] @ [1, 0, 0], [0, 1, 0])
    T = load_rig(rig_file(tmp_path, {"pitch": 10.0})).T_base_lidar
    assert (T[:3, :3] @ [1, 0, 0])[2] == pytest.approx(-np.sin(np.radians(10)))
    T = load_rig(rig_file(tmp_path, {"roll": 10.0})).T_base_lidar
    assert (T[:3, :3] @ [0, -1, 0])[2] == pytest.approx(-np.sin(np.radians(10)))
    assert T[:3, 3].tolist() == [0, 0, read_rigs()["kitti"]["lidar"]["height"]]


@pytest.mark.parametrize("yaw", [90.0, 180.0, -60.0])
def test_a_scanner_turned_by_whole_columns_sees_the_same_points(street, tmp_path, yaw):
    upright, _ = scan_on_base(street, load_rig("kitti"))
    turned, _ = scan_on_base(street, load_rig(rig_file(tmp_path, {"yaw": yaw})))
    assert len(turned) == pytest.approx(len(upright), rel=0.001)
    away, _ = cKDTree(upright).query(turned)
    assert np.mean(away < 0.02) > 0.995


@pytest.mark.parametrize("turn", TURNS)
def test_a_turned_scanner_casts_the_half_before_the_vehicle(tmp_path, turn):
    rig = load_rig(rig_file(tmp_path, turn))
    rays = np.stack([np.cos(rig.columns), np.sin(rig.columns), np.zeros(len(rig.columns))], 1)
    ahead = (rays @ rig.T_base_lidar[:3, :3].T)[:, 0]
    assert len(rig.columns) == 600
    assert ahead.min() > -0.01 and ahead.max() > 0.93, "20 degrees of pitch lower the best one to their cosine"
    assert np.degrees(np.ptp(rig.columns)) == pytest.approx(179.7)


@pytest.mark.parametrize("turn", TURNS)
def test_labels_of_a_turned_scanner_agree_with_the_camera(tmp_path, turn):
    with Recording(SceneRequest((31, 1), TEST_KINDS, "clear", rig_file(tmp_path, turn))) as recording:
        seen = agreement(recording, 0.5, seen=True)
    assert seen.points > 1500 and seen.near > 0.98


def test_a_tilted_scanner_meets_what_it_sees_behind_the_vehicle(street, tmp_path, monkeypatch):
    """Its nose up, the sides of its half turn look back: nothing there may be left out to save time."""
    rig = load_rig(rig_file(tmp_path, {"pitch": -80.0, "elevation": [[60.0, -10.0, 60]]}))
    points, label = scan_on_base(street, rig)
    assert (points[:, 0] < -10).any()
    monkeypatch.setattr(Lidar, "_reachable", lambda self, *_: np.ones(street.model.ngeom, bool))
    all_points, all_labels = scan_on_base(street, rig)
    assert np.array_equal(points, all_points) and np.array_equal(label, all_labels)


@pytest.mark.parametrize("yaw", [0.0, 90.0, 180.0])
def test_a_rolling_scan_of_a_turned_scanner_passes_the_front_at_its_stamp(tmp_path, yaw):
    rig = replace(load_rig(rig_file(tmp_path, {"yaw": yaw})), rolling=True)
    rays = np.stack([np.cos(rig.columns), np.sin(rig.columns)], 1) @ rig.T_base_lidar[:2, :2].T
    times = sweep_of(rig, 1.0).times
    assert times[np.abs(rays[:, 1]).argmin()] == pytest.approx(1.0, abs=1e-3)
    assert (times.min(), times.max()) == pytest.approx((0.975, 1.025), abs=1e-3)


VARY = {
    "lidar": {"height": 0.5, "yaw": 180.0, "roll": 3.0},
    "camera": {"pitch": 2.0, "height": 0.1},
    "every": [1, 2, 4],
}


def test_what_varies_stays_within_its_block_and_differs_by_scene(tmp_path):
    path = rig_file(tmp_path, vary=VARY)
    rigs = [load_rig(path, np.random.default_rng(i)) for i in range(40)]
    drawn = [rig.facts()["varied"] for rig in rigs]
    for part in ("lidar", "camera"):
        for name, most in VARY[part].items():
            values = np.array([d[part][name] for d in drawn])
            assert np.abs(values).max() <= most and np.ptp(values) > most, name
    assert {d["every"] for d in drawn} == {1, 2, 4} == {64 // len(rig.beams) for rig in rigs}
    for rig, d in zip(rigs, drawn, strict=True):
        assert abs(rig.T_base_lidar[2, 3] - 1.73 - d["lidar"]["height"]) <= 0.06
        assert abs(rig.T_base_camera[2, 3] - 1.65 - d["camera"]["height"]) <= 0.06
        down = np.degrees(np.arcsin(-rig.T_base_camera[2, 2]))
        assert abs(down - d["camera"]["pitch"]) < 1.3, "but for how every vehicle's mounting differs"
        heading = np.degrees(np.arctan2(rig.T_base_lidar[1, 0], rig.T_base_lidar[0, 0]))
        assert heading == pytest.approx(d["lidar"]["yaw"])
        assert rig.facts()["true_T_base_lidar"] == rig.T_base_lidar.reshape(-1).tolist()


def test_every_nth_beam_stays_from_the_top(tmp_path):
    rig, full = load_rig(rig_file(tmp_path, vary={"every": [2]}), np.random.default_rng(0)), load_rig("kitti")
    assert np.array_equal(rig.beams, full.beams[::2])


def test_a_rig_that_varies_is_mounted_as_the_file_has_it_without_a_draw():
    rig, plain = load_rig("varied"), load_rig("kitti")
    assert np.array_equal(rig.T_base_lidar, plain.T_base_lidar) and np.array_equal(rig.beams, plain.beams)
    assert np.array_equal(rig.T_base_camera, plain.T_base_camera) and rig.variety == {}


def test_the_order_of_a_block_in_the_file_decides_nothing(tmp_path):
    there = load_rig(rig_file(tmp_path, vary=VARY), np.random.default_rng(5)).facts()
    turned = {name: dict(reversed(part.items())) if isinstance(part, dict) else part for name, part in VARY.items()}
    (tmp_path / "mine.yaml").write_text(
        yaml.safe_dump({"mine": {**read_rigs()["kitti"], "vary": dict(reversed(turned.items()))}}, sort_keys=False)
    )
    assert load_rig(str(tmp_path / "mine.yaml"), np.random.default_rng(5)).facts() == there


def test_scene_json_says_what_was_drawn(tmp_path):
    request = DatasetRequest(tmp_path, "train", 2, 1, 3, rigs=("varied", "kitti"))
    write_dataset(request)
    records = [json.loads(p.read_text()) for p in sorted(tmp_path.glob("train/sequences/*/scene.json"))]
    assert records[0]["sensors"]["varied"] == build_scene(request.scene(0)).rig.variety
    assert set(records[0]["sensors"]["varied"]["lidar"]) == {"height", "yaw", "pitch", "roll"}
    assert "varied" not in records[1]["sensors"] and records[1]["rig"] == "kitti"


@pytest.mark.parametrize("name", ["varied", "varied_wide"])
def test_labels_of_shipped_rigs_that_vary_agree_with_the_camera(name):
    for i, weather in enumerate(("clear", "rain", "night")):
        with Recording(SceneRequest((31, i), TEST_KINDS, weather, name)) as recording:
            seen = agreement(recording, 0.5, seen=True)
        assert seen.points > 1500 and seen.near > 0.98


FAULTY = [
    ({"lidar": {"yaw": "left"}}, r"mine.lidar.yaw is 'left'.*degrees"),
    ({"lidar": {"pitch": 85}}, r"mine.lidar.pitch is 85.*-80 to 80"),
    ({"vary": None}, r"mine.vary is None.*a mapping with the keys \['camera', 'every', 'lidar'\]"),
    ({"vary": {"radar": {}}}, r"mine.vary.radar is \{\}.*only the keys"),
    ({"vary": {"lidar": {"range": 3}}}, r"mine.vary.lidar.range is 3.*only the keys"),
    ({"vary": {"lidar": {"height": 1.7}}}, r"mine.vary.lidar.height is 1.7.*0 to 1.63"),
    ({"vary": {"camera": {"height": 1.6}}}, r"mine.vary.camera.height is 1.6.*0 to 1.55"),
    ({"vary": {"lidar": {"yaw": -5}}}, r"mine.vary.lidar.yaw is -5.*0 to 180"),
    ({"lidar": {"pitch": 70}, "vary": {"lidar": {"pitch": 11}}}, r"mine.vary.lidar.pitch is 11.*0 to 10"),
    ({"vary": {"every": [1, 0]}}, r"mine.vary.every is \[1, 0\].*whole numbers"),
    ({"vary": {"every": 2}}, r"mine.vary.every is 2.*a list"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), FAULTY)
def test_impossible_turns_and_varieties_are_refused_by_key(tmp_path, changes, said):
    with pytest.raises(InputError, match=said):
        load_rig(rig_file(tmp_path, **changes))


def test_a_changed_rig_sees_the_same_street_from_elsewhere():
    """The images to the byte, the ground as far below the LiDAR as it was moved, half of the beams."""
    kitti = load_rig("kitti")
    rigs = [kitti, changed(kitti, height=0.5), changed(kitti, pitch=3.0, roll=3.0), changed(kitti, every=2)]
    plain, higher, tilted, sparse = (list(frames_of(rig, 5, scenes=1, frames=2)) for rig in rigs)
    for shown in (higher, tilted, sparse):
        assert len(shown) == 2
        assert all(np.array_equal(a.views[0].image, b.views[0].image) for a, b in zip(plain, shown, strict=True))

    def road(frame, rig):
        """Median height of the road near the vehicle, metres on base_link."""
        near = frame.points[(frame.labels == 40) & (np.linalg.norm(frame.points[:, :3], axis=1) < 8), :3]
        return np.median(near @ rig.T_base_lidar[2, :3] + rig.T_base_lidar[2, 3])

    for rig, shown in zip(rigs, (plain, higher, tilted, sparse), strict=True):
        assert [abs(road(frame, rig)) < 0.1 for frame in shown] == [True] * 2
    assert 0.45 < len(sparse[0].points) / len(plain[0].points) < 0.55


def test_a_given_rig_stands_in_the_street_that_its_name_would():
    request = DatasetRequest(Path(), "test", 1, 1, 5, rigs=("kitti",)).scene(0)
    named, given = build_scene(request), build_scene(replace(request, rig=changed(load_rig("kitti"), height=0.5)))
    assert np.array_equal(named.data.geom_xpos, given.data.geom_xpos) and np.array_equal(named.label, given.label)
    assert named.weather_name == given.weather_name
    assert given.rig.T_base_lidar[2, 3] == 2.23, "as it is, not mounted a little differently"


def test_changed_turns_about_the_scanner_and_leaves_the_given_rig_alone():
    kitti = load_rig("kitti")
    rig = changed(kitti, height=-0.5, yaw=90.0)
    assert np.allclose(rig.T_base_lidar[:3, 3], [0, 0, 1.23]) and np.allclose(rig.T_base_lidar[:3, 0], [0, 1, 0])
    assert rig.ahead == pytest.approx(-np.pi / 2)
    assert np.allclose(rig.columns, kitti.columns - np.pi / 2)
    assert kitti.ahead == 0 and kitti.T_base_lidar[2, 3] == 1.73
    point = np.float32([[10, 2, 0, 0]]) @ np.diag([1, 1, 1, 0])
    base = np.append(point[0, :3], 1) @ kitti.T_base_lidar.T
    there = np.float32((np.linalg.inv(rig.T_base_lidar) @ base)[None])
    assert np.allclose(rig.calibration.project(there)[0], kitti.calibration.project(np.float32(point))[0], atol=0.01)
