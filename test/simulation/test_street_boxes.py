"""Boxes and points of one object belong together, and an object on file was seen."""

from __future__ import annotations

import json

import numpy as np
import pytest

from simulation.audit.boxes import Box, boxes
from simulation.output.dataset import DatasetRequest, write_dataset
from simulation.output.reading import read_raw_labels
from simulation.output.recording import Recording
from simulation.unknown import OTHER_OBJECT, TEST_KINDS
from simulation.world.scene import SceneRequest

NOISE = 0.12  # metres: five standard deviations of the range


def outside(box: Box, points: np.ndarray) -> np.ndarray:
    """Metres by which points [N,2] in the world lie outside a box's rectangle, 0 within."""
    own, corners = points @ box.axes.T, box.corners @ box.axes.T
    return np.maximum(np.maximum(corners.min(0) - own, own - corners.max(0)), 0).max(1)


@pytest.mark.parametrize("seed", range(6))
def test_a_box_contains_the_points_of_its_object(seed):
    with Recording(SceneRequest((55, seed), TEST_KINDS, "clear", "kitti")) as recording:
        _, scan = recording.frame(0.5)
        scene = recording.scene
        lidar = scene.at(0.5) @ scene.rig.T_base_lidar
        found = {b.placed.instance: b for b in boxes(scene) if b.placed.instance}
        standing = {u.instance for u in scene.unknowns if u.posture == "standing"}
    world = scan.points[:, :3] @ lidar[:3, :3].T + lidar[:3, 3]
    unknown = scan.label == OTHER_OBJECT
    seen = set(np.unique(scan.instance[unknown]).tolist())
    assert seen <= set(found)
    for instance in seen & standing:
        points = world[unknown & (scan.instance == instance)]
        assert outside(found[instance], points[:, :2]).max() < NOISE


def test_every_object_on_file_was_seen_and_has_its_points(tmp_path):
    """In the second scene of this seed a bathtub stands where no ray reaches it."""
    write_dataset(DatasetRequest(tmp_path, "test", scenes=2, frames=2, seed=34))
    listed = 0
    for scene in sorted((tmp_path / "test" / "sequences").iterdir()):
        counted = np.zeros(100, int)
        for cloud in sorted((scene / "velodyne").glob("*.bin")):
            label, instance = read_raw_labels(cloud)
            counted += np.bincount(instance[label == OTHER_OBJECT], minlength=100)
        record = json.loads((scene / "scene.json").read_text())["unknown_objects"]
        assert {u["instance"]: u["points"] for u in record} == {i: n for i, n in enumerate(counted.tolist()) if n}
        listed += len(record)
    assert listed >= 2
