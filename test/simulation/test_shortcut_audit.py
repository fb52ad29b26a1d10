"""The shortcut test: simple cues must not tell unknown objects, and the audit must notice if they do."""

import shutil

import cv2
import numpy as np

from simulation.__main__ import main
from simulation.audit.audit import LIMIT, RAW_PATCH, audit, remoteness, table
from simulation.audit.cues import CUES, Sample
from simulation.audit.surface_size import surface_sizes
from simulation.output.reading import in_view, read_frame
from simulation.unknown import OTHER_OBJECT


def test_no_simple_cue_tells_unknown_objects(splits, capsys):
    verdicts, share = audit(splits / "train", splits / "test", points=12_000)
    assert [v.cue for v in verdicts] == [*CUES, RAW_PATCH]
    assert not any(v.easy for v in verdicts), verdicts
    assert all(v.easy == (abs(v.auroc - 0.5) >= LIMIT - 0.5) for v in verdicts)
    assert len(table(verdicts, share).splitlines()) == len(verdicts) + 2
    assert 0.01 < share < 0.06


def test_a_planted_shortcut_is_noticed(splits, tmp_path, capsys):
    known, test = tmp_path / "known/sequences", tmp_path / "test/sequences"
    for i in range(2):
        shutil.copytree(splits / f"train/sequences/{i:02d}", known / f"{i:02d}")
        shutil.copytree(splits / f"test/sequences/{i:02d}", test / f"{i:02d}")
        labels = np.fromfile(test / f"{i:02d}/labels/000000.label", "<u4") & 0xFFFF
        cloud = np.fromfile(test / f"{i:02d}/velodyne/000000.bin", "<f4").reshape(-1, 4)
        cloud[labels == OTHER_OBJECT, 3] = 0.95
        cloud.tofile(test / f"{i:02d}/velodyne/000000.bin")
    assert main(["audit", "--known", str(known.parent), "--test", str(test.parent)]) == 1
    printed = capsys.readouterr().out
    assert "too easy" in next(line for line in printed.splitlines() if line.startswith("intensity"))


def test_a_planted_picture_is_noticed_by_the_raw_patches(splits, tmp_path):
    known, test = splits / "train", tmp_path / "test/sequences"
    for i in range(3):
        shutil.copytree(splits / f"test/sequences/{i:02d}", test / f"{i:02d}")
        for cloud in (test / f"{i:02d}/velodyne").glob("*.bin"):
            frame = read_frame(cloud)
            index, pixel = in_view(frame)
            for u, v in pixel[frame.labels[index] == OTHER_OBJECT]:
                frame.views[0].image[max(v - 4, 0) : v + 5, max(u - 4, 0) : u + 5] = (255, 0, 255)
            cv2.imwrite(str(test / f"{i:02d}/image_2/{cloud.stem}.png"), frame.views[0].image[..., ::-1])
    verdicts, _ = audit(known, test.parent, points=4000)
    assert {v.cue for v in verdicts if v.easy} >= {"colour", RAW_PATCH}


def test_remoteness_is_the_distance_to_the_third_nearest():
    rng = np.random.default_rng(0)
    known, judged = rng.normal(size=(50, 6)).astype("f4"), rng.normal(size=(7, 6)).astype("f4")
    expected = np.sort(np.linalg.norm(judged[:, None] - known[None], axis=2), axis=1)[:, 2]
    assert np.allclose(remoteness(known, judged), expected, atol=1e-4)


def test_the_size_of_a_box_on_the_ground_is_found_and_the_ground_is_large():
    azimuth, elevation = np.meshgrid(np.deg2rad(np.arange(-30, 30, 0.3)), np.deg2rad(np.arange(-20, 2, 0.4)))
    rays = np.stack([np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)], -1)
    rays = rays.reshape(-1, 3)
    with np.errstate(divide="ignore"):
        ground = np.where(rays[:, 2] < -1e-3, -1.7 / rays[:, 2], np.inf)
    front = 8.0 / rays[:, 0]
    on_box = (np.abs(front * rays[:, 1]) < 0.6) & (front * rays[:, 2] < -0.5) & (front < ground)
    distance = np.where(on_box, front, ground)
    kept = distance < 25
    sizes = surface_sizes((rays * distance[:, None])[kept])
    box = on_box[kept] & ((rays * distance[:, None])[kept, 2] > -1.3)
    assert np.all((sizes[box, 0] > 1.1) & (sizes[box, 0] < 1.8)) and np.all(sizes[box, 1] < 1.2)
    assert np.median(sizes[~on_box[kept], 0]) > 10


def test_a_sample_is_the_same_twice_and_holds_no_backscatter(splits):
    first, second = Sample(splits / "test"), Sample(splits / "test")
    assert np.array_equal(first.cues, second.cues) and np.array_equal(first.patches, second.patches)
    assert np.isfinite(first.cues).all() and np.isfinite(first.patches).all()
    assert first.unknown.any() and first.patch_unknown.any() and not Sample(splits / "train").unknown.any()
