"""Real nuScenes key frames, with tables built around them, load, project and carry their labels."""

import json
from pathlib import Path

import numpy as np
import pytest
from paper_run import paper_run

from fm_ood_ros.label_sets import OOD, LabelSet
from simulation.messages import quaternion
from training.data.nuscenes import CAMERAS, NuScenes
from training.data.opening import kind_of
from training.data.poses import rigid

DATA = Path(__file__).parents[3] / "shared" / "data"
KEYFRAME, LABELLED = DATA / "nuscenes_keyframe", DATA / "nuscenes_lidarseg"
pytestmark = pytest.mark.skipif(not KEYFRAME.is_dir(), reason="needs real nuScenes frames in ../shared/data")
VEHICLES = LabelSet.load("nuscenes_vehicles_ood")


@pytest.fixture(scope="module")
def facts():
    return json.loads((KEYFRAME / "calibration.json").read_text(encoding="utf-8"))


def posed(T):
    """Rotation (w x y z) and translation, as the tables have them."""
    x, y, z, w = quaternion(T[:3, :3])
    return {"rotation": [w, x, y, z], "translation": T[:3, 3].tolist()}


@pytest.fixture(scope="module")
def root(tmp_path_factory, facts):
    """The key frame with its calibration, and a labelled sweep with a camera that was never with it."""
    root = tmp_path_factory.mktemp("nuscenes")
    for folder in ("samples", "lidarseg", "v1.0-mini"):
        (root / folder).mkdir()
    for path in KEYFRAME.iterdir():
        (root / "samples" / path.name).symlink_to(path)
    motion = rigid([0.99, 0.01, -0.02, 0.1], [0.6, -0.1, 0.02])  # of the vehicle, between sweep and images
    tables = {name: [] for name in ("scene", "sample", "sample_data", "ego_pose", "lidarseg")}
    tables["sensor"] = [{"token": c, "channel": c} for c in ("LIDAR_TOP", *CAMERAS)]
    tables["calibrated_sensor"] = [{"token": "LIDAR_TOP", "sensor_token": "LIDAR_TOP", **posed(np.eye(4))}]
    for name, camera in facts["cameras"].items():
        mount = posed(np.linalg.inv(np.array(camera["T_cam_lidar"]) @ motion))
        tables["calibrated_sensor"].append(
            {"token": name, "sensor_token": name, "camera_intrinsic": camera["K"], **mount}
        )
    for number, sweep in ((61, facts["lidar"]), (103, "8.bin")):
        scene = f"scene-{number:04d}"
        tables["scene"].append({"token": scene, "name": scene})
        tables["sample"].append({"token": f"s{number}", "scene_token": scene, "timestamp": number})
        shots = {"LIDAR_TOP": sweep, **{c: facts["cameras"][c]["image"] for c in CAMERAS}}
        for channel, file in shots.items():
            token = f"{number}{channel}"
            size = {"width": 0, "height": 0} if channel == "LIDAR_TOP" else {"width": 1600, "height": 900}
            tables["sample_data"].append({
                "token": token, "sample_token": f"s{number}", "ego_pose_token": token, "timestamp": 1532402927647951,
                "calibrated_sensor_token": channel, "filename": f"samples/{file}", "is_key_frame": True, **size,
            })  # fmt: skip
            tables["ego_pose"].append({"token": token, **posed(np.eye(4) if channel == "LIDAR_TOP" else motion)})
        labels = f"lidarseg/{number}.bin"
        tables["lidarseg"].append(
            {"token": f"l{number}", "sample_data_token": f"{number}LIDAR_TOP", "filename": labels}
        )
    (root / "samples/8.bin").symlink_to(LABELLED / "8/points.bin")
    (root / "lidarseg/103.bin").symlink_to(LABELLED / "8/ground.bin")
    np.full((KEYFRAME / facts["lidar"]).stat().st_size // 20, 24, np.uint8).tofile(root / "lidarseg/61.bin")
    for name, rows in tables.items():
        (root / "v1.0-mini" / f"{name}.json").write_text(json.dumps(rows, indent=0), encoding="utf-8")
    return root


def test_six_cameras_see_the_key_frame(root, facts):
    frames = NuScenes(root, ["scene-0061"], VEHICLES)
    assert kind_of(root) == "nuscenes"
    assert [frames.name(i).rpartition("/")[2] for i in range(len(frames))] == list(CAMERAS)
    for i, camera in enumerate(CAMERAS):
        frame = frames[i]
        np.testing.assert_allclose(frame.calibration.T_camera_lidar, facts["cameras"][camera]["T_cam_lidar"], atol=1e-5)
        uv, _ = frame.calibration.project(frame.points)
        inside = ((uv >= 0) & (uv < [1600, 900])).all(1)
        assert 1500 < inside.sum() < 10_000, camera
    assert frames.elevation(0) == pytest.approx((-30, 10), abs=1.5)


def test_every_point_in_view_of_a_camera_lies_on_its_side(root):
    frames = NuScenes(root, ["scene-0061"])
    for i, sign in ((0, 1), (3, -1)):  # the LiDAR looks along y of the vehicle's front
        frame = frames[i]
        uv, _ = frame.calibration.project(frame.points)
        inside = ((uv >= 0) & (uv < [1600, 900])).all(1)
        assert (np.sign(frame.points[inside, 1]) == sign).mean() > 0.99


def test_real_labels(root):
    frames = NuScenes(root, ["val"], VEHICLES)
    frame = frames[0]
    assert frames.name(0).startswith("scene-0103/")
    assert len(frames) == 6
    assert frame.points.shape == (34688, 4)
    ids = VEHICLES.train_ids(frame.labels)
    assert (ids == OOD).sum() == 12 + 3705  # cars and trucks, as counted in the file
    road = frame.points[frame.labels == 24]
    assert -2.5 < np.median(road[:, 2]) < -1.2, "the LiDAR stands 1.84 m above the road"
    assert frame.points[:, 3].max() > 100, "intensities are 0 to 255"


def test_one_command_trains_on_the_official_split_and_judges(root, tmp_path, capsys):
    run = paper_run("nuscenes_paper", root, tmp_path / "run")
    assert run.record["frames"] == 6, "six cameras of scene-0061"
    assert run.record["steps"] == 3
    said = capsys.readouterr().out
    assert "6 frames," in said
    assert "FPR@95" in said, "vehicles are unknown in this label set"
