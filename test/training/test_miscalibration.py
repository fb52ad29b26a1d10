"""A wrong extrinsic is wrong by just the angle that was asked for, and nothing else changes."""

import json

import numpy as np
import pytest

from fm_ood_ros.errors import InputError
from training.__main__ import main
from training.config import DataConfig
from training.data.miscalibration import Miscalibrated, turned
from training.data.opening import open_frames


@pytest.fixture
def frames(data, run):
    return open_frames(data / "test", DataConfig(), run.label_set)


@pytest.mark.parametrize("degrees", [0.5, 2.0, 45.0])
def test_turns_by_the_angle(degrees):
    for seed in range(5):
        rotation = turned(degrees, seed)
        assert np.rad2deg(np.arccos((np.trace(rotation) - 1) / 2)) == pytest.approx(degrees, abs=1e-6)
    assert not np.allclose(turned(degrees, 0), turned(degrees, 1))


def test_changes_the_calibration_alone(frames):
    wrong = Miscalibrated(frames, 2.0)
    for index in range(len(frames)):
        right, turned_frame = frames[index], wrong[index]
        assert np.array_equal(right.points, turned_frame.points)
        assert np.array_equal(right.views[0].image, turned_frame.views[0].image)
        assert np.array_equal(right.labels, turned_frame.labels)
        before, after = (f.views[0].calibration.project(f.points)[0] for f in (right, turned_frame))
        assert np.nanmedian(np.abs(before - after)) > 0.2  # pixels
        assert wrong.name(index) == frames.name(index)
    assert (len(wrong), wrong.root, wrong.label_set) == (len(frames), frames.root, frames.label_set)


@pytest.mark.parametrize("degrees", [-1.0, 46.0, float("nan")])
def test_refuses_an_impossible_angle(frames, degrees):
    with pytest.raises(InputError, match="0 to 45"):
        Miscalibrated(frames, degrees)


def test_evaluates_with_it(data, run, capsys):
    arguments = ["evaluate", "--run", str(run.path), "--data", str(data / "test")]
    found = {}
    for degrees in (0, 20):
        assert main([*arguments, "--extrinsic-error", str(degrees)]) == 0
        name = "metrics_test_turned_20.json" if degrees else "metrics_test.json"
        found[degrees] = json.loads((run.path / name).read_text(encoding="utf-8"))
    assert found[20]["extrinsic_error_degrees"] == 20 and "extrinsic_error_degrees" not in found[0]
    assert found[20]["alone"]["miou"] < found[0]["alone"]["miou"]
    capsys.readouterr()
    assert main([*arguments, "--extrinsic-error", "90"]) == 1
    assert "expected 0 to 45" in capsys.readouterr().err
