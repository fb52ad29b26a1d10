"""On-site calibration from recordings: what is measured, what it makes of the rate, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bundles import make_tiny_bundle
from calibrated_recordings import MADE
from rosbags.rosbag2 import StoragePlugin, Writer
from small_street import EYE, LENS, SPEC, camera_pose, scan

from fm_ood_ros.calibrate.__main__ import main
from fm_ood_ros.calibrate.measure import held_out, refitted
from fm_ood_ros.calibrate.shares import Look, Shares, table
from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.calibration_files import write_calibration
from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.judgement.fitting import EDGES, refit_quantiles
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.score_scale import RangeScale, ScoreScale
from fm_ood_ros.model.site import Site
from simulation.sensors.lidar import Scan

PITCH = 2.0  # degrees that the camera of the recordings looks down
CALIBRATION = Calibration(LENS, camera_pose(pitch=PITCH))
CLOUDS = 24
TILE = 8  # pixels of one colour: the network's cells are smaller


def record(path: Path, clouds: int = CLOUDS, seed: int = 0, images: bool | int = True) -> Path:
    """A recording of the street at 10 Hz; red, which the tiny model takes for strange, is between 60 and 100 %.

    images: whether there are any, or how many until the camera stops
    """
    rng = np.random.default_rng(seed)
    points = scan()
    points[:, 3] *= 0.5 / 0.9  # its paint reaches 0.9
    none = np.zeros(len(points), np.uint16)
    cloud = Scan(points, none, none, np.ones(len(points)))
    with Writer(path, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        kinds = {"/lidar": "sensor_msgs/msg/PointCloud2", "/cam/image_raw": "sensor_msgs/msg/Image"}
        topics = {t: writer.add_connection(t, kind, typestore=MADE.store) for t, kind in kinds.items()}
        for i in range(clouds):
            stamp = (i + 1) * 100_000_000
            tiles = rng.integers(153, 256, (-(-LENS.height // TILE), -(-LENS.width // TILE), 1)).astype(np.uint8)
            red = np.tile(tiles.repeat(TILE, 0).repeat(TILE, 1)[: LENS.height, : LENS.width], 3)
            seen = images if isinstance(images, bool) else i < images
            sent = {"/lidar": MADE.cloud(stamp, cloud)} | ({"/cam/image_raw": MADE.image(stamp, red)} if seen else {})
            for topic, message in sent.items():
                writer.write(topics[topic], stamp, MADE.store.serialize_cdr(message, kinds[topic]))
    return path


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model, a calibration and two drives."""
    folder = tmp_path_factory.mktemp("shop")
    make_tiny_bundle(folder / "tiny", SPEC.size)
    write_calibration(folder / "calibration.yaml", CALIBRATION)
    record(folder / "drive")
    record(folder / "later", 6, seed=1)
    return folder


def calibrate(shop: Path, *arguments: Any, bag: str = "drive") -> int:
    given = ["--bag", shop / bag, "--model", shop / "tiny", "--calibration", shop / "calibration.yaml", *arguments]
    return main([str(word) for word in given])


def shares(said: str) -> dict[str, tuple[float, float]]:
    """Before and after, percent, by the rows of the printed table."""
    rows = [line.strip().rsplit(maxsplit=3) for line in said.splitlines() if line.count("%") == 2]
    return {row[0]: (float(row[2][:-1]), float(row[3][:-1])) for row in rows}


def test_the_share_of_unseen_frames_is_what_the_threshold_says(shop: Path, tmp_path: Path, capsys: Any):
    out = tmp_path / "site.yaml"
    assert calibrate(shop, "--frames", ":15", "--out", out) == 0
    said = capsys.readouterr().out
    before, after = shares(said)["all ranges"]
    assert 7 < before < 13  # red of 95 to 100 % among 60 to 100 %, a little less where tiles are blended
    assert after == pytest.approx(5, abs=0.7)
    assert "recording  drive, 15 of 24 clouds" in said
    assert "the rate right, not the order" in said

    for bag, frames in (("drive", "15:"), ("later", ":")):
        assert calibrate(shop, "--frames", frames, "--check", out, bag=bag) == 0
        unseen = shares(capsys.readouterr().out)
        assert 7 < unseen["all ranges"][0] < 13
        assert unseen["all ranges"][1] == pytest.approx(5, abs=1)
        assert len(unseen) > 4


def test_mount_and_intensities_are_measured_over_all_drives(shop: Path, tmp_path: Path, capsys: Any):
    out = tmp_path / "site.yaml"
    both = ["--bag", shop / "drive", shop / "later", "--model", shop / "tiny"]
    assert (
        main([str(w) for w in (*both, "--calibration", shop / "calibration.yaml", "--at-most", 9, "--out", out)]) == 0
    )
    site = Site.load(out, ModelBundle.load(shop / "tiny"))
    assert [(r.name, r.frames, r.clouds) for r in site.recordings] == [("drive", 9, 24), ("later", 6, 6)]
    assert site.mount == pytest.approx((EYE[2], PITCH, 0), abs=0.3)
    assert site.intensity == pytest.approx(np.percentile(scan()[:, 3], 95) * 0.5 / 0.9, rel=0.02)
    text = out.read_text()
    assert text.startswith("# What is usual on one rig") and "were flagged by the model's own scale" in text
    assert site.score.ranges[0].points > 10_000


def refused(shop: Path, capsys: Any, expected: str, *arguments: Any, bag: str = "drive") -> None:
    assert calibrate(shop, *arguments, bag=bag) == 2
    assert expected in capsys.readouterr().err


def test_too_few_frames_are_refused(shop: Path, tmp_path: Path, capsys: Any):
    out = tmp_path / "site.yaml"
    refused(shop, capsys, "there are 9 frames, expected 10 or more; give more", "--frames", ":9", "--out", out)
    refused(shop, capsys, "there are 6 frames, expected 10 or more", "--out", out, bag="later")
    refused(shop, capsys, "none of them within --frames", "--frames", "90:", "--out", out)
    assert not out.exists()


def test_row_29_clouds_without_an_image_in_time_are_left_out_and_said(shop: Path, tmp_path: Path, capsys: Any):
    record(shop / "stops", images=14)
    assert calibrate(shop, "--out", tmp_path / "site.yaml", bag="stops") == 0
    said = capsys.readouterr().out
    assert "9 of 24 clouds have no image within 0.1 s" in said
    assert "recording  stops, 15 of 24 clouds" in said
    refused(
        shop,
        capsys,
        "none of them with an image within 0.1 s",
        "--frames",
        "20:",
        "--out",
        tmp_path / "b.yaml",
        bag="stops",
    )


def test_a_recording_given_twice_is_refused(shop: Path, tmp_path: Path, capsys: Any):
    again = ["--bag", shop / "drive", shop / "drive", "--out", tmp_path / "site.yaml"]
    refused(shop, capsys, "name a recording twice", *again)


def test_too_few_points_are_refused(shop: Path, tmp_path: Path, capsys: Any):
    """The extrinsics look backwards."""
    T = camera_pose() @ np.diag([-1.0, -1, 1, 1])
    write_calibration(tmp_path / "backwards.yaml", Calibration(LENS, T))
    given = ("--calibration", tmp_path / "backwards.yaml", "--at-most", 10, "--out", tmp_path / "site.yaml")
    refused(shop, capsys, "show 0 judged points, expected 1000 or more; give more frames", *given)
    assert not (tmp_path / "site.yaml").exists()


def test_a_site_file_is_never_overwritten(shop: Path, tmp_path: Path, capsys: Any):
    (tmp_path / "site.yaml").write_text("mine")
    refused(shop, capsys, "exists already; give another file with --out", "--out", tmp_path / "site.yaml")
    assert (tmp_path / "site.yaml").read_text() == "mine"
    refused(shop, capsys, "lies in no folder", "--out", tmp_path / "none" / "site.yaml")


def test_a_recording_without_a_pair_and_one_of_another_camera_are_refused(shop: Path, tmp_path: Path, capsys: Any):
    out = tmp_path / "site.yaml"
    blind = record(tmp_path / "blind", 2, images=False)
    refused(shop, capsys, "expected a topic of sensor_msgs/msg/Image", "--out", out, bag=str(blind))
    wider = Calibration(Lens(LENS.K * [[2], [2], [1]], LENS.width, LENS.height), CALIBRATION.T_camera_lidar)
    found = [CALIBRATION, wider]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fm_ood_ros.replay.bag.Bag.calibration", lambda *_: found.pop(0))
        given = ["--bag", shop / "drive", shop / "later", "--model", shop / "tiny", "--out", out]
        assert main([str(word) for word in given]) == 2
    assert "has another lens than" in capsys.readouterr().err


def test_a_site_of_another_model_is_refused(shop: Path, tmp_path: Path, capsys: Any):
    assert calibrate(shop, "--frames", ":10", "--out", tmp_path / "site.yaml") == 0
    make_tiny_bundle(tmp_path / "other", SPEC.size, threshold=0.9)
    given = ("--model", tmp_path / "other", "--check", tmp_path / "site.yaml")
    refused(shop, capsys, "calibrate again with this one", *given)


def model_scale() -> ScoreScale:
    levels = np.linspace(0.001, 0.999, 999)
    at = (8.0, 12.0, 17.0, 22.0, 27.0, 35.0, 68.0)
    return ScoreScale([RangeScale(d, 0.1 * d, 1 + d / 50, levels, levels, 9) for d in at])


def drive_of(seed: int, frames: int = 20, trend: float = 0.0) -> list[Look]:
    """Scores that rise with the logarithm of the distance; trend: by how much they rise over the frames."""
    rng = np.random.default_rng(seed)
    looked = []
    for i in range(frames):
        distance = rng.uniform(4, 80, 4000).astype(np.float32)
        judged = 0.4 * np.log(distance) + rng.normal(size=4000) + trend * i / frames
        looked.append(Look(distance, judged.astype(np.float32)))
    return looked


def test_a_refitted_scale_is_right_near_and_far_and_keeps_what_judges():
    model = model_scale()
    fitted = refitted(model, drive_of(0))
    found = Shares.of(fitted, 0.95, drive_of(1))
    assert found.whole == pytest.approx(0.05, abs=0.004)
    assert np.abs(found.flagged / found.points - 0.05).max() < 0.02
    for part, before in zip(fitted.ranges, model.ranges, strict=True):
        assert (part.distance, part.mean, part.std) == (before.distance, before.mean, before.std)
        assert part.points > 1000


def test_a_range_with_few_points_takes_those_of_its_neighbours():
    """Nothing farther than 20 m: the far scales are those of the farthest thousand."""
    look = drive_of(0, 1)[0]
    near = look.distance < 20
    fitted = refit_quantiles(model_scale(), np.tile(look.distance[near], 3), np.tile(look.judged[near], 3))
    assert fitted.ranges[0].points > 1500
    assert 1000 <= fitted.ranges[-1].points < 1010
    with pytest.raises(InputError, match=r"show 999 judged points, expected 1000 or more"):
        refit_quantiles(model_scale(), look.distance[:999], look.judged[:999])


def test_held_out_frames_are_judged_by_the_other_blocks_alone():
    """In a drive that becomes ever stranger one scale of all frames hides what the halves show."""
    model, drive = model_scale(), drive_of(0, 40, trend=8.0)
    one, other = [*drive[:10], *drive[20:30]], [*drive[10:20], *drive[30:]]
    expected = Shares.of(refitted(model, other), 0.95, one) + Shares.of(refitted(model, one), 0.95, other)
    found = held_out(model, 0.95, drive)
    np.testing.assert_array_equal(found.flagged, expected.flagged)
    np.testing.assert_array_equal(found.points, expected.points)
    assert found.whole > 0.08
    assert Shares.of(refitted(model, drive), 0.95, drive).whole == pytest.approx(0.05, abs=0.004)
    assert held_out(model, 0.95, drive_of(0, 40)).whole == pytest.approx(0.05, abs=0.004)


def test_the_table_counts_by_range():
    distance = np.array([5, 5, 12, 12, 12, 12, 60], np.float32)
    look = Look(distance, np.array([0.1, 0.99, 0.1, 0.1, 0.1, 0.99, 0.1], np.float32))
    found = Shares.of(model_scale(), 0.95, [look, look])
    assert found.points.tolist() == [4, 8, 0, 0, 0, 0, 0, 2]
    assert found.flagged.tolist() == [2, 2, 0, 0, 0, 0, 0, 0]
    assert len(found.points) == len(EDGES) + 1
    nothing = Shares(found.points, 0 * found.flagged)
    assert shares(table(found, nothing)) == {
        "all ranges": (28.6, 0.0), "0 to 10 m": (50.0, 0.0), "10 to 15 m": (25.0, 0.0), "beyond 50 m": (0.0, 0.0),
    }  # fmt: skip
    assert np.isnan(Shares(0 * found.points, found.flagged).whole)
