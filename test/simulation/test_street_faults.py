"""Rolling scans by hand, wrong mountings and late images as recorded, cameras written and read back, bytes by seed."""

import json
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from fm_ood_ros.errors import InputError
from simulation.actors.motion import Motion
from simulation.look.surfaces import Surface
from simulation.output.dataset import DatasetRequest, write_dataset
from simulation.output.reading import frames
from simulation.output.recording import Recording
from simulation.sensors.faults import Faults
from simulation.sensors.lidar import Lidar
from simulation.sensors.rig_files import read_rigs
from simulation.sensors.rigs import load_rig, rig_names
from simulation.sensors.sweep import aim, sweep_of
from simulation.world.claims import Claims
from simulation.world.plan import draw_plan
from simulation.world.scene import Scene, SceneRequest, build_scene
from simulation.world.stage import Stage
from simulation.world.world import World
from training.data.readers.semantic_kitti import SemanticKitti

ROOT = Path(__file__).parents[2]
SPEED, WALL = 10.0, 20.0


@pytest.fixture(scope="module")
def walls():
    """An ego vehicle at 10 m/s towards a still wall on its left half and behind one as fast as itself on its right."""
    rng = np.random.default_rng(0)
    line = build_scene(SceneRequest((1,))).line
    line = replace(line, **{f.name: np.zeros_like(getattr(line, f.name)) for f in fields(line)})  # straight and level
    stage = Stage(World(), line, draw_plan(rng), Claims(line), Motion(0, 0, SPEED), 1.0)
    paint = stage.world.paint((0.5, 0.5, 0.5), Surface(0.9))
    stage.put(50, Motion(WALL, 30)).box((0.05, 29, 20), (0, 0, 0), paint)
    stage.put(13, Motion(WALL, -30, SPEED)).box((0.05, 29, 20), (0, 0, 0), paint)
    rig = replace(load_rig("kitti"), range_noise=0.0, rolling=True)
    return Scene(stage, rig, "clear", False, [])


def test_a_rolling_scan_bends_a_still_wall_and_not_one_that_drives_along(walls):
    """x = wall - way at the column's time; ahead at the stamp, 10 Hz: 36 degrees to the left are 10 ms earlier."""
    scan = Lidar(walls, np.random.default_rng(0)).scan(0.3)
    points, label = scan.points, scan.label
    x, azimuth = points[:, 0].astype(float), np.degrees(np.arctan2(points[:, 1], points[:, 0]))
    still, along = label == 50, (label == 13) & (points[:, 1] < -1.1)  # without the edge
    assert still.sum() > 1000 and along.sum() > 1000
    expected = WALL - 0.05 - SPEED * (0.3 - azimuth[still] / 3600)
    assert np.abs(x[still] - expected).max() < 0.002
    assert np.ptp(expected) > 0.15
    assert np.abs(x[along] - (WALL - 0.05)).max() < 0.002


def test_without_the_switch_a_scan_is_of_one_moment(walls):
    scene = walls
    kept, scene.rig = scene.rig, replace(scene.rig, rolling=False)
    points = Lidar(scene, np.random.default_rng(0)).scan(0.3).points
    scene.rig = kept
    left = points[points[:, 1] > 1]
    assert np.abs(left[:, 0] - (WALL - 0.05 - SPEED * 0.3)).max() < 0.002


def test_columns_are_aimed_between_the_moments():
    rig = replace(load_rig("nuscenes"), rolling=True)
    sweep = sweep_of(rig, 1.0)
    assert sweep.times[0] == pytest.approx(1 - 0.0125, abs=1e-4) and sweep.times[-1] == pytest.approx(1.0125, abs=1e-4)

    def pose(t):
        yaw, T = 0.5 * t, np.eye(4)
        T[:2, :2] = [[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]]
        T[:3, 3] = 12 * t, t * t, 1.8
        return T

    rays = np.random.default_rng(0).normal(size=(2, len(rig.columns), 3)).astype(np.float32)
    origins, directions = aim(sweep, np.stack([pose(t) for t in sweep.moments]), rays)
    for c in (0, 123, 400, len(rig.columns) - 1):
        T = pose(sweep.times[c])
        assert np.allclose(origins[:, c], T[:3, 3], atol=1e-4)
        assert np.allclose(directions[:, c], rays[:, c] @ T[:3, :3].T, atol=1e-5)


def errors_of(scene: Scene):
    """Degrees and metres between the calibration on file and the truth, of every camera."""
    true = np.reshape(scene.rig.facts()["true_T_camera_lidar"], (-1, 4, 4))
    wrong = [c.T_camera_lidar @ np.linalg.inv(T) for c, T in zip(scene.rig.calibrations, true, strict=True)]
    angles = [np.degrees(np.arccos(np.clip((np.trace(E[:3, :3]) - 1) / 2, -1, 1))) for E in wrong]
    return np.array(angles), np.array([np.abs(E[:3, 3]).max() for E in wrong])


def test_mounting_errors_are_within_what_was_asked_and_only_on_file():
    request = SceneRequest((61, 0), weather="clear", rig="shuttle16")
    right, wrong = build_scene(request), build_scene(replace(request, faults=Faults(degrees=1.0, metres=0.1)))
    assert np.allclose(errors_of(right), 0, atol=1e-6)
    degrees, metres = errors_of(wrong)
    assert np.all((degrees > 0.02) & (degrees < 3**0.5)) and np.all((metres > 0.005) & (metres < 0.101))
    for a, b in zip(right.rig.cameras, wrong.rig.cameras, strict=True):
        assert np.array_equal(a.T_base_camera, b.T_base_camera)


def test_an_image_is_taken_as_much_before_or_after_its_scan_as_recorded():
    request = SceneRequest((61, 1), weather="clear", rig="kitti", faults=Faults(seconds=0.08))
    with Recording(request) as late, Recording(replace(request, faults=Faults())) as sharp:
        delay = late.scene.rig.facts()["image_delay_s"]
        assert 0.005 < abs(delay) <= 0.08
        frame, scan = late.frame(0.5)
        assert np.array_equal(frame.views[0].image, sharp.frame(0.5 + delay)[0].views[0].image)
    with Recording(replace(request, faults=Faults())) as sharp:
        assert np.array_equal(scan.points, sharp.frame(0.5)[1].points)


def test_a_changed_rig_file_is_another_data_set(tmp_path):
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"mine": read_rigs()["shuttle16"]}), encoding="utf-8")
    request = DatasetRequest(tmp_path / "out", "val", 1, 1, 0, rigs=(str(tmp_path / "mine.yaml"),))
    write_dataset(request)
    assert len(list(frames(request.root))) == 1
    changed = read_rigs()["shuttle16"] | {"cameras": read_rigs()["kitti"]["cameras"]}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"mine": changed}), encoding="utf-8")
    with pytest.raises(InputError, match="other settings"):
        write_dataset(request)


@pytest.mark.parametrize("values", [{"degrees": -1.0}, {"metres": 50.0}, {"seconds": float("nan")}])
def test_impossible_errors_are_refused(values):
    with pytest.raises(InputError, match="choose within"):
        Faults(**values)


def request_of(root: Path, rig: str) -> DatasetRequest:
    return DatasetRequest(root / rig, "test", 1, 1, 0, rigs=(rig,), faults=Faults(True, 0.5, 0.05, 0.02))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """One scene of each rig, with all errors on."""
    root = tmp_path_factory.mktemp("rigs")
    for rig in rig_names():
        write_dataset(request_of(root, rig))
    return root


@pytest.mark.parametrize("rig", rig_names())
def test_lenses_and_further_cameras_are_written_and_read_back(written, rig):
    sequence = written / rig / "test/sequences/00"
    record = json.loads((sequence / "scene.json").read_text())
    assert record["sensors"]["rolling_shutter"] and record["request"]["faults"]["degrees"] == 0.5
    scene = build_scene(request_of(written, rig).scene(0))
    assert (sequence / "camera_2.yaml").exists() == (rig in ("city128", "shuttle16"))
    for i, calibration in enumerate(scene.rig.calibrations, 2):
        read = SemanticKitti(written / rig / "test", camera=f"image_{i}")[0]
        assert read.views[0].image.shape == (calibration.lens.height, calibration.lens.width, 3)
        assert np.allclose(read.views[0].calibration.T_camera_lidar, calibration.T_camera_lidar, atol=1e-9)
        (ours, _), (theirs, _) = calibration.project(read.points), read.views[0].calibration.project(read.points)
        assert np.allclose(ours, theirs, atol=1e-6, equal_nan=True)
    main = next(frames(written / rig / "test"))
    assert main.views[0].calibration.lens.model == scene.rig.calibration.lens.model


@pytest.mark.parametrize("rig", rig_names())
def test_the_same_seed_gives_the_same_bytes_in_another_process(written, tmp_path, rig):
    command = [sys.executable, "-m", "simulation", "dataset", "--out", str(tmp_path), "--split", "test", "--rig", rig]
    command += ["--scenes", "1", "--frames", "1", "--rolling-shutter", "--extrinsic-degrees", "0.5"]
    command += ["--extrinsic-metres", "0.05", "--time-offset", "20"]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    ours, theirs = written / rig / "test", tmp_path / "test"
    files = sorted(p.relative_to(ours) for p in ours.rglob("*") if p.is_file())
    assert files == sorted(p.relative_to(theirs) for p in theirs.rglob("*") if p.is_file())
    assert len(files) >= 6
    for name in files:
        assert (ours / name).read_bytes() == (theirs / name).read_bytes(), name
