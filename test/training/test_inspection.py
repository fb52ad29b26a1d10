"""The inspection of a data set: its numbers, its pictures, and that it shows what is wrong."""

import json

import cv2
import numpy as np
import pytest
from kitti_layout import CAR, ROAD, UNKNOWN, WALL, make_kitti

from fm_ood_ros.model.label_sets import LabelSet
from training.__main__ import main
from training.data.inspection import Survey, edge_alignment
from training.data.readers.semantic_kitti import SemanticKitti

STREET = LabelSet.load("street")


def survey(frames, label_set, at_most):
    counted = Survey(label_set)
    for i in range(min(at_most, len(frames))):
        counted.add(frames[i])
    return counted


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return make_kitti(tmp_path_factory.mktemp("kitti"), {"00": 3}, unknown=True)


def test_shares_are_those_of_the_points(root):
    result = survey(SemanticKitti(root), STREET, at_most=10).result()
    frames = [SemanticKitti(root)[i] for i in range(3)]
    labels = np.concatenate([f.labels for f in frames])
    assert result["points"] == len(labels)
    for name, raw in (("road", ROAD), ("building", WALL), ("car", CAR)):
        assert result["classes"][name] == pytest.approx((labels == raw).mean())
    assert result["unknown_share"] == pytest.approx((labels == UNKNOWN).mean())
    assert result["ignored_share"] == 0
    assert 0.1 < result["in_view_share"] < 0.5
    distance = np.concatenate([np.linalg.norm(f.points[:, :3], axis=1) for f in frames])
    assert result["range"]["p50"] == pytest.approx(np.median(distance), rel=0.1)


def test_ids_that_the_label_set_lacks_are_counted(root, tmp_path):
    result = survey(SemanticKitti(root), LabelSet.load("carla_ood"), at_most=1).result()
    labels = SemanticKitti(root)[0].labels
    assert result["unlisted"] == {i: int((labels == i).sum()) for i in (ROAD, WALL, UNKNOWN)}


def test_a_wrong_calibration_shows_in_the_edges(root, tmp_path):
    right = survey(SemanticKitti(root), STREET, at_most=3).result()["edge_alignment"]
    turned = make_kitti(tmp_path / "kitti", {"00": 3}, unknown=True)
    path = turned / "sequences/00/calib.txt"
    lines = dict(line.split(": ") for line in path.read_text().splitlines())
    Tr = np.array(lines["Tr"].split(), float).reshape(3, 4)
    c, s = np.cos(0.2), np.sin(0.2)
    Tr = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]) @ Tr
    path.write_text(f"P2: {lines['P2']}\nTr: {' '.join(map(str, Tr.ravel()))}\n")
    wrong = survey(SemanticKitti(turned), STREET, at_most=3).result()["edge_alignment"]
    assert right > 2 * wrong
    assert np.isnan(edge_alignment(np.zeros((4, 4, 3), np.uint8), np.ones((4, 4), np.float32)))


def test_the_command_prints_and_draws(root, tmp_path, capsys):
    out = tmp_path / "look"
    options = ["--label-set", "street", "--pictures", "2", "--out", str(out)]
    assert main(["inspect", "--data", str(root), *options]) == 0
    text = capsys.readouterr().out
    assert "3 of 3 frames" in text
    assert "car" in text
    pictures = sorted(out.glob("*.png"))
    assert [p.name for p in pictures] == ["00_000000.png", "00_000002.png"]
    image = cv2.imread(str(pictures[0]))
    assert image.shape[1] == 320
    below = image[96:192].reshape(-1, 3)[:, ::-1]
    car = next(c.color for c in STREET.classes if c.name == "car")
    for colour in (car, (255, 0, 0)):
        assert (below == colour).all(1).sum() > 20, "cars in their colour, unknown objects in red"
    written = json.loads((out / "inspection.json").read_text(encoding="utf-8"))
    assert (written["kind"], written["label_set"]) == ("semantic_kitti", "street")


def test_a_wrong_label_set_is_said(root, tmp_path, capsys):
    options = ["--label-set", "carla_ood", "--pictures", "0", "--out", str(tmp_path / "look")]
    assert main(["inspect", "--data", str(root), *options]) == 0
    assert "does not list: 40 (" in capsys.readouterr().out
    assert main(["inspect", "--data", str(tmp_path), *options]) == 1
