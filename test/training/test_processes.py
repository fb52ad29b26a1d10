"""Two processes on the CPU learn what one learns."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from tiny_run import tiny_config

from training.engine.stopping import StoppingConfig
from training.runs.progress import read_log

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def runs(data, tmp_path_factory):
    """Folders of the same run with one process and with two, by number of processes."""
    folder = tmp_path_factory.mktemp("processes")
    tiny = tiny_config(folder, 60, log_every=10, stopping=StoppingConfig(every=30, frames=2))
    config = replace(tiny, optimiser=replace(tiny.optimiser, precision="fp32", learning_rate=5e-3))
    (folder / "config.yaml").write_text(yaml.safe_dump(config.to_dict()), encoding="utf-8")
    fit = ["-m", "training", "fit", "--config", str(folder / "config.yaml"), "--data", str(data / "train")]
    fit += ["--val", str(data / "test")]
    launchers = {
        1: [sys.executable],
        2: [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"],
    }
    for count, launcher in launchers.items():
        command = [*launcher, *fit, "--out", str(folder / str(count))]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        assert f"{count} process(es)" in done.stdout
    return {count: folder / str(count) for count in launchers}


def test_the_losses_are_those_of_one_process(runs):
    one, two = ([line["total"] for line in read_log(runs[count] / "log.jsonl") if "total" in line] for count in (1, 2))
    print(f"one process: {one}\ntwo:         {two}")
    assert len(one) == len(two) == 6, "one process alone writes the log"
    for a, b in zip(one, two, strict=True):
        assert b == pytest.approx(a, rel=0.2, abs=0.02)


def test_both_judge_alike(runs):
    one, two = (json.loads((runs[count] / "metrics_test.json").read_text(encoding="utf-8")) for count in (1, 2))
    print(f"mIoU of one process {one['alone']['miou']:.3f}, of two {two['alone']['miou']:.3f}")
    assert two["alone"]["miou"] == pytest.approx(one["alone"]["miou"], abs=0.1)
    assert two["points_in_view"] == one["points_in_view"]
