"""Streets rendered for rigs with a wide lens, a bent one and few beams, through the node over the real middleware."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from simulation.output.bag import BagRequest, write_bag
from simulation.sensors.rigs import load_rig

ROOT = Path(__file__).parents[2]
CLOUDS = 6


@pytest.mark.parametrize("rig", ["city128", "shuttle16"])
def test_a_simulated_rig_is_judged_and_understood(tmp_path: Path, rig: str):
    bag = write_bag(BagRequest(tmp_path / "street.mcap", seconds=CLOUDS / 10, seed=11, rig=rig))
    command = [sys.executable, "-m", "fm_ood_ros.ros.replay", "--bag", bag, "--image", "/camera/image/compressed"]
    command += ["--out", tmp_path / "out", "--rate", "0.5", "--pictures", "0"]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=240, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert results["clouds"]["clouds_judged"] == CLOUDS
    known = results["rig"]
    assert not known["trouble"]
    assert 5 < float(known["in_view"].split("%")[0]) < 90
    height = re.match(r"camera ([\d.]+) m above the ground", known["mount.0"])
    assert height is not None, known["mount.0"]
    assert abs(float(height[1]) - load_rig(rig).T_base_camera[2, 3]) < 0.2  # each vehicle is mounted a little otherwise
    assert "measured" in known["intensity"]
    assert results["truth"]["miou"] > 0.3
