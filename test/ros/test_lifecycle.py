"""The node as a process: transitions, missing calibration, broken bundles, signals."""

from __future__ import annotations

import json
import shutil
import signal
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from lifecycle_msgs.msg import Transition
from node_rig import GIVEN, NodeProcess, Rig, running
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rig_messages import CALIBRATION, POSE, cloud, image, info, scene
from sensor_msgs.msg import PointCloud2

from fm_ood_ros.geometry.calibration_files import write_calibration

BEST_EFFORT = ReliabilityPolicy.BEST_EFFORT


def set_parameter(rig: Rig, name: str, **value: Any) -> Any:
    kinds = {"double_value": ParameterType.PARAMETER_DOUBLE, "string_value": ParameterType.PARAMETER_STRING}
    kinds["double_array_value"] = ParameterType.PARAMETER_DOUBLE_ARRAY
    ((field, content),) = value.items()
    parameter = Parameter(name=name, value=ParameterValue(type=kinds[field], **{field: content}))
    return rig.call(SetParameters, "set_parameters", SetParameters.Request(parameters=[parameter])).results[0]


def test_a_lifecycle_manager_takes_it_round(tiny_bundle: Path):
    with running(model=tiny_bundle, autostart=False, connect=False) as rig:
        points = f"/{rig.name}/output/points"
        assert rig.state() == "unconfigured"
        assert rig.node.count_publishers(points) == 0
        assert rig.transition(Transition.TRANSITION_CONFIGURE)
        rig.until(lambda: rig.node.count_publishers(points), "advertising")
        assert rig.publishers["points"].get_subscription_count() == 0
        assert rig.transition(Transition.TRANSITION_ACTIVATE)
        rig.connect()
        rig.judge()

        assert rig.transition(Transition.TRANSITION_DEACTIVATE)
        rig.until(lambda: not rig.publishers["points"].get_subscription_count(), "unsubscribing")
        assert rig.transition(Transition.TRANSITION_ACTIVATE)
        rig.connect()
        rig.judge()
        rig.balanced()
        assert int(rig.values["clouds.judged"]) == 2

        assert rig.transition(Transition.TRANSITION_DEACTIVATE)
        assert rig.transition(Transition.TRANSITION_CLEANUP)
        rig.until(lambda: rig.node.count_publishers(points) == 0, "taking the topics away")
        assert rig.state() == "unconfigured"


def test_shutdown_by_service_ends_the_process(tiny_bundle: Path):
    with running(model=tiny_bundle) as rig:
        rig.transition(Transition.TRANSITION_ACTIVE_SHUTDOWN)
        assert rig.process.process.wait(10) == 0


def test_without_extrinsics_it_says_so_and_starts_once_they_are_given(tiny_bundle: Path):
    with running(model=tiny_bundle, connect=False, extrinsics="[]") as rig:
        rig.until(lambda: "judging" in rig.status, "diagnostics")
        said = rig.status["judging"].message
        assert "pose of the LiDAR in the camera's optical frame is unknown; set the parameter extrinsics" in said
        assert said.removeprefix("not configured: ") in rig.process.log
        assert rig.state() == "unconfigured"
        assert set_parameter(rig, "extrinsics", double_array_value=POSE).successful
        assert rig.transition(Transition.TRANSITION_CONFIGURE)
        assert rig.transition(Transition.TRANSITION_ACTIVATE)
        rig.connect()
        rig.judge()


def test_a_calibration_file_takes_the_place_of_camera_info(tiny_bundle: Path, tmp_path: Path):
    file = tmp_path / "calibration.yaml"
    write_calibration(file, CALIBRATION)
    with running(model=tiny_bundle, connect=False, extrinsics="[]", calibration_file=file) as rig:
        rig.connect()
        rig.judge()
        rig.publish(info(k=[99.0, 0.0, 63.5, 0.0, 99.0, 15.5, 0.0, 0.0, 1.0]))
        rig.until(lambda: "disagrees with the calibration file" in rig.status["camera_info"].message, "the warning")
        rig.judge()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"extrinsics": [1.0, 2.0, 3.0]}, "expected x y z qx qy qz qw or the 16 numbers"),
        ({"extrinsics": [2.0] * 16}, "not a rotation and a translation"),
        ({"calibration_file": "/nowhere.yaml"}, "nowhere.yaml cannot be read"),
        ({"lidar_rows": [20.0, 10.0]}, "lidar_rows are [20.0, 10.0]"),
        ({"mount": [1.6, 95.0, 0.0]}, "mount is [1.6, 95.0, 0.0]"),
        ({"engine": "abacus"}, "engine is 'abacus'"),
        ({"image_transport": "pigeon"}, "expected raw or compressed"),
    ],
)
def test_impossible_parameters_fail_to_configure(tiny_bundle: Path, changes: dict[str, Any], words: str):
    with running(model=tiny_bundle, connect=False, **changes) as rig:
        rig.until(lambda: "judging" in rig.status, "diagnostics")
        assert words in rig.status["judging"].message
        assert rig.status["judging"].level == b"\x02"


def wrong_hash(bundle: Path) -> None:
    with (bundle / "tiny.onnx").open("ab") as file:
        file.write(b"\0")


def missing_file(bundle: Path) -> None:
    (bundle / "tiny.onnx").unlink()


def wrong_shape(bundle: Path) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["graph"]["inputs"]["lidar"] = [1, 4, 32, 128]
    (bundle / "manifest.json").write_text(json.dumps(manifest))


def broken_json(bundle: Path) -> None:
    (bundle / "manifest.json").write_text('{"format": ')


BUNDLES = {
    wrong_hash: "the file was changed",
    missing_file: "cannot be read",
    wrong_shape: "'lidar' is [1, 4, 32, 128]",
}
BUNDLES[broken_json] = "is not JSON"


@pytest.mark.parametrize("spoil", BUNDLES, ids=lambda spoil: spoil.__name__)
def test_a_broken_bundle_is_named_and_a_whole_one_starts(tiny_bundle: Path, tmp_path: Path, spoil: Any):
    bundle = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, bundle)
    spoil(bundle)
    with running(model=bundle, connect=False) as rig:
        rig.until(lambda: "judging" in rig.status, "diagnostics")
        assert BUNDLES[spoil] in rig.status["judging"].message
        assert not rig.transition(Transition.TRANSITION_CONFIGURE)
        shutil.copytree(tiny_bundle, bundle, dirs_exist_ok=True)
        assert rig.transition(Transition.TRANSITION_CONFIGURE)
        assert rig.transition(Transition.TRANSITION_ACTIVATE)
        rig.connect()
        rig.judge()


def test_the_threshold_changes_while_it_runs_and_the_rest_does_not(tiny_bundle: Path):
    with running(model=tiny_bundle) as rig:
        before = rig.judge()["points_colored"].data.tobytes()
        assert not set_parameter(rig, "threshold", double_value=1.5).successful
        assert set_parameter(rig, "threshold", double_value=0.2).successful
        assert rig.judge()["points_colored"].data.tobytes() != before
        refused = set_parameter(rig, "sync_tolerance", double_value=1.0)
        assert not refused.successful
        assert "deactivate and clean up first" in refused.reason
        assert not set_parameter(rig, "model", string_value="/elsewhere").successful
        rig.judge()


def test_wrong_types_end_with_one_sentence():
    process = NodeProcess(threshold="high")
    assert process.process.wait(20) == 2
    assert "error: " in process.log
    assert "Traceback" not in process.log
    process.stop()


def shared_memory(pid: int) -> set[str]:
    maps = Path(f"/proc/{pid}/maps").read_text().split()
    return {word for word in maps if word.startswith("/dev/shm/fastrtps")}


def in_use() -> set[str]:
    """What any living process has mapped: other participants' files, which are not the node's to remove."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            found |= shared_memory(int(folder.name))
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_cleanly_and_nothing_stays_in_shared_memory(tiny_bundle: Path, number: int):
    process = NodeProcess(model=tiny_bundle, **GIVEN)
    rig = Rig(process)
    rig.connect()
    rig.judge()
    used = shared_memory(process.process.pid)
    assert used
    rig.close()
    start = monotonic()
    process.process.send_signal(number)
    while process.process.poll() is None:
        process.process.send_signal(number)  # the impatient further Ctrl-C, at every moment of the end
        sleep(0.01)
    assert process.process.wait(10) == 0
    assert monotonic() - start < 5
    log = process.log
    assert "1 clouds received: 1 judged, dropped: none; 0 pending, 0 unexplained" in log
    assert "Traceback" not in log
    assert not {path for path in used if Path(path).exists()} - in_use()
    process.stop()


def test_when_it_falls_behind_the_newest_win_and_the_accounts_are_right(tiny_bundle: Path):
    with running(model=tiny_bundle, max_pending=1) as rig:
        stamps = [rig.tick(20) for _ in range(60)]
        for stamp in stamps:
            rig.publish(image(stamp), cloud(stamp, scene()))
        rig.until(lambda: rig.outputs_at(stamps[-1]), "the last verdict")
        rig.balanced()
        assert int(rig.values["clouds.received"]) + int(rig.values["points.lost_by_middleware"]) <= 60
        published = [m.header.stamp.sec * 10**9 + m.header.stamp.nanosec for m in rig.outputs["points"]]
        assert published == sorted(set(published))
        assert len(published) == int(rig.values["clouds.judged"])


def test_simulated_time_without_a_clock_changes_nothing(tiny_bundle: Path):
    with running(model=tiny_bundle, use_sim_time=True) as rig:
        rig.judge()
        rig.balanced()


def test_quality_of_service_is_overridable_and_a_mismatch_is_named(tiny_bundle: Path):
    override = {"qos_overrides./qos/points.subscription.reliability": "reliable"}
    with running("-r", "~/input/points:=/qos/points", model=tiny_bundle, connect=False, **override) as rig:
        rig.node.create_publisher(PointCloud2, "/qos/points", QoSProfile(depth=1, reliability=BEST_EFFORT))
        rig.until(
            lambda: "points" in rig.status and "incompatible RELIABILITY" in rig.status["points"].message,
            "the complaint",
        )
        assert "set qos_overrides./qos/points.subscription" in rig.process.log
