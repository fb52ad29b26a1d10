"""The loader: what it reads, and that it names the file that is wrong."""

import shutil
from dataclasses import replace

import cv2
import numpy as np
import pytest
from kitti_layout import CAR, ROAD, WALL, make_kitti

from fm_ood_ros.errors import CalibrationError, InputError
from fm_ood_ros.geometry.calibration_files import write_calibration
from fm_ood_ros.model.label_sets import LabelSet
from training.data.frames import evenly
from training.data.readers.semantic_kitti import SemanticKitti

STREET = LabelSet.load("street")


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    return make_kitti(tmp_path_factory.mktemp("kitti"), {"00": 2, "01": 1})


@pytest.fixture
def root(pristine, tmp_path):
    shutil.copytree(pristine, tmp_path / "kitti")
    return tmp_path / "kitti"


def test_frames_in_order(root):
    frames = SemanticKitti(root, label_set=STREET)
    assert [frames.name(i) for i in range(len(frames))] == ["00/000000", "00/000001", "01/000000"]
    assert [f.stamp for f in (frames[0], frames[1], frames[2])] == [0, 100_000_000, 0]
    assert len(SemanticKitti(root, ["01"])) == 1


def test_labels_lose_their_instances_and_keep_moving_classes(root):
    path = root / "sequences/00/labels/000000.label"
    raw = np.fromfile(path, "<u4")
    assert (raw >> 16).any(), "the data have instances"
    raw[:3] = [252 | 7 << 16, 254, 258 | 65535 << 16]
    raw.tofile(path)
    labels = SemanticKitti(root, label_set=STREET)[0].labels
    assert labels.dtype == np.uint16
    assert labels[:3].tolist() == [252, 254, 258]
    assert set(labels[3:]) == {ROAD, WALL, CAR}


def test_points_lie_on_what_the_camera_sees(root):
    """Projected with the sequence's calibration, a car's points fall on the car's colour."""
    frame = SemanticKitti(root)[0]
    uv, _ = frame.views[0].calibration.project(frame.points)
    inside = ((uv >= 0) & (uv < [319, 95])).all(1) & (frame.labels == CAR)
    u, v = np.rint(uv[inside]).astype(int).T
    red, _, blue = frame.views[0].image[v, u].astype(int).T
    assert inside.sum() > 20
    assert np.mean(blue > red + 50) > 0.95


def test_a_lens_comes_from_camera_2_yaml(root):
    """What calib.txt cannot say; only for its sequence, and only for images of its size."""
    loader = SemanticKitti(root)
    plain = loader[0].views[0].calibration
    bent = replace(plain.lens, distortion=np.array([-0.3, 0.1, 0.0, 0.0]))
    write_calibration(root / "sequences/00/camera_2.yaml", replace(plain, lens=bent))
    loader = SemanticKitti(root)
    assert np.array_equal(loader[0].views[0].calibration.lens.distortion, bent.distortion)
    assert not loader[2].views[0].calibration.lens.distortion.any()
    write_calibration(root / "sequences/00/camera_2.yaml", replace(plain, lens=replace(bent, width=999)))
    with pytest.raises(CalibrationError, match=r"camera_2.yaml is for 999x96 but the image is 320x96"):
        SemanticKitti(root)[0]


def test_grey_images_of_camera_0_are_read_with_its_calibration(root):
    folder = root / "sequences/00"
    (folder / "image_2").rename(folder / "image_0")
    for path in (folder / "image_0").glob("*.png"):
        cv2.imwrite(str(path), cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))
    calibration = (folder / "calib.txt").read_text(encoding="utf-8")
    (folder / "calib.txt").write_text(calibration.replace("P2:", "P0:"), encoding="utf-8")
    image = SemanticKitti(root, ["00"])[0].views[0].image
    assert image.shape == (96, 320, 3)
    assert (image[..., 0] == image[..., 2]).all()
    with pytest.raises(InputError, match=r"image_2/000000\.png cannot be read as an image"):
        SemanticKitti(root, ["00"], camera="image_2")[0]


def test_other_label_folders_and_none(root):
    (root / "sequences/00/labels").rename(root / "sequences/00/labels_nn")
    assert SemanticKitti(root, ["00"], labels="labels_nn")[0].labels is not None
    assert SemanticKitti(root, ["00"], labels=None)[0].labels is None
    with pytest.raises(InputError, match=r"labels/000000\.label cannot be read"):
        SemanticKitti(root, ["00"])[0]


def test_what_is_missing_is_named(root):
    with pytest.raises(InputError, match=r"no velodyne/\*\.bin of sequence 07"):
        SemanticKitti(root, ["00", "07"])
    with pytest.raises(InputError, match=r"no velodyne/\*\.bin of any sequence"):
        SemanticKitti(root / "sequences")
    (root / "sequences/00/calib.txt").unlink()
    with pytest.raises(CalibrationError, match=r"00/calib\.txt cannot be read"):
        SemanticKitti(root)[0]
    shutil.rmtree(root / "sequences/01/image_2")
    with pytest.raises(InputError, match=r"sequences/01 has none of .*image_2"):
        SemanticKitti(root)[2]


def test_what_is_broken_is_named(root):
    labels, scan = root / "sequences/00/labels/000000.label", root / "sequences/00/velodyne/000001.bin"
    whole = labels.read_bytes()
    labels.write_bytes(whole[:-8])
    count = len(whole) // 4
    with pytest.raises(InputError, match=rf"000000\.label has {count - 2} labels for {count} points"):
        SemanticKitti(root)[0]
    raw = np.frombuffer(whole, "<u4").copy()
    raw[5] = 77
    raw.tofile(labels)
    with pytest.raises(InputError, match=r"000000\.label: labels hold raw ids \[77\]"):
        SemanticKitti(root, label_set=STREET)[0]
    scan.write_bytes(scan.read_bytes()[:-4])
    with pytest.raises(InputError, match=r"000001\.bin holds \d+ numbers, expected four per point"):
        SemanticKitti(root)[1]


def test_images_of_two_sizes_are_named(root):
    frames = SemanticKitti(root, ["00"])
    assert frames[0].views[0].image.shape[:2] == (96, 320)
    cv2.imwrite(str(root / "sequences/00/image_2/000001.png"), np.zeros((48, 320, 3), np.uint8))
    with pytest.raises(InputError, match=r"000001\.png is 320x48, but others of sequence 00 are 320x96"):
        frames[1]


def test_empty_clouds_are_named(root):
    (root / "sequences/00/velodyne/000001.bin").write_bytes(b"")
    with pytest.raises(InputError, match=r"000001\.bin holds 0 numbers, expected four per point; the file is empty"):
        SemanticKitti(root)[1]


def test_evenly_spread():
    assert evenly(5, None) == evenly(5, 9) == [0, 1, 2, 3, 4]
    assert evenly(101, 3) == [0, 50, 100]
