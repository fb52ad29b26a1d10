"""CARLA frames in made-up folders: semantic LiDAR points, plain ones with label files, and what is wrong with them."""

import json

import cv2
import numpy as np
import pytest
import yaml

from fm_ood_ros.errors import CalibrationError, InputError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.calibration_files import write_calibration
from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.model.label_sets import LabelSet
from training.config import DataConfig
from training.data.opening import kind_of, open_frames
from training.data.readers.carla_layout import CarlaLayout
from training.data.readers.pcd import decompress_lzf, read_pcd

SEMANTIC = np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("cos", "<f4"), ("object", "<u4"), ("tag", "<u4")])
TO_OPTICAL = np.array([[0.0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1]])
SEMANTIC_LAYOUT = {
    "image": "*/image/*.png", "cloud": "*/points/*.bin", "calibration": "calibration.yaml", "left_handed": True,
    "fields": {name: SEMANTIC[name].str for name in SEMANTIC.names}, "intensity": None, "labels": {"field": "tag"},
}  # fmt: skip


def write(root, layout):
    """Two sequences of two frames; a point at (5, 1, 0) of tag 14 and one at (5, -1, 0) of tag 22, left-handed."""
    rows = np.array([(5, 1, 0, 0.5, 70_001, 14), (5, -1, 0, 0.5, 3, 22)], SEMANTIC)
    for sequence in ("rain", "sun"):
        for part in ("image", "points"):
            (root / sequence / part).mkdir(parents=True)
        for number in ("1", "2"):
            rows.tofile(root / sequence / "points" / f"{number}.bin")
            cv2.imwrite(str(root / sequence / "image" / f"{number}.png"), np.zeros((60, 80, 3), np.uint8))
    K = np.array([[40.0, 0, 40], [0, 40, 30], [0, 0, 1]])
    write_calibration(root / "calibration.yaml", Calibration(Lens(K, 80, 60), TO_OPTICAL))
    (root / "layout.yaml").write_text(yaml.safe_dump(layout, sort_keys=False), encoding="utf-8")
    return root


@pytest.fixture
def root(tmp_path):
    return write(tmp_path / "carla", SEMANTIC_LAYOUT)


def test_semantic_lidar(root):
    frames = open_frames(root, DataConfig(), LabelSet.load("carla_ood"))
    assert kind_of(root) == "carla"
    assert [frames.name(i) for i in range(len(frames))] == ["rain/1", "rain/2", "sun/1", "sun/2"]
    frame = frames[0]
    assert frame.points.tolist() == [[5, -1, 0, 0], [5, 1, 0, 0]]
    assert frame.labels.tolist() == [14, 22]
    assert frames.facts(0).instance.tolist() == [70_001 & 0xFFFF, 3]
    assert frame.views[0].calibration.project(frame.points)[0][:, 0].tolist() == [48, 32]
    assert len(open_frames(root, DataConfig(), None, ["sun"])) == 2


def test_npy_clouds_with_label_files(root):
    layout = {**SEMANTIC_LAYOUT, "cloud": "*/points/*.npy", "fields": dict.fromkeys(("x", "y", "z", "reflect"), "<f4")}
    layout |= {"left_handed": False, "intensity": "reflect", "labels": {"points": "*/points/*.label", "mask": 255}}
    (root / "layout.yaml").write_text(yaml.safe_dump(layout, sort_keys=False), encoding="utf-8")
    for path in root.glob("*/points/*.bin"):
        np.save(path.with_suffix(".npy"), np.array([[5, 1, 0, 0.25]], np.float32))
        np.array([14 | 7 << 16], "<u4").tofile(path.with_suffix(".label"))
    frame = open_frames(root, DataConfig())[0]
    assert frame.points.tolist() == [[5, 1, 0, 0.25]]
    assert frame.labels.tolist() == [14]
    np.save(root / "rain/points/1.npy", np.array([{}], object), allow_pickle=True)
    with pytest.raises(InputError, match=r"1\.npy cannot be read as plain numbers"):
        open_frames(root, DataConfig())[0]


def test_what_is_wrong_is_named(root):
    frames = open_frames(root, DataConfig(), LabelSet.load("street"))
    with pytest.raises(InputError, match=r"rain/points/1\.bin: labels hold raw ids \[14, 22\]"):
        frames[0]
    with pytest.raises(InputError, match="has no 'fog', only rain, sun"):
        open_frames(root, DataConfig(), None, ["fog"])
    cv2.imwrite(str(root / "sun/image/1.png"), np.zeros((30, 80, 3), np.uint8))
    with pytest.raises(CalibrationError, match=r"calibration\.yaml is for images of 80x60, but they are 80x30"):
        frames[2]
    (root / "sun/points/2.bin").write_bytes(b"\0" * 25)
    with pytest.raises(InputError, match=r"sun/points/2\.bin holds 1 numbers"):
        frames[3]
    (root / "calibration.yaml").unlink()
    with pytest.raises(CalibrationError, match=r"calibration\.yaml cannot be read"):
        frames[0]
    (root / "rain/image/2.png").unlink()
    with pytest.raises(InputError, match=r"rain/points/2\.bin has no image of the same name"):
        open_frames(root, DataConfig())


def test_row_7_a_pose_that_is_no_rotation_is_refused_with_its_file(root):
    """As a quaternion that is not of length one makes it; what is rigid and left-handed still is turned."""
    layout = {**SEMANTIC_LAYOUT, "calibration": "calib.json", "K": "K", "T_camera_lidar": "T"}
    (root / "layout.yaml").write_text(yaml.safe_dump(layout, sort_keys=False), encoding="utf-8")
    T = TO_OPTICAL @ np.diag([1.0, -1, 1, 1])
    for scale, words in ((1.0, None), (2.0, r"calib\.json: T_camera_lidar is not a rotation")):
        T[:3, :3] *= scale
        facts = {"K": [40.0, 0, 40, 0, 40, 30, 0, 0, 1], "T": T.reshape(-1).tolist()}
        (root / "calib.json").write_text(json.dumps(facts), encoding="utf-8")
        frames = open_frames(root, DataConfig())
        if words is None:
            np.testing.assert_array_equal(frames[0].views[0].calibration.T_camera_lidar, TO_OPTICAL)
        else:
            with pytest.raises(CalibrationError, match=words):
                frames[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [({"labels": {}}, "expected one of field, points and pixels"), ({"lidar": "x"}, "unexpected keyword"),
     ({"labels": {"pixels": "*"}}, "need a palette")],
)  # fmt: skip
def test_broken_layouts_are_named(tmp_path, change, words):
    path = tmp_path / "layout.yaml"
    path.write_text(yaml.safe_dump({**SEMANTIC_LAYOUT, **change}), encoding="utf-8")
    with pytest.raises(InputError, match=rf"layout\.yaml is no layout.*{words}"):
        CarlaLayout.load(path)


def test_lzf_literals_and_references():
    assert decompress_lzf(bytes([2]) + b"abc" + bytes([1 << 5, 2]), 6) == b"abcabc"
    assert decompress_lzf(bytes([0]) + b"a" + bytes([7 << 5, 3, 0]), 13) == b"a" * 13, "a reference into itself"
    with pytest.raises(ValueError, match="before the data"):
        decompress_lzf(bytes([0]) + b"a" + bytes([1 << 5, 9]), 4)


def test_pcd_files(tmp_path):
    rows = np.array([(1, 2, 3, 9), (4, 5, 6, 8)], [("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("ring", "<u2")])
    head = b"# PCD\nVERSION 0.7\nFIELDS x y z ring\nSIZE 4 4 4 2\nTYPE F F F U\nCOUNT 1 1 1 1\nWIDTH 2\nHEIGHT 1\n"
    path = tmp_path / "a.pcd"
    path.write_bytes(head + b"POINTS 2\nDATA binary\n" + rows.tobytes())
    assert read_pcd(path).tolist() == rows.tolist()
    columns = b"".join(rows[name].tobytes() for name in rows.dtype.names)
    packed = bytes([len(columns) - 1]) + columns
    sizes = np.array([len(packed), len(columns)], "<u4").tobytes()
    path.write_bytes(head + b"POINTS 2\nDATA binary_compressed\n" + sizes + packed)
    assert read_pcd(path).tolist() == rows.tolist()
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(InputError, match=r"a\.pcd cannot be read"):
        read_pcd(path)
    path.write_bytes(head + b"POINTS 2\nDATA ascii\n1 2 3 9\n4 5 6 8\n")
    with pytest.raises(InputError, match="DATA is ascii"):
        read_pcd(path)
