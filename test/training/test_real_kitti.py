"""Real SemanticKITTI frames load, project and evaluate."""

from pathlib import Path

import numpy as np
import pytest
import torch

from fm_ood_ros.errors import CalibrationError, InputError
from fm_ood_ros.model.label_sets import LabelSet
from fm_ood_ros.rig import ALONE, Rig
from training.config import Config
from training.data.readers.semantic_kitti import SemanticKitti
from training.data.statistics import measure
from training.evaluate.evaluation import run_evaluation
from training.evaluate.model import NetworkEngine
from training.evaluate.subject import Subject
from training.models.compact import CompactFusion
from training.models.config import NetworkConfig

ROOT = Path(__file__).parents[3] / "shared" / "data" / "semantic_kitti"
pytestmark = pytest.mark.skipif(not ROOT.is_dir(), reason="needs real SemanticKITTI frames in ../shared/data")
LABELS = LabelSet.load("kitti_vehicles_ood")
SPEC = Config().input_spec()


@pytest.fixture(scope="module")
def frames():
    return SemanticKitti(ROOT, ["00"], LABELS, labels="labels_nn")


def test_frames_load(frames):
    frame = frames[3]
    assert len(frames) == 6
    assert frame.views[0].image.shape[2] == 3
    assert len(frame.points) > 100_000


def test_the_projection_is_true(frames):
    """Where range jumps from a near to a far surface, the image has an edge more often than elsewhere."""
    frame = frames[0]
    (sight,) = Rig(SPEC, ALONE).see(frame)
    image, depth = sight.image.astype(float)[..., 0], sight.lidar[0]
    both = (depth[:, 1:] > 0) & (depth[:, :-1] > 0)
    jump = both & (np.abs(np.diff(np.log(np.maximum(depth, 0.1)), axis=1)) > 0.3)
    contrast = np.abs(np.diff(image, axis=1))
    assert both.sum() > 5000
    assert contrast[jump].mean() > 1.5 * contrast[both & ~jump].mean()


def test_frames_evaluate(frames):
    config = NetworkConfig((160, 640), (8, 8, 8, 8), (1, 1, 1), features=8, hidden=8)
    facts = measure(frames, LABELS, SPEC, at_most=2)
    assert -20 < facts.elevation[0] < -12 and 0 < facts.elevation[1] < 5
    torch.manual_seed(0)
    network = CompactFusion(14, config, (facts.image_mean, facts.image_std), (facts.lidar_mean, facts.lidar_std))
    subject = Subject(NetworkEngine(network), LABELS, SPEC)
    result = run_evaluation(subject, frames, at_most=2).result()
    assert result["frames"] == 2
    assert result["points_in_view"] > 30_000
    assert result["not_judged_share"] < 0.1  # leaves and fences hide much from the camera
    assert result["unknown"] > 1000, "cars are unknown in this label set"
    assert all(0 < s["auroc"] < 1 for s in result["alone"]["scores"].values())


def test_a_sequence_without_image_or_calibration_is_named():
    official = SemanticKitti(ROOT, ["08"], LABELS)
    with pytest.raises((InputError, CalibrationError), match="sequences/08 has none of"):
        official[0]


def test_official_labels_have_instances_and_moving_classes():
    raw = np.fromfile(next((ROOT / "sequences/08/labels").glob("*.label")), "<u4")
    ids = LABELS.train_ids((raw & 0xFFFF).astype(np.uint16))
    assert (raw >> 16).any()
    assert {254, 255} < set(ids.tolist())
