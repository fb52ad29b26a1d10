"""Several views of one cloud, and poses and lenses that change: what was learnt stays as long as it holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bundles import make_tiny_bundle
from small_street import LENS, LIDAR, SPEC, camera_pose, frame, picture, scan

from fm_ood_ros.engines import open_engine
from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame, View
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.crop import AGREEING
from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.rig import ALONE, Rig, RigFacts
from fm_ood_ros.segmenter import Segmenter

FISHEYE = Lens(
    np.array([[180.0, 0, 199.5], [0, 180, 149.5], [0, 0, 1]]), 400, 300, "equidistant", np.array([0.02, 0, 0, 0])
)
LEFT = camera_pose(eye=np.array([0.2, 0.5, 1.4]), yaw=50)


def view(lens, T, value=None):
    image = picture(lens) if value is None else np.full((lens.height, lens.width, 3), value, np.uint8)
    return View(image, Calibration(lens, T))


def test_views_of_different_lenses_and_sizes_are_seen_each_by_itself():
    points = scan()
    both = Rig(SPEC).see(Frame(0, points, (view(LENS, camera_pose()), view(FISHEYE, LEFT))))
    for index, one in enumerate(((LENS, camera_pose()), (FISHEYE, LEFT))):
        (alone,) = Rig(SPEC).see(Frame(0, points, (view(*one),)))
        np.testing.assert_array_equal(both[index].lidar, alone.lidar)
        np.testing.assert_array_equal(both[index].image, alone.image)
        np.testing.assert_array_equal(both[index].projection.source, alone.projection.source)
    assert np.count_nonzero(both[1].lidar[0]) > 2000
    assert abs(both[0].mount.plane.height - 1.65) < 0.06
    assert abs(both[1].mount.plane.height - 1.4) < 0.06


def test_every_point_is_judged_by_the_view_that_judges_it(tmp_path):
    bundle = ModelBundle.load(make_tiny_bundle(tmp_path / "tiny", SPEC.size))
    judge = Segmenter(bundle, open_engine(bundle, threads=1))
    prediction = judge(Frame(0, scan(), (view(LENS, camera_pose(), 51), view(FISHEYE, LEFT, 204))))
    first, second = (v.sight.projection.source >= 0 for v in prediction.views)
    score = prediction.anomaly_score
    np.testing.assert_allclose(score[first & ~second], 0.2, atol=0.01)
    np.testing.assert_allclose(score[second & ~first], 0.8, atol=0.01)
    assert np.isnan(score[~first & ~second]).all()
    shared = score[first & second]
    assert (shared < 0.5).any()
    assert (shared > 0.5).any()
    cells = [v.sight.projection.cell >= 0 for v in prediction.views]
    np.testing.assert_array_equal(prediction.in_view, cells[0] | cells[1])
    assert [v.class_map().shape for v in prediction.views] == [(188, 620), (300, 400)]


def test_a_pose_that_changes_every_frame_keeps_crop_and_cone():
    rig = Rig(SPEC)
    for k in range(AGREEING + 6):
        (sight,) = rig.see(frame(scan(), camera_pose(pitch=1 + 0.02 * (k % 3))))
        camera = rig.cameras[0]
        if k == 0:
            cone, views = camera._cone, []
        assert camera._cone is cone
        views.append(sight.view)
    assert all(v is views[0] for v in views[: AGREEING - 1])
    assert all(v is views[-1] for v in views[AGREEING:])
    assert "(measured)" in camera.crop_text


def test_a_pose_is_the_frames_own():
    """A LiDAR on a mast that swings: each cloud is taken by the pose that came with it."""
    rig = Rig(SPEC, RigFacts(rows=(50, 188)))
    for k in range(3):
        up = LIDAR + np.array([0, 0, 0.2 * k])
        (sight,) = rig.see(frame(scan(up), camera_pose(up)))
        (alone,) = Rig(SPEC, RigFacts(rows=(50, 188))).see(frame(scan(up), camera_pose(up)))
        np.testing.assert_array_equal(sight.projection.cell, alone.projection.cell)
        assert abs(sight.mount.plane.height - 1.65) < 0.06


def test_another_lens_starts_anew():
    rig = Rig(SPEC)
    for _ in range(AGREEING):
        rig.see(frame(scan()))
    assert "(measured)" in rig.cameras[0].crop_text
    other = replace(LENS, K=LENS.K * [[0.8], [0.8], [1]])
    (sight,) = rig.see(frame(scan(), lens=other))
    assert "(from the model)" in rig.cameras[0].crop_text
    (fresh,) = Rig(SPEC).see(frame(scan(), lens=other))
    assert sight.view.rows == fresh.view.rows
    np.testing.assert_array_equal(sight.projection.cell, fresh.projection.cell)


def test_the_same_lens_in_another_object_keeps_what_was_learnt():
    rig = Rig(SPEC)
    for _ in range(6):
        seen = frame(scan())
        copied = replace(seen.views[0].calibration, lens=replace(seen.views[0].calibration.lens))
        rig.see(replace(seen, views=(replace(seen.views[0], calibration=copied),)))
    assert rig.cameras[0].crop_text.endswith("(measured)")


def test_rows_that_the_image_does_not_have_are_refused_by_name():
    with pytest.raises(InputError, match="lidar_rows are 0 to 9999"):
        Rig(SPEC, RigFacts(rows=(0, 9999))).see(frame(scan()))


def test_another_number_of_views_takes_nobody_elses_ground():
    rig = Rig(SPEC)
    seen = frame(scan())
    rig.see(replace(seen, views=(seen.views[0], seen.views[0])))
    first = rig.cameras[0]
    rig.see(seen)
    assert len(rig.cameras) == 1 and rig.cameras[0] is not first


def test_a_frame_by_itself_remembers_no_other():
    rig = Rig(SPEC, ALONE)
    rig.see(frame(scan()))
    empty = frame(scan()[:10])
    rig.see(empty)
    assert rig.cameras[0].mount.source.startswith("assumed")
