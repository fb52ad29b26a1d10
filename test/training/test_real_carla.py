"""Real CARLA frames with a semantic camera load, turn right-handed and take their labels from the pixels."""

from pathlib import Path

import numpy as np
import pytest

from fm_ood_ros.model.label_sets import LabelSet
from training.config import DataConfig
from training.data.opening import open_frames
from training.data.readers import carla

ROOT = Path(__file__).parents[3] / "shared" / "data" / "carla"
pytestmark = pytest.mark.skipif(not ROOT.is_dir(), reason="needs real CARLA frames in ../shared/data")
LAYOUT = Path(carla.__file__).parent / "layouts" / "semantic_camera.yaml"
ROAD, BUILDING, CAR, SIDEWALK = 1, 3, 14, 2


@pytest.fixture(scope="module")
def frames():
    return open_frames(ROOT, DataConfig(layout=str(LAYOUT)), LabelSet.load("carla_ood"))


def test_frames_load(frames):
    assert [frames.name(i) for i in range(3)] == ["Frame_1953", "Frame_1957", "Frame_1961"]
    frame = frames[0]
    assert frame.points.shape == (337545, 4)
    assert frame.views[0].image.shape == (720, 1280, 3)
    assert np.linalg.det(frame.views[0].calibration.T_camera_lidar[:3, :3]) == pytest.approx(1)


def test_labels_are_where_such_things_stand(frames):
    frame = frames[0]
    height = {i: frame.points[frame.labels == i, 2] for i in (ROAD, BUILDING, CAR, SIDEWALK)}
    assert all(len(z) > 300 for z in height.values()), {i: len(z) for i, z in height.items()}
    assert abs(np.median(height[ROAD]) + 3.0) < 0.3, "the LiDAR is 3 m above the road"
    assert np.median(height[CAR]) > np.median(height[ROAD]) + 0.3
    assert np.percentile(height[BUILDING], 90) > 0


def test_the_side_is_right(frames):
    """Points that the left half of the image shows lie to the left, y > 0, once the axes are right-handed."""
    frame = frames[0]
    uv, _ = frame.views[0].calibration.project(frame.points)
    with np.errstate(invalid="ignore"):
        left = (uv[:, 0] > 100) & (uv[:, 0] < 500) & (uv[:, 1] > 0) & (uv[:, 1] < 720)
    assert (frame.points[left, 1] > 0).mean() > 0.99
