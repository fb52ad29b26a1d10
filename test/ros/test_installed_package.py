"""The package as colcon installs it: the runtime alone, and a node that starts from there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from node_rig import running

from fm_ood_ros import __version__

ROOT = Path(__file__).parents[2]
OURS = ("fm_ood_ros", "launch", "config", "rviz", "resource", "models")
BUILD = ("package.xml", "setup.py", "setup.cfg", "pyproject.toml")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built workspace whose sources are gone, so that nothing can come from them."""
    folder = tmp_path_factory.mktemp("workspace")
    source = folder / "src" / "fm_ood_ros"
    for name in OURS:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in BUILD:
        shutil.copy(ROOT / name, source / name)
    colcon = Path(sys.executable).with_name("colcon")
    built = subprocess.run([colcon, "build"], cwd=folder, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    shutil.rmtree(folder / "src")
    return folder


def in_workspace(workspace: Path, *command: str) -> list[str]:
    return ["bash", "-c", f'source "{workspace}/install/setup.bash" && exec "$@"', "bash", *command]


def test_the_runtime_alone_is_installed(workspace: Path):
    found = next((workspace / "install").rglob("site-packages"))
    assert {p.name for p in found.iterdir() if p.is_dir() and "egg" not in p.name} == {"fm_ood_ros"}
    share = workspace / "install" / "fm_ood_ros" / "share" / "fm_ood_ros"
    assert {"config", "launch", "rviz", "models", "package.xml"} <= {p.name for p in share.iterdir()}


def test_python_finds_the_installed_package(workspace: Path):
    code = "import fm_ood_ros; print(fm_ood_ros.__file__, fm_ood_ros.__version__)"
    command = in_workspace(workspace, sys.executable, "-c", code)
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=workspace)
    assert said.stdout.split() == [str(next((workspace / "install").rglob("fm_ood_ros/__init__.py"))), __version__]


def test_the_installed_node_judges_with_the_shipped_model(workspace: Path):
    program = workspace / "install" / "fm_ood_ros" / "lib" / "fm_ood_ros" / "ood_segmentation"
    with running(program=in_workspace(workspace, str(program))) as rig:
        outputs = rig.judge()
        assert outputs["points"].width > 0
        assert rig.values["model"] == "street_fm"
