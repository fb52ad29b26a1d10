"""Row 6 and its kind: a rig that cannot be right is said, with what to check; a good one is silent."""

from __future__ import annotations

import numpy as np
import pytest
from bundles import make_tiny_bundle
from small_street import OPTICAL, SPEC, camera_pose, frame, scan

from fm_ood_ros.engines import open_engine
from fm_ood_ros.health.rig_condition import RigCondition
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.segmenter import Segmenter

X_FORWARD = np.eye(4)
X_FORWARD[:3, :3] = OPTICAL.T
GOOD = camera_pose(pitch=1)
BACKWARDS = GOOD @ np.diag([-1.0, -1, 1, 1])


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    bundle = ModelBundle.load(make_tiny_bundle(tmp_path_factory.mktemp("bundle") / "tiny", SPEC.size))
    return bundle, open_engine(bundle, threads=1)


def condition_after(opened, frames):
    judge, condition = Segmenter(*opened), RigCondition()
    for moment in frames:
        condition.note(judge.rig, moment, judge(moment))
    return condition


def test_a_good_rig_has_no_trouble(opened):
    condition = condition_after(opened, [frame(scan(), GOOD)] * 3)
    assert condition.trouble == ""
    values = condition.values
    assert 0.2 < float(values["points.in_view_share"]) < 1
    assert int(values["points.in_view"]) > 3000
    assert values["rig.intensity"].endswith("(measured over 3 clouds)")
    assert values["rig.mount.0"].startswith("camera 1.6")
    assert values["rig.crop.0"].endswith("of 188 (from the model)")


@pytest.mark.parametrize(
    "wrong",
    {"inverse": np.linalg.inv(GOOD), "x forward": X_FORWARD @ GOOD, "backwards": BACKWARDS}.items(),
    ids=lambda item: item[0],
)
def test_row_6_extrinsics_that_cannot_be_right_say_what_to_check(opened, wrong):
    points = scan()
    points = points[np.hypot(points[:, 0], points[:, 1]) > 2.5]
    condition = condition_after(opened, [frame(points, wrong[1])] * 3)
    for word in ("points", "of a cloud", "camera's view", "check the extrinsics", "z forward", "camera_info"):
        assert word in condition.trouble


def test_row_6_one_empty_cloud_is_no_trouble_and_ten_are(opened):
    empty = frame(scan()[:50], GOOD)
    usual = [frame(scan(), GOOD)] * 3
    assert condition_after(opened, [*usual, empty, *usual]).trouble == ""
    assert "are in the camera's view" in condition_after(opened, [*usual, *[empty] * 10]).trouble


def test_a_rig_that_sees_no_ground_is_said(opened):
    points = scan()
    sky = frame(points[points[:, 2] > -1], GOOD)
    assert condition_after(opened, [sky] * 19).trouble == ""
    assert condition_after(opened, [sky] * 20).trouble == (
        "no ground was found in 20 clouds: camera 1.60 m above the ground, looks -0.0 degrees down, leans -0.0 "
        "(assumed: no cloud shows a ground yet); check the extrinsics or set mount"
    )


def test_row_15_a_cloud_without_intensities_is_said(opened):
    points = scan()
    points[:, 3] = 0
    assert condition_after(opened, [frame(points, GOOD)]).trouble.startswith("intensity left out")
