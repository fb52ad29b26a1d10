"""Points in = points out: what the node makes of good input of every layout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from bundles import CLASSES, probability_at
from node_rig import Rig, running
from rig_messages import HEIGHT, MS, WIDTH, cloud, image, picture, rays, scene
from sensor_msgs.msg import CompressedImage

from fm_ood_ros.messages.point_cloud import CloudView
from fm_ood_ros.pictures.overlay import NOT_JUDGED_COLOR, UNKNOWN_COLOR

VERDICT = ["class_id", "probability", "anomaly_score", "unknown", "object_id"]


@pytest.fixture(scope="module")
def rig(tiny_bundle: Path) -> Iterator[Rig]:
    with running(model=tiny_bundle) as made:
        yield made


def check(sent: np.ndarray, message: Any, image_red: np.ndarray | None = None) -> None:
    """The output cloud holds the input's rows in their order, and the verdicts that the tiny model must give."""
    view = CloudView(message)
    rows = view.rows
    assert list(rows.dtype.names) == [*sent.dtype.names, *VERDICT]
    for name in sent.dtype.names:
        assert rows[name].tobytes() == sent[name].tobytes()
    u, v = rays()
    seen = len(u)
    np.testing.assert_array_equal(rows["class_id"][:seen], sent["z"][:seen] > 0)
    distance = np.sqrt(sum(sent[a][:seen].astype(np.float64) ** 2 for a in "xyz"))
    np.testing.assert_allclose(rows["probability"][:seen], probability_at(distance), rtol=1e-5)
    red = picture()[..., 0] if image_red is None else image_red
    np.testing.assert_allclose(rows["anomaly_score"][:seen], np.clip(red[v, u] / 255, 0.001, 0.999), atol=0.002)
    np.testing.assert_array_equal(rows["unknown"][:seen], rows["anomaly_score"][:seen] >= 0.95)
    assert (rows["object_id"] == -1).all(), "the tiny model judges every point by itself"
    assert (rows["class_id"][seen:] == 255).all()
    assert (rows["unknown"][seen:] == 0).all()
    assert np.isnan(rows["probability"][seen:]).all()
    assert np.isnan(rows["anomaly_score"][seen:]).all()


def test_every_output_of_a_plain_pair(rig: Rig):
    sent = scene()
    out = rig.judge()
    check(sent, out["points"])
    assert out["points"].header.frame_id == out["points_colored"].header.frame_id == "lidar"
    assert {out[name].header.frame_id for name in ("class_mask", "anomaly_map", "overlay")} == {"camera"}
    assert (out["points"].height, out["points"].width) == (1, len(sent))


def test_colored_points_show_class_unknown_and_not_judged(rig: Rig):
    out = rig.judge()
    rows, colored = CloudView(out["points"]).rows, CloudView(out["points_colored"]).rows
    rgb = np.ascontiguousarray(colored["rgb"]).view(np.uint32)
    colors = [UNKNOWN_COLOR, *(color for _, color, _ in CLASSES), NOT_JUDGED_COLOR]
    red, low, high, grey = ((r << 16) + (g << 8) + b for r, g, b in colors)
    with np.errstate(invalid="ignore"):
        unknown = rows["anomaly_score"] >= 0.95
    expected = np.select([unknown, rows["class_id"] == 0, rows["class_id"] == 1], [red, low, high], grey)
    assert unknown.any()
    np.testing.assert_array_equal(rgb, expected)
    assert colored["x"].tobytes() == rows["x"].tobytes()


def test_maps_cover_the_image_and_agree_with_the_points(rig: Rig):
    out = rig.judge()
    u, v = rays()
    rows = CloudView(out["points"]).rows[: len(u)]
    mask, score, overlay = out["class_mask"], out["anomaly_map"], out["overlay"]
    assert (mask.encoding, score.encoding, overlay.encoding) == ("mono8", "32FC1", "rgb8")
    assert {(m.height, m.width) for m in (mask, score, overlay)} == {(HEIGHT, WIDTH)}
    assert (mask.step, score.step, overlay.step) == (WIDTH, 4 * WIDTH, 3 * WIDTH)
    np.testing.assert_array_equal(np.frombuffer(mask.data, np.uint8).reshape(HEIGHT, WIDTH)[v, u], rows["class_id"])
    np.testing.assert_allclose(
        np.frombuffer(score.data, "<f4").reshape(HEIGHT, WIDTH)[v, u], rows["anomaly_score"], atol=1e-6
    )
    colors = np.array([*(c for _, c, _ in CLASSES), UNKNOWN_COLOR])
    shown = np.where(rows["anomaly_score"] >= 0.95, 2, rows["class_id"])
    drawn = np.frombuffer(overlay.data, np.uint8).reshape(HEIGHT, WIDTH, 3)
    np.testing.assert_array_equal(drawn[v, u], colors[shown])


LAYOUTS = {
    "further fields": [("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("intensity", "u1"), ("ring", "<u2"), ("time", "<f8")],
    "double precision": [("x", "<f8"), ("y", "<f8"), ("z", "<f8")],
    "big-endian": [("x", ">f4"), ("y", ">f4"), ("z", ">f4"), ("intensity", ">u2")],
    "no intensity": [("x", "<f4"), ("y", "<f4"), ("z", "<f4")],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_comes_back_whole(rig: Rig, layout: str):
    sent = scene(np.dtype(LAYOUTS[layout], align=layout == "further fields"))
    if "time" in sent.dtype.names:
        sent["time"] = np.random.default_rng(0).random(len(sent))
        sent["ring"] = np.arange(len(sent))
    out = rig.judge(cloud(rig.tick(), sent), image(rig.tick(0)))
    check(sent, out["points"])
    assert out["points"].is_bigendian == (layout == "big-endian")


def test_an_organised_cloud_with_padded_rows_stays_organised(rig: Rig):
    u, _ = rays()
    flat = scene()
    sent = flat[: len(u)].reshape(-1, 31)
    data = b"".join(row.tobytes() + b"\xee" * 5 for row in sent)
    stamp = rig.tick()
    out = rig.judge(cloud(stamp, sent, data=data, row_step=31 * 16 + 5), image(stamp))["points"]
    assert (out.height, out.width, out.row_step) == (*sent.shape, 31 * out.point_step)
    check(sent.reshape(-1), out)


def test_points_that_are_not_finite_keep_their_rows(rig: Rig):
    sent = scene()
    for row, values in enumerate([(np.nan, 0, 0), (np.inf, 1, 1), (10, -np.inf, 0), (0, 0, 0)]):
        sent[len(sent) - 10 + row] = (*values, np.nan)
    stamp = rig.tick()
    check(sent, rig.judge(cloud(stamp, sent), image(stamp))["points"])


def test_a_cloud_of_nothing_but_nan_is_not_judged_but_comes_back(rig: Rig):
    sent = scene()
    for name in "xyz":
        sent[name] = np.nan
    stamp = rig.tick()
    rows = CloudView(rig.judge(cloud(stamp, sent), image(stamp))["points"]).rows
    assert (rows["class_id"] == 255).all()
    assert np.isnan(rows["anomaly_score"]).all()


def test_an_image_with_padded_rows(rig: Rig):
    stamp = rig.tick()
    check(scene(), rig.judge(cloud(stamp, scene()), image(stamp, padding=13))["points"])


def test_the_nearest_image_is_taken(rig: Rig):
    stamp = rig.tick(300)
    grey = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    rig.publish(image(stamp - 30 * MS), image(stamp - 4 * MS, grey))
    rig.rest(0.1)
    rig.publish(cloud(stamp, scene()), image(stamp + 20 * MS))
    rig.until(lambda: "points" in rig.outputs_at(stamp), "the verdict")
    check(scene(), rig.outputs_at(stamp)["points"], grey[..., 0])


def test_compressed_images(tiny_bundle: Path):
    with running(model=tiny_bundle, image_transport="compressed", connect=False) as rig:
        publisher = rig.node.create_publisher(CompressedImage, f"/{rig.name}/input/image/compressed", 5)
        rig.until(publisher.get_subscription_count, "subscribing to compressed images")
        rig.until(rig.publishers["points"].get_subscription_count, "subscribing")
        rig.introduce()
        stamp = rig.tick()
        message = CompressedImage(header=image(stamp).header, format="png")
        message.data = cv2.imencode(".png", picture()[..., ::-1])[1].tobytes()
        publisher.publish(message)
        rig.publish(cloud(stamp, scene()))
        rig.until(lambda: "points" in rig.outputs_at(stamp), "the verdict")
        check(scene(), rig.outputs_at(stamp)["points"])
        stamp = rig.tick()
        message = CompressedImage(header=image(stamp).header, format="jpeg", data=b"no picture")
        publisher.publish(message)
        rig.refused("bad_image", cloud(stamp, scene()))
