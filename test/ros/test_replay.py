"""A recording through the node over the real middleware: every cloud accounted for, every row back, truth measured."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from rig_messages import HEIGHT, WIDTH, rays, scene
from rosbags.highlevel import AnyReader
from rosbags.typesys import Stores, get_typestore
from sklearn.metrics import average_precision_score, roc_auc_score
from small_recordings import labelled_scene, write_recording

from fm_ood_ros.ros.outputs import TOPICS

ROOT = Path(__file__).parents[2]
CLOUDS = 12


def replay(*options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fm_ood_ros.ros.replay", *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Path) -> tuple[Path, dict[str, Any], str]:
    """Result folder, results and printed text of a labelled recording in which one cloud is empty."""
    folder = tmp_path_factory.mktemp("replay")
    rows = [labelled_scene() for _ in range(CLOUDS)]
    rows[5] = rows[5][:0]
    bag = write_recording(folder / "bag", rows)
    done = replay("--bag", bag, "--model", tiny_bundle, "--out", folder / "out", "--pictures", 2)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "out", json.loads((folder / "out" / "results.json").read_text()), done.stdout


def test_every_cloud_is_accounted_for(played: tuple[Path, dict[str, Any], str]):
    _, results, said = played
    assert results["clouds"] == {
        "clouds_sent": CLOUDS,
        "clouds_judged": CLOUDS - 1,
        "clouds_dropped": {"empty_cloud": 1},
        "clouds_unexplained": 0,
        "clouds_with_rows_lost": 0,
    }
    assert "12 in, 11 judged, dropped: 1 empty_cloud, 0 unexplained" in said


def test_rows_come_back_and_those_in_view_are_judged(played: tuple[Path, dict[str, Any], str]):
    points = len(scene())
    _, results, _ = played
    assert results["points"] == {
        "in": (CLOUDS - 1) * points,
        "out": (CLOUDS - 1) * points,
        "judged": (CLOUDS - 1) * (points - 10),
    }


def test_metrics_are_those_of_the_verdicts_that_the_model_must_give(played: tuple[Path, dict[str, Any], str]):
    rows = labelled_scene()[:-10]
    red = np.linspace(0, 255, WIDTH).round()[rays()[0]]
    unknown = rows["label"] == 99
    truth = played[1]["truth"]
    assert truth["miou"] == 1.0
    assert truth["auroc"] == pytest.approx(roc_auc_score(unknown, red), abs=0.02)
    assert truth["aupr"] == pytest.approx(average_precision_score(unknown, red), abs=0.05)
    assert truth["unknown"] == (CLOUDS - 1) * unknown.sum()


def test_latency_is_reported_for_every_stage(played: tuple[Path, dict[str, Any], str]):
    _, results, said = played
    assert {"wait_image", "decode", "project", "infer", "lift", "publish", "total"} <= set(results["stages_ms"])
    assert 0 < results["latency_ms"]["p50"] <= results["latency_ms"]["p95"] <= results["latency_ms"]["max"]
    assert "cloud in to cloud out" in said


def test_the_annotated_recording_holds_all_outputs_on_the_recordings_time_line(
    played: tuple[Path, dict[str, Any], str],
):
    folder, _, _ = played
    with AnyReader([folder / "annotated"], default_typestore=get_typestore(Stores.ROS2_JAZZY)) as reader:
        counts = {c.topic: c.msgcount for c in reader.connections}
        assert reader.duration < 3e9
    assert {f"/ood_segmentation/output/{name}": CLOUDS - 1 for name in TOPICS}.items() <= counts.items()
    assert counts["/cam/image_raw"] == CLOUDS
    assert counts["/tf_static"] == 1


def test_pictures_show_image_class_score_and_truth(played: tuple[Path, dict[str, Any], str]):
    folder, _, _ = played
    pictures = sorted(folder.glob("overlay_*.png"))
    assert len(pictures) == 2
    picture = cv2.imread(str(pictures[0]))
    assert picture.shape[0] > 4 * HEIGHT and picture.shape[1] == WIDTH
    predicted, truth = (picture[n * HEIGHT : (n + 1) * HEIGHT] for n in (1, 3))
    assert (predicted == (0, 255, 0)).all(-1).any() and (truth == (0, 0, 255)).all(-1).any()


def test_without_labels_metrics_are_left_out(tmp_path: Path, tiny_bundle: Path):
    bag = write_recording(tmp_path / "bag", [scene()] * 3)
    done = replay("--bag", bag, "--model", tiny_bundle, "--out", tmp_path / "out", "--rate", 2)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((tmp_path / "out" / "results.json").read_text())["truth"] is None
    assert "no ground truth" in done.stdout


def test_a_recording_in_which_nothing_can_be_judged_fails_and_says_why(tmp_path: Path, tiny_bundle: Path):
    bag = write_recording(tmp_path / "bag", [scene()], image_delay=70)
    done = replay("--bag", bag, "--model", tiny_bundle, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "1 no_image_in_tolerance, 0 unexplained" in done.stdout


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"with_info": False}, "no camera_info for /cam/image_raw; give a calibration with --calibration"),
        ({"with_transforms": False}, "/tf_static joins no frames, expected a way from 'lidar' to 'camera'"),
    ],
)
def test_a_recording_without_calibration_is_refused(
    tmp_path: Path, tiny_bundle: Path, changes: dict[str, bool], complaint: str
):
    bag = write_recording(tmp_path / "bag", [scene()], **changes)
    done = replay("--bag", bag, "--model", tiny_bundle, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert complaint in done.stderr
    assert not (tmp_path / "out").exists()


def test_impossible_requests_are_refused_in_one_sentence(tmp_path: Path, tiny_bundle: Path):
    bag = write_recording(tmp_path / "bag", [scene()])
    (tmp_path / "taken").mkdir()
    (tmp_path / "text.mcap").write_text("no recording")
    for options, complaint in (
        (("--bag", tmp_path / "none"), "does not exist"),
        (("--bag", tmp_path / "text.mcap"), "cannot be read as a ROS 2 bag"),
        (("--bag", bag, "--points", "/other"), "expected '/other' of sensor_msgs/msg/PointCloud2"),
        (("--bag", bag, "--out", tmp_path / "taken"), "exists already"),
        (("--bag", bag, "--rate", "0"), "rate"),
        (("--bag", bag, "--model", tmp_path), "manifest.json cannot be read"),
    ):
        done = replay("--model", tiny_bundle, *options)
        assert done.returncode == 2, (options, done.stdout, done.stderr)
        assert complaint in done.stderr and "Traceback" not in done.stderr
