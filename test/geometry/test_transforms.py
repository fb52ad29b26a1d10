"""Static transforms: ways through the tree in both directions, and broken ones on and off the way."""

from types import SimpleNamespace

import numpy as np
import pytest

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.pose import pose_matrix
from fm_ood_ros.geometry.transforms import TransformTree

LIDAR, CAMERA = ((1.0, 0, 2), (0.0, 0, 0.6, 0.8)), ((0.5, 0.1, 1.5), (-0.5, 0.5, -0.5, 0.5))


def stamped(parent, child, pose):
    (x, y, z), (qx, qy, qz, qw) = pose
    transform = SimpleNamespace(
        translation=SimpleNamespace(x=x, y=y, z=z), rotation=SimpleNamespace(x=qx, y=qy, z=qz, w=qw)
    )
    return SimpleNamespace(header=SimpleNamespace(frame_id=parent), child_frame_id=child, transform=transform)


def tree(*more, lidar=LIDAR):
    made = TransformTree()
    made.add([stamped("base", "lidar", lidar), stamped("/base", "camera", CAMERA), *more])
    return made


def test_the_way_goes_up_and_down_the_tree():
    T = tree().lookup("camera", "lidar")
    expected = np.linalg.inv(pose_matrix(*CAMERA)) @ pose_matrix(*LIDAR)
    np.testing.assert_allclose(T, expected, atol=1e-12)
    np.testing.assert_allclose(tree().lookup("lidar", "camera"), np.linalg.inv(expected), atol=1e-12)


NOTHING, EULER, LOST = ((0.0, 0, 0), (0.0,) * 4), ((0.0, 0, 0), (0.0, 90, 0, 0)), ((np.nan, 0, 0), (0.0, 0, 0, 1))


@pytest.mark.parametrize("broken", [NOTHING, EULER, LOST])
def test_row_39_a_broken_transform_off_the_way_does_no_harm(broken):
    found = tree(stamped("base", "imu", broken), stamped("imu", "gps", LIDAR)).lookup("camera", "lidar")
    np.testing.assert_array_equal(found, tree().lookup("camera", "lidar"))


@pytest.mark.parametrize(("broken", "words"), [(NOTHING, "length 0"), (EULER, "length 90"), (LOST, "finite")])
def test_row_39_and_7_a_broken_transform_on_the_way_names_its_frames(broken, words):
    with pytest.raises(CalibrationError, match=rf"from 'base' to 'lidar': .*{words}"):
        tree(lidar=broken).lookup("camera", "lidar")


def test_a_later_transform_takes_the_place_of_an_earlier():
    np.testing.assert_array_equal(
        tree(stamped("base", "lidar", CAMERA)).lookup("camera", "lidar"), tree(lidar=CAMERA).lookup("camera", "lidar")
    )


@pytest.mark.parametrize(
    ("target", "source", "words"),
    [("camera", "camera", "share the frame 'camera'"), ("camera", "radar", r"\['base', 'camera', 'lidar'\].*'radar'")],
)
def test_frames_that_nothing_joins_are_refused(target, source, words):
    with pytest.raises(CalibrationError, match=words):
        tree().lookup(target, source)
