"""Rigs: beams as the manuals have them, lenses there and back, impossible files refused by key."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.distortion import MODELS
from simulation.sensors.camera_model import CameraModel
from simulation.sensors.lens import lens_of, undistort
from simulation.sensors.rig_files import read_rigs
from simulation.sensors.rigs import load_rig, rig_names

TABLES = {  # beams, lowest and highest elevation, smallest and largest step, degrees
    "kitti": (64, -24.33, 2.0, 10.33 / 31, 0.5), "nuscenes": (32, -25.0, 15.0, 0.333, 9.361),
    "city128": (128, -22.5, 22.5, 45 / 127, 45 / 127), "shuttle16": (16, -15.0, 15.0, 2.0, 2.0),
}  # fmt: skip
LENSES = {
    "plumb_bob": [-0.36, 0.19, 0.001, 0.0006, -0.06],
    "rational_polynomial": [0.5, 0.02, 0.0003, -0.0002, 0.001, 0.85, 0.1, 0.004],
    "equidistant": [-0.012, 0.004, -0.002, 0.0],
}
RIG = {
    "mine": {
        "cameras": [{"width": 320, "height": 160, "focal": 180.0, "at": [0.2, 0.0, 1.5]}],
        "lidar": {
            "height": 1.7, "rate": 10.0, "azimuth_step": 1.0, "range": 60.0, "range_noise": 0.02,
            "elevation": [5.0, 2.0, [0.0, -20.0, 11]],
        },
    }
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_beams_are_those_of_the_manual(name):
    count, low, high, least, most = TABLES[name]
    beams = np.rad2deg(load_rig(name).beams)
    assert len(beams) == count
    assert np.allclose([beams[-1], beams[0]], [low, high])
    assert np.allclose([-np.diff(beams).max(), -np.diff(beams).min()], [least, most], atol=1e-9)


@pytest.mark.parametrize("name", TABLES)
def test_left_is_left_and_up_is_up(name):
    rig = load_rig(name)
    ahead = np.array([[10.0, 0, 0, 0], [10, 1, 0, 0], [10, 0, 1, 0]], np.float32)
    uv, depth = rig.calibration.project(ahead)
    assert depth[0] == pytest.approx(10 - rig.T_base_camera[0, 3], abs=1e-6)
    assert uv[1, 0] < uv[0, 0] and uv[2, 1] < uv[0, 1]


def test_side_cameras_look_aside():
    _, left, right = load_rig("city128").calibrations
    points = np.float32([[10, 14, 0, 0], [10, -14, 0, 0]])
    (u_left, _), (_, u_right) = left.project(points)[0][:, 0], right.project(points)[0][:, 0]
    assert 200 < u_left < 440 and 200 < u_right < 440


@pytest.mark.parametrize("name", LENSES)
def test_a_lens_there_and_back(name):
    d, (v, u) = np.array(LENSES[name]), np.mgrid[:64, :200]
    xd, yd = (u - 100) / 130.0, (v - 31) / 130.0
    x, y = undistort(xd, yd, name, d)
    back = MODELS[name](x, y, d)
    assert np.hypot(x, y).max() > np.hypot(xd, yd).max() * 1.05, "the lens bends at all"
    assert np.allclose(back[0], xd, atol=1e-7) and np.allclose(back[1], yd, atol=1e-7)


@pytest.mark.parametrize("name", LENSES)
def test_a_raw_image_shows_a_ray_where_the_calibration_projects_it(name):
    """A picture whose colours are its own pixel coordinates, bent by the lens, read at the projected pixel."""
    K = np.array([[300.0, 0, 159], [0, 300, 79], [0, 0, 1]])
    camera = CameraModel(320, 160, K, np.eye(4), name, np.array(LENSES[name]))
    lens = lens_of(camera)
    v, u = np.mgrid[: lens.height, : lens.width].astype(np.uint16)
    raw_u, raw_v = lens.bend(u, nearest=True), lens.bend(v, nearest=True)
    rng = np.random.default_rng(0)
    rays = np.c_[rng.uniform(-0.5, 0.5, 300), rng.uniform(-0.25, 0.25, 300), np.ones(300)]
    rays *= rng.uniform(2, 50, (300, 1))
    uv, _ = camera.calibration(np.eye(4)).project(rays)
    inside = ((uv >= 0) & (uv <= [319, 159])).all(1)
    column, row = np.rint(uv[inside]).astype(int).T
    flat = rays[inside] @ lens.K.T
    flat = flat[:, :2] / flat[:, 2:]
    assert inside.sum() > 200
    assert np.abs(raw_u[row, column] - flat[:, 0]).max() < 2 and np.abs(raw_v[row, column] - flat[:, 1]).max() < 2


def test_every_vehicle_is_mounted_a_little_differently():
    a, b = (load_rig("kitti", np.random.default_rng(i)).T_base_camera for i in range(2))
    assert 0 < np.abs(a - b).max() < 0.2


def write(folder: Path, rigs) -> str:
    path = folder / "rig.yaml"
    path.write_text(yaml.safe_dump(rigs), encoding="utf-8")
    return str(path)


def test_a_rig_of_ones_own(tmp_path):
    rig = load_rig(write(tmp_path, RIG))
    assert (rig.name, rig.width, len(rig.columns)) == ("mine", 320, 180)
    assert np.allclose(np.rad2deg(rig.beams), [5, 2, 0, -2, -4, -6, -8, -10, -12, -14, -16, -18, -20])


FAULTY = [
    (("cameras",), [], "mine.cameras", "one to eight"), (("cameras", 0, "focal"), -3, r"\[0\].focal is -3", "positive"),
    (("cameras", 0, "width"), 1.5, r"\[0\].width is 1.5", "whole pixels"),
    (("cameras", 0, "at"), [0, 0], r"\[0\].at is \[0, 0\]", "x, y, z"),
    (("cameras", 0, "lens"), "wide", r"\[0\].lens is 'wide'", "only the keys"),
    (("cameras", 0, "distortion_model"), "fov", "distortion_model is 'fov'", "equidistant"),
    (("cameras", 0, "distortion_model"), ["fov"], "distortion_model is", "equidistant"),
    (("cameras", 0, "distortion"), [1, 2, 3], r"distortion is \[1, 2, 3\]", "4, 5"),
    (("lidar", "range"), None, "mine.lidar.range is None", "metres"),
    (("lidar", "rate"), "fast", "rate is 'fast'", "per second"),
    (("lidar", "elevation"), [], r"elevation is \[\]", "a list of angles"),
    (("lidar", "elevation"), [2.0, 3.0], "2.0 before 3.0", "sort them top down"),
    (("lidar", "elevation"), [2.0, [2.0, -5.0, 4]], "2.0 before 2.0", "sort them top down"),
    (("lidar", "elevation"), [95.0, 0.0], r"elevation is \[95.0, 0.0\]", "within 89"),
    (("lidar", "height"), float("nan"), "height is nan", "metres"), (("lidar",), 3, "mine.lidar is 3", "a mapping"),
]  # fmt: skip


@pytest.mark.parametrize(("where", "value", "found", "expected"), FAULTY)
def test_impossible_rigs_are_refused_by_key(tmp_path, where, value, found, expected):
    rigs = yaml.safe_load(yaml.safe_dump(RIG))
    part = rigs["mine"]
    for key in where[:-1]:
        part = part[key]
    part[where[-1]] = value
    with pytest.raises(InputError, match=found) as error:
        load_rig(write(tmp_path, rigs))
    assert expected in str(error.value) and "rig.yaml" in str(error.value)


def test_missing_keys_files_and_names_are_refused(tmp_path):
    rigs = yaml.safe_load(yaml.safe_dump(RIG))
    del rigs["mine"]["lidar"]["range"]
    with pytest.raises(InputError, match=r"mine.lidar.range is None.*add the key"):
        load_rig(write(tmp_path, rigs))
    with pytest.raises(InputError, match="expected one; give each rig a file"):
        load_rig(write(tmp_path, {**RIG, "other": RIG["mine"]}))
    with pytest.raises(InputError, match="cannot be read as YAML"):
        load_rig(str(tmp_path / "absent.yaml"))
    (tmp_path / "list.yaml").write_text("[1, 2]")
    with pytest.raises(InputError, match="lay it out as"):
        read_rigs(tmp_path / "list.yaml")
    assert rig_names() == sorted([*TABLES, "varied", "varied_wide"])
    with pytest.raises(InputError, match="choose one of these"):
        load_rig("sonar")


@pytest.mark.parametrize(
    ("model", "distortion", "focal"), [("plumb_bob", [-0.5, 0, 0, 0], 100.0), ("equidistant", [0.0] * 4, 100.0)]
)
def test_lenses_that_fold_or_see_too_wide_are_refused(tmp_path, model, distortion, focal):
    rigs = yaml.safe_load(yaml.safe_dump(RIG))
    rigs["mine"]["cameras"][0] |= {"distortion_model": model, "distortion": distortion, "focal": focal}
    with pytest.raises(InputError, match=r"rig.yaml: mine.cameras\[0\]: .*give a longer focal length"):
        load_rig(write(tmp_path, rigs))
