"""Which room may know which: the rules of the house, read from the source and tried at run time."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROS = {"rclpy", "sensor_msgs", "std_msgs", "diagnostic_msgs", "lifecycle_msgs", "rcl_interfaces", "launch_ros"}
OFFLINE = {"torch", "accelerate", "onnx", "mujoco", "embreex", "training", "export", "simulation", "benchmark"}
FORBIDDEN = {
    "fm_ood_ros": OFFLINE,
    "training": {"export", "simulation", "benchmark", "mujoco", "embreex"} | ROS,
    "export": {"simulation", "benchmark", "mujoco", "embreex"} | ROS,
    "simulation": {"torch", "training", "export", "benchmark"},
}


def imports(path: Path) -> set[str]:
    """Top-level names and full names of everything that a file imports, at its top or within a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively, expected the full name"
            names = [str(node.module)]
        else:
            continue
        found |= {part for name in names for part in (name, name.split(".")[0])}
    return found


def files(room: str) -> Iterator[Path]:
    found = sorted((ROOT / room).rglob("*.py"))
    assert found, f"{room} is empty"
    return iter(found)


@pytest.mark.parametrize("room", FORBIDDEN)
def test_a_room_knows_only_what_it_may(room: str):
    for path in files(room):
        assert not imports(path) & FORBIDDEN[room], path


def test_only_the_shell_knows_ros():
    for path in files("fm_ood_ros"):
        if ROOT / "fm_ood_ros" / "ros" not in path.parents:
            known = imports(path)
            assert not known & ROS and not any(name.startswith("fm_ood_ros.ros") for name in known), path


def test_the_simulator_knows_ros_only_where_it_is_a_live_source():
    for path in files("simulation"):
        if ROOT / "simulation" / "live" not in path.parents:
            assert not imports(path) & ROS, path


def test_only_recordings_know_the_bag_reader():
    rooms = (ROOT / "fm_ood_ros" / "replay", ROOT / "fm_ood_ros" / "ros" / "replay")
    for path in files("fm_ood_ros"):
        if not any(room in path.parents for room in rooms):
            assert "rosbags" not in imports(path), path


def test_the_node_loads_nothing_that_a_vehicle_lacks():
    code = "import sys, fm_ood_ros.ros.node; print(*{m.split('.')[0] for m in sys.modules})"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(said.stdout.split())
    assert {"rclpy", "numpy", "cv2"} <= loaded
    assert not loaded & (OFFLINE | {"rosbags", "scipy", "sklearn"})
