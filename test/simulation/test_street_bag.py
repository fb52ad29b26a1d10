"""Recordings: they open with rosbags, carry the ground truth and keep the rig's clock."""

from dataclasses import replace

import numpy as np
import pytest
from rosbags.highlevel import AnyReader

from fm_ood_ros.errors import InputError
from simulation.output.bag import IMAGE_DELAY, POINTS, START, STATIC, BagRequest, write_bag
from simulation.output.messages import POINT, quaternion
from simulation.output.recording import Recording
from simulation.sensors.faults import Faults
from simulation.sensors.rigs import load_rig
from simulation.unknown import TEST_KINDS
from simulation.world.scene import SceneRequest

INFO = "/camera/camera_info"


@pytest.fixture(scope="module")
def bag(tmp_path_factory):
    return write_bag(BagRequest(tmp_path_factory.mktemp("bag") / "street.mcap", seconds=0.4, seed=3))


def contents(path):
    with AnyReader([path]) as reader:
        found = {}
        for connection, time, raw in reader.messages():
            found.setdefault(connection.topic, []).append((time, reader.deserialize(raw, connection.msgtype)))
    return found


def test_clouds_carry_labels_and_images_follow_them(bag):
    found = contents(bag)
    assert {t: len(m) for t, m in found.items()} == {POINTS: 4, "/camera/image/compressed": 4, INFO: 4, STATIC: 1}
    times = [t for t, _ in found[POINTS]]
    assert times == [START + i * 100_000_000 for i in range(4)]
    for (time, cloud), (late, image) in zip(found[POINTS], found["/camera/image/compressed"], strict=True):
        assert [f.name for f in cloud.fields] == list(POINT.names)
        assert cloud.point_step == POINT.itemsize and cloud.width * cloud.point_step == len(cloud.data)
        rows = np.frombuffer(cloud.data, POINT)
        assert set(np.unique(rows["label"])) >= {40}
        assert np.allclose(rows["x"] * 1000, np.round(rows["x"] * 1000), atol=0.02)
        stamp = image.header.stamp.sec * 10**9 + image.header.stamp.nanosec
        assert stamp == late == time + IMAGE_DELAY
        assert cloud.header.frame_id == "lidar" and image.header.frame_id == "camera_optical"


def test_the_cloud_is_the_scan_of_that_moment(bag):
    cloud = contents(bag)[POINTS][2][1]
    with Recording(SceneRequest((3, 9, 0), TEST_KINDS, duration=0.4)) as recording:
        scans = [recording.frame(i / 10)[1] for i in range(3)]
    rows = np.frombuffer(cloud.data, POINT)
    assert np.array_equal(rows["label"], scans[2].label)
    assert np.abs(np.stack([rows[n] for n in "xyz"], 1) - scans[2].points[:, :3]).max() < 0.00051


def test_transforms_and_camera_info_give_the_rigs_calibration(bag):
    found = contents(bag)
    info = found[INFO][0][1]
    children = {t.child_frame_id: t for t in found[STATIC][0][1].transforms}
    assert set(children) == {"lidar", "camera_optical"}
    assert all(t.header.frame_id == "base_link" for t in children.values())
    assert info.k[0] > 300 and (info.width, info.height) == (640, 192)
    q = children["camera_optical"].transform.rotation
    assert np.allclose(np.abs([q.x, q.y, q.z, q.w]), 0.5, atol=0.03)


def test_quaternions_turn_as_their_matrices():
    for seed in range(5):
        R = load_rig("kitti", np.random.default_rng(seed)).T_base_camera[:3, :3]
        x, y, z, w = quaternion(R)
        back = np.array([
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ])  # fmt: skip
        assert np.allclose(back, R, atol=1e-9)


def test_a_folder_with_raw_images_and_without_unknown_objects(tmp_path):
    request = BagRequest(tmp_path / "raw", 0.1, 4, "cloudy", "nuscenes", "val", raw_images=True)
    found = contents(write_bag(request))
    image = found["/camera/image"][0][1]
    assert image.encoding == "rgb8" and len(image.data) == image.step * image.height
    assert not (np.frombuffer(found[POINTS][0][1].data, POINT)["label"] == 99).any()
    with pytest.raises(InputError, match="exists already"):
        write_bag(request)


def test_every_camera_has_its_topics_and_its_lens(tmp_path):
    found = contents(write_bag(BagRequest(tmp_path / "raw", 0.1, 4, "cloudy", "city128", "val")))
    rig = load_rig("city128")
    frames = {t.child_frame_id for t in found[STATIC][0][1].transforms}
    assert frames == {"lidar", "camera_optical", "camera_3_optical", "camera_4_optical"}
    for name, camera in zip(("camera", "camera_3", "camera_4"), rig.cameras, strict=True):
        info, image = found[f"/{name}/camera_info"][0][1], found[f"/{name}/image/compressed"][0][1]
        assert info.header.frame_id == image.header.frame_id == f"{name}_optical"
        assert (info.width, info.height) == (camera.width, camera.height)
        assert info.distortion_model == camera.distortion_model
        assert np.allclose(info.d[: len(camera.distortion)], camera.distortion)


def test_mounting_errors_reach_the_transforms(tmp_path):
    request = BagRequest(tmp_path / "a", 0.1, 4, "cloudy", "kitti", "val", faults=Faults(degrees=2.0, metres=0.2))
    wrong = contents(write_bag(request))[STATIC][0][1].transforms[1].transform.translation
    right = contents(write_bag(replace(request, out=tmp_path / "b", faults=Faults())))[STATIC][0][1].transforms[1]
    moved = np.array([getattr(wrong, a) - getattr(right.transform.translation, a) for a in "xyz"])
    assert 0.01 < np.linalg.norm(moved) < 0.5
