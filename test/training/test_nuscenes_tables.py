"""nuScenes' tables: read in pieces, the official split, and errors that name the table."""

import json

import cv2
import numpy as np
import pytest

from fm_ood_ros.errors import CalibrationError, InputError
from fm_ood_ros.model.label_sets import LabelSet
from training.data.readers import nuscenes_tables
from training.data.readers.nuscenes import LIDAR, NuScenes
from training.data.readers.nuscenes_tables import records, table
from training.data.readers.poses import rigid


@pytest.mark.parametrize("chunk", [3, 17, 1 << 20])
def test_records_in_pieces_of_any_size(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(nuscenes_tables, "CHUNK", chunk)
    rows = [{"token": str(i), "text": 'a, ] "b" [', "list": [i, {"deep": i}]} for i in range(5)]
    for indent in (None, 0, 2):
        path = tmp_path / "a.json"
        path.write_text(json.dumps(rows, indent=indent), encoding="utf-8")
        assert list(records(path)) == rows
    assert list(table(path, lambda r: r["token"] > "2")) == ["3", "4"]


def test_broken_tables_are_named(tmp_path):
    path = tmp_path / "sample.json"
    path.write_text('[{"token": "a"}, {"tok', encoding="utf-8")
    with pytest.raises(InputError, match=r"sample\.json breaks off at '\{\"tok'"):
        list(records(path))
    path.write_text('[{"name": "a"}]', encoding="utf-8")
    with pytest.raises(InputError, match=r"sample\.json has a record without 'token'"):
        table(path)
    with pytest.raises(InputError, match=r"scene\.json cannot be read"):
        table(tmp_path / "scene.json")


def make_tables(root, scenes=("scene-0103", "scene-0001"), **changes):
    still = {"rotation": [1, 0, 0, 0], "translation": [0, 0, 0]}
    K = [[10, 0, 8], [0, 10, 4], [0, 0, 1]]
    tables = {
        "sensor": [{"token": c, "channel": c} for c in (LIDAR, "CAM_BACK")],
        "calibrated_sensor": [
            {"token": c, "sensor_token": c, "camera_intrinsic": K, **still} for c in (LIDAR, "CAM_BACK")
        ],
        "scene": [{"token": s, "name": s} for s in scenes],
        "sample": [{"token": s, "scene_token": s, "timestamp": 1} for s in scenes],
        "sample_data": [
            {"token": s + c, "sample_token": s, "ego_pose_token": "p", "calibrated_sensor_token": c, "timestamp": 1,
             "filename": f"{c}.bin", "is_key_frame": True, "width": 16, "height": 8}
            for s in scenes for c in (LIDAR, "CAM_BACK")
        ],
        "ego_pose": [{"token": "p", **still}],
        "lidarseg": [],
    } | changes  # fmt: skip
    (root / "v1.0-mini").mkdir()
    for name, rows in tables.items():
        (root / "v1.0-mini" / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
    return root


def test_the_official_split(tmp_path):
    root = make_tables(tmp_path)
    names = {k: NuScenes(root, k, camera="CAM_BACK").name(0) for k in (("train",), ("val",))}
    assert names == {("train",): "scene-0001/1/CAM_BACK", ("val",): "scene-0103/1/CAM_BACK"}
    assert len(NuScenes(root, ["train", "val"], camera="CAM_BACK")) == 2


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(InputError, match=r"expected one v1\.0-"):
        NuScenes(tmp_path)
    root = make_tables(tmp_path, ego_pose=[])
    with pytest.raises(InputError, match=r"tables in .* refer to 'CAM_FRONT'"):
        NuScenes(root)
    frames = NuScenes(root, camera="CAM_BACK")
    with pytest.raises(InputError, match=r"LIDAR_TOP\.bin cannot be read"):
        frames[0]
    np.zeros((3, 5), "<f4").tofile(root / "LIDAR_TOP.bin")
    with pytest.raises(InputError, match=r"CAM_BACK\.bin cannot be read as an image"):
        frames[0]
    with pytest.raises(InputError, match="camera is 'CAM_UP'"):
        NuScenes(root, camera="CAM_UP")
    with pytest.raises(InputError, match=r"scene\.json has no 'scene-0007'"):
        NuScenes(root, ["scene-0007"])


def test_images_and_labels_that_do_not_fit_are_named(tmp_path):
    labels = [{"token": "l", "sample_data_token": "scene-0001" + LIDAR, "filename": "labels.bin"}]
    frames = NuScenes(make_tables(tmp_path, lidarseg=labels), None, LabelSet.load("nuscenes_real"), "CAM_BACK")
    np.ones((3, 5), "<f4").tofile(tmp_path / "LIDAR_TOP.bin")
    picture = tmp_path / "CAM_BACK.bin"
    picture.write_bytes(cv2.imencode(".png", np.zeros((9, 16, 3), np.uint8))[1])
    with pytest.raises(InputError, match=r"CAM_BACK\.bin is 16x9, expected 16x8"):
        frames[0]
    picture.write_bytes(cv2.imencode(".png", np.zeros((8, 16, 3), np.uint8))[1])
    np.array([24, 24], np.uint8).tofile(tmp_path / "labels.bin")
    with pytest.raises(InputError, match=r"labels\.bin has 2 labels for 3 points"):
        frames[0]
    np.array([24, 17, 99], np.uint8).tofile(tmp_path / "labels.bin")
    with pytest.raises(InputError, match=r"labels\.bin: labels hold raw ids \[99\]"):
        frames[0]
    np.array([24, 17, 9], np.uint8).tofile(tmp_path / "labels.bin")
    assert frames[0].labels.tolist() == [24, 17, 9]
    with pytest.raises(InputError, match=r"lidarseg\.json has no labels of LIDAR_TOP\.bin"):
        frames[1]


def test_quaternions_turn_as_they_should():
    quarter = rigid([np.sqrt(0.5), 0, 0, np.sqrt(0.5)], [1, 2, 3])
    np.testing.assert_allclose(quarter @ [1, 0, 0, 1], [1, 3, 3, 1], atol=1e-12)


@pytest.mark.parametrize("rotation", [[2, 0, 0, 0], [0, 0, 0, 0], [90, 0, 0, 0]])
@pytest.mark.parametrize("wrong", ["calibrated_sensor", "ego_pose"])
def test_row_7_a_quaternion_that_is_not_of_length_one_is_refused_not_normalised(tmp_path, wrong, rotation):
    pose = {"rotation": rotation, "translation": [0, 0, 0]}
    K = [[10, 0, 8], [0, 10, 4], [0, 0, 1]]
    rows = {
        "calibrated_sensor": [
            {"token": c, "sensor_token": c, "camera_intrinsic": K, **pose} for c in (LIDAR, "CAM_BACK")
        ],
        "ego_pose": [{"token": "p", **pose}],
    }
    make_tables(tmp_path, **{wrong: rows[wrong]})
    with pytest.raises(CalibrationError, match=r"v1\.0-mini: CAM_BACK\.bin: quaternion is .* length one"):
        NuScenes(tmp_path, camera="CAM_BACK").extrinsics(0)
