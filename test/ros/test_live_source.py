"""The live source: CARLA's names and types on the real middleware, honest about what came late."""

import re
import signal
import subprocess
import sys
from collections import defaultdict
from functools import partial
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest
import rclpy
from node_rig import GIVEN, running
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from std_msgs.msg import Header

from fm_ood_ros.geometry.calibration_files import read_calibration
from fm_ood_ros.messages.image_message import decode_image
from fm_ood_ros.ros.dds import use_large_message_profile
from fm_ood_ros.ros.qos import sensor_input
from simulation.live import carla
from simulation.live.schedule import Schedule, Tally
from simulation.live.streets import PlayRequest
from simulation.output.recording import Recording
from simulation.sensors.lidar import OUTLIER

ROOT = Path(__file__).parents[2]
SECONDS = 120.0
KINDS = {
    "/clock": Clock, "/carla/hero/rgb_front/image": Image, "/carla/hero/rgb_front/camera_info": CameraInfo,
    "/carla/hero/lidar": PointCloud2, "/carla/hero/semantic_lidar": PointCloud2,
}  # fmt: skip


def played(enough, *arguments):
    """Runs `play --role hero` until `enough(got)`: however long discovery takes, the source plays on.

    Returns what a best-effort subscriber got per topic, and what was printed.
    """
    use_large_message_profile()
    context = Context()
    rclpy.init(context=context)
    node, got = Node("listener", context=context), defaultdict(list)
    for topic, kind in KINDS.items():
        node.create_subscription(kind, topic, got[topic].append, sensor_input())
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    command = [sys.executable, "-m", "simulation", "play", "--role", "hero", *arguments]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=heed_interrupts
    )
    try:
        end = monotonic() + SECONDS
        while process.poll() is None and not enough(got) and monotonic() < end:
            executor.spin_once(timeout_sec=0.05)
        process.send_signal(signal.SIGINT)
        while process.poll() is None and monotonic() < end:
            executor.spin_once(timeout_sec=0.05)
        for _ in range(50):
            executor.spin_once(timeout_sec=0.01)
        said = process.communicate(timeout=10)[0]
    finally:
        process.kill()
        executor.shutdown()
        node.destroy_node()
        context.shutdown()
    assert process.returncode == 0, said
    return got, said


heed_interrupts = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # background jobs inherit it ignored


def nanoseconds(stamp):
    return stamp.sec * 10**9 + stamp.nanosec


def rows_of(cloud, dtype):
    assert cloud.point_step == dtype.itemsize and cloud.row_step == cloud.width * dtype.itemsize
    return np.frombuffer(cloud.data, dtype)


def rendered(k):
    """Image, points and rig of frame k of what is played at 4 frames/s with 1.5 s per street."""
    street, last = divmod(k, 6)
    with Recording(PlayRequest("kitti", rate=4.0, street=1.5).scene(street)) as recording:
        frame, scan = [recording.frame(i / 4) for i in range(last + 1)][-1]
        return frame.views[0].image, scan.points, recording.scene.rig


def test_a_subscriber_gets_every_topic_as_carlas_bridge_sends_it(tmp_path):
    file = tmp_path / "calibration.yaml"

    def whole_frames(got):
        """Six of every topic, and the last frame complete: the next one is far when the source is interrupted."""
        if min(len(got[topic]) for topic in KINDS) < 6:
            return False
        return nanoseconds(got["/clock"][-1].clock) == nanoseconds(got["/carla/hero/semantic_lidar"][-1].header.stamp)

    got, said = played(whole_frames, "--rate", "4", "--street", "1.5", "--calibration", str(file))
    assert f"calibration_file:={file}" in said
    stamps = {t: [nanoseconds(m.clock if t == "/clock" else m.header.stamp) for m in got[t]] for t in KINDS}
    for topic, found in stamps.items():
        assert len(found) >= 6, (topic, said)
        assert (np.diff(found) > 0).all()
        assert np.allclose(np.diff(found) % 250_000_000, 0)
    clouds = dict(zip(stamps["/carla/hero/lidar"], got["/carla/hero/lidar"], strict=True))
    images = dict(zip(stamps["/carla/hero/rgb_front/image"], got["/carla/hero/rgb_front/image"], strict=True))
    both = sorted(clouds.keys() & images.keys())
    cloud, image = clouds[both[0]], images[both[0]]
    assert cloud.header.frame_id == "hero/lidar" and image.header.frame_id == "hero/rgb_front"
    due = int(re.search(r"(\d+) of (\d+) frames published", said)[2])  # the first ones were missed: the end is seen
    k = due - 1 - round((max(stamps["/clock"]) - both[0]) / 250e6)
    made = [rendered(n) for n in (k, k + 1) if n >= 0]  # the interrupt may have come before the last one was counted
    seen = decode_image(image)
    points, rig = next((points, rig) for picture, points, rig in made if np.array_equal(seen, picture))
    rows = rows_of(cloud, carla.LIDAR)
    assert np.array_equal(np.stack([rows[n] for n in rows.dtype.names], 1), points)
    assert np.allclose(read_calibration(file).T_camera_lidar, rig.calibration.T_camera_lidar)
    info = got["/carla/hero/rgb_front/camera_info"][0]
    assert np.allclose(info.k, read_calibration(file).lens.K.reshape(-1)) and info.width == 640


def test_the_node_judges_what_is_played(tiny_bundle, tmp_path, monkeypatch):
    monkeypatch.delitem(GIVEN, "extrinsics")  # the calibration file takes their place
    file = tmp_path / "calibration.yaml"
    command = [sys.executable, "-m", "simulation", "play", "--role", "judged", "--rate", "4", "--calibration"]
    player = subprocess.Popen([*command, str(file)], cwd=ROOT, preexec_fn=heed_interrupts)
    topics = {"points": "lidar", "image": "rgb_front/image", "camera_info": "rgb_front/camera_info"}
    remapped = [word for n, t in topics.items() for word in ("-r", f"~/input/{n}:=/carla/judged/{t}")]
    try:
        end = monotonic() + SECONDS
        while not file.exists() and monotonic() < end:
            sleep(0.05)
        with running(*remapped, connect=False, model=tiny_bundle, calibration_file=file, max_pending=10) as rig:
            rig.until(lambda: rig.outputs["points"] and rig.outputs["overlay"], "judging", SECONDS)
            (judged,) = rig.outputs["points"][:1]
            assert judged.header.frame_id == "judged/lidar" and judged.width > 10_000
            verdict = ["class_id", "probability", "anomaly_score", "unknown", "object_id"]
            assert [f.name for f in judged.fields][4:] == verdict
        player.send_signal(signal.SIGINT)
        assert player.wait(20) == 0
    finally:
        player.kill()


def test_frames_that_nobody_could_make_are_counted_and_not_replaced_by_old_ones(tmp_path):
    file = tmp_path / "calibration.yaml"
    arguments = ("--rate", "100", "--street", "5", "--ahead", "0.02", "--calibration", str(file))
    got, said = played(lambda got: len(got["/carla/hero/lidar"]) > 10, *arguments)
    last = [line for line in said.splitlines() if "frames published" in line][-1]
    published, due, skipped = int(last.split()[0]), int(last.split()[2]), int(last.split(" skipped")[0].split()[-1])
    assert skipped == due - published > due / 3
    clouds = got["/carla/hero/lidar"]  # one more than counted, when the interrupt came between sending and counting
    stamps = [nanoseconds(m.header.stamp) for m in clouds]
    assert 1 < len(clouds) <= published + 1 and (np.diff(stamps) > 0).all()
    assert len({bytes(m.data) for m in clouds}) == len(clouds)


@pytest.fixture(scope="module")
def recorded():
    """A rig, a frame and its scan in fog, so that there is backscatter."""
    with Recording(PlayRequest("kitti", weather="fog", seed=3).scene(0)) as recording:
        return recording.scene.rig, *recording.frame(0.0)


def test_semantic_clouds_hold_carlas_tags_angles_and_instances(recorded):
    _, _, scan = recorded
    cloud = carla.semantic_lidar(Header(), scan)
    assert [(f.name, f.offset, f.datatype) for f in cloud.fields] == [
        ("x", 0, 7), ("y", 4, 7), ("z", 8, 7), ("CosAngle", 12, 7), ("ObjIdx", 16, 6), ("ObjTag", 20, 6),
    ]  # fmt: skip
    rows = rows_of(cloud, carla.SEMANTIC)
    assert set(rows["ObjTag"][scan.label == 40]) == {1} and set(rows["ObjTag"][scan.label == OUTLIER]) == {0}
    known = scan.label != OUTLIER
    assert (rows["ObjTag"][known] > 0).all()
    assert np.array_equal(rows["ObjIdx"], scan.instance)
    road = scan.label == 40
    down = -scan.points[road, 2] / np.linalg.norm(scan.points[road, :3], axis=1)
    assert np.median(np.abs(rows["CosAngle"][road] - down)) < 0.05  # a ray meets the road at its own depression angle


def test_transforms_agree_with_the_calibration(recorded):
    rig = recorded[0]
    poses = {}
    for t in carla.transforms(carla.stamp_of(0), "hero", rig):
        x, y, z, w = (getattr(t.transform.rotation, n) for n in "xyzw")
        R = [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
        at = [getattr(t.transform.translation, n) for n in "xyz"]
        poses[t.child_frame_id] = np.vstack([np.column_stack([R, at]), [0, 0, 0, 1]])
        assert t.header.frame_id == "hero"
    found = np.linalg.inv(poses["hero/rgb_front"]) @ poses["hero/lidar"]
    assert np.allclose(found, rig.calibration.T_camera_lidar, atol=1e-9)


def test_an_overdue_frame_is_passed_over_and_one_on_time_is_not():
    schedule = Schedule(100.0, 10.0)
    assert schedule.due(25) == pytest.approx(102.5)
    assert [schedule.first_due(now) for now in (99.0, 100.0, 100.01, 102.5)] == [0, 0, 1, 25]


def test_the_tally_tells_late_frames_from_skipped_ones():
    tally = Tally(10.0)
    tally.publish(0, 0.0)
    tally.publish(1, 0.04)
    tally.publish(4, 0.2)
    tally.end(6)
    assert (tally.published, tally.due, tally.late, tally.skipped, tally.worst) == (3, 6, 1, 3, 0.2)
    said = "3 of 6 frames published (5.0 of 10 frames/s), 1 of them late (worst 0.20 s), 3 skipped: not made in time"
    assert str(tally) == said
