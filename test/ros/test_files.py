"""Launch file, parameter file, RViz configuration and middleware profile fit the node."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
import yaml
from node_rig import running

from fm_ood_ros.ros import dds
from fm_ood_ros.ros.outputs import TOPICS
from fm_ood_ros.ros.parameters import DOUBLES, SPECS

ROOT = Path(__file__).parents[2]
LAUNCH = ROOT / "launch" / "ood_segmentation.launch.py"
CONFIG = ROOT / "config" / "ood_segmentation.yaml"
RVIZ = ROOT / "rviz" / "ood_segmentation.rviz"
INPUTS = ("points", "image", "camera_info")


def table(name: str) -> Any:
    """A literal at the top of the launch file, read without launch being installed."""
    for node in ast.parse(LAUNCH.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
            return ast.literal_eval(node.value)
    raise AssertionError(f"{LAUNCH} has no table {name}")


def test_the_launch_file_has_one_described_argument_per_topic():
    topics = dict(table("TOPICS").values())
    assert set(topics) == {f"~/input/{n}" for n in INPUTS} | {f"~/output/{n}" for n in TOPICS}
    assert all(len(text) > 20 for text in topics.values())


def test_the_launch_file_sets_text_parameters_that_the_node_has():
    assert set(table("TEXTS")) <= {spec.name for spec in SPECS if isinstance(spec.default, str)}


def test_the_launch_file_runs_nothing_and_fetches_nothing():
    nodes = list(ast.walk(ast.parse(LAUNCH.read_text())))
    imported = {str(n.module).split(".")[0] for n in nodes if isinstance(n, ast.ImportFrom)}
    assert imported == {"pathlib", "ament_index_python", "launch", "launch_ros"}
    assert not any(isinstance(n, ast.Import) for n in nodes)
    called = {n.func.id for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    assert not called & {"eval", "exec", "open", "__import__"}


def test_the_launch_file_describes_the_node():
    pytest.importorskip("launch_ros", reason="launch is not on PyPI: run this on a full ROS 2 installation")
    spec = importlib.util.spec_from_file_location("ood_launch", LAUNCH)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    names = {a.name for a in module.generate_launch_description().get_launch_arguments()}
    assert set(table("TOPICS")) | set(table("TEXTS")) <= names


def test_the_node_takes_the_launch_files_remappings_and_the_parameter_file(tiny_bundle: Path):
    rules = [f"{topic}:={topic}" for topic, _ in table("TOPICS").values()]
    rules = [r.replace(":=~/input/points", ":=/top/lidar") for r in rules]
    arguments = [word for rule in rules for word in ("-r", rule)]
    with running(*arguments, "--params-file", str(CONFIG), model=tiny_bundle, connect=False) as rig:
        rig.until(lambda: rig.values.get("points.topic"), "diagnostics")
        assert rig.values["points.topic"] == "/top/lidar"
        assert rig.values["image.topic"] == f"/{rig.name}/input/image"
        rig.until(lambda: rig.node.count_publishers(f"/{rig.name}/output/overlay"), "advertising")


def test_the_parameter_file_lists_every_parameter_with_its_default():
    given = yaml.safe_load(CONFIG.read_text())["/**"]["ros__parameters"]
    assert given == {spec.name: spec.default for spec in SPECS if spec.default is not DOUBLES}
    for spec in SPECS:
        assert f"{spec.name}:" in CONFIG.read_text()


def test_every_parameter_is_described_and_every_number_bounded():
    for spec in SPECS:
        assert len(spec.description) > 15
        if isinstance(spec.default, (int, float)) and not isinstance(spec.default, bool):
            assert spec.low is not None and spec.high is not None and spec.low <= spec.default <= spec.high


def test_rviz_shows_topics_that_the_node_publishes():
    displays = yaml.safe_load(RVIZ.read_text())["Visualization Manager"]["Displays"]
    topics = {d["Topic"]["Value"]: d["Class"] for d in displays if "Topic" in d}
    assert {t.removeprefix("/ood_segmentation/output/") for t in topics} <= set(TOPICS)
    for topic, shown_by in topics.items():
        assert shown_by.rsplit("/")[-1] == TOPICS[topic.rsplit("/")[-1]].__name__


def test_the_profile_holds_several_clouds():
    sizes = [e.text for e in ElementTree.parse(dds.PROFILE).iter() if e.tag.endswith("segment_size")]
    assert int(sizes[0] or 0) >= 2 * 131_072 * 32


def test_the_profile_gives_way_to_the_users_own(monkeypatch: pytest.MonkeyPatch):
    for name in dds.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    dds.use_large_message_profile()
    assert {os.environ[name] for name in dds.VARIABLES} == {str(dds.PROFILE)}
    for name in dds.VARIABLES:
        monkeypatch.delenv(name)
    monkeypatch.setenv(dds.VARIABLES[0], "/mine.xml")
    dds.use_large_message_profile()
    assert os.environ[dds.VARIABLES[0]] == "/mine.xml"
    assert dds.VARIABLES[1] not in os.environ


def test_matrix_products_are_told_to_use_one_thread_before_numpy_is_loaded():
    code = "import os, sys, fm_ood_ros.ros; print(os.environ['OPENBLAS_NUM_THREADS'], 'numpy' in sys.modules)"
    env = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    said = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True, cwd=ROOT)
    assert said.stdout.split() == ["1", "False"]
