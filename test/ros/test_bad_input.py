"""What cannot be judged is counted under its cause and not published; the next good pair is judged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from node_rig import Rig, running
from rig_messages import HEIGHT, MS, WIDTH, XYZI, K, cloud, image, info, picture, scene
from sensor_msgs.msg import PointField


@pytest.fixture(scope="module")
def rig(tiny_bundle: Path) -> Iterator[Rig]:
    with running(model=tiny_bundle) as made:
        yield made


def renamed(stamp: int) -> Any:
    message = cloud(stamp, scene())
    message.fields[2].name = "height"
    return message


def typed(stamp: int) -> Any:
    message = cloud(stamp, scene())
    message.fields[0].datatype = PointField.INT32
    return message


def doubled(stamp: int) -> Any:
    message = cloud(stamp, scene())
    message.fields[1].count = 2
    return message


BAD_CLOUDS: dict[str, tuple[str, Callable[[int], Any], str]] = {
    "no z": ("bad_cloud", renamed, "expected x, y, z"),
    "x as integers": ("bad_cloud", typed, "expected one FLOAT32 or FLOAT64"),
    "two y": ("bad_cloud", doubled, "2 x f4"),
    "no fields": ("bad_cloud", lambda stamp: cloud(stamp, scene(), fields=[]), "expected x, y, z"),
    "cut off": ("bad_cloud", lambda stamp: cloud(stamp, scene(), data=b"\0" * 1000), "it was cut off"),
    "no data at all": ("bad_cloud", lambda stamp: cloud(stamp, scene(), data=b""), "holds 0 bytes"),
    "rows too short": ("bad_cloud", lambda stamp: cloud(stamp, scene(), height=2, row_step=1), "row_step"),
    "step of zero": ("bad_cloud", lambda stamp: cloud(stamp, scene(), point_step=0), "point_step = 0"),
    "absurd size": ("bad_cloud", lambda stamp: cloud(stamp, scene(), width=2**32 - 1), "expected 68719476720"),
    "empty": ("empty_cloud", lambda stamp: cloud(stamp, np.zeros(0, XYZI), width=0), "no points"),
}
BAD_IMAGES: dict[str, tuple[str, Callable[[int], Any], str]] = {
    "unknown encoding": ("bad_image", lambda stamp: image(stamp, encoding="32FC1"), "encoding is '32FC1'"),
    "step too small": ("bad_image", lambda stamp: image(stamp, step=3), "step of the image is 3"),
    "cut off": ("bad_image", lambda stamp: image(stamp, data=b"\0" * 99), "holds 99 bytes"),
    "another size": ("image_size_mismatch", lambda stamp: image(stamp, picture()[:, :64]), "64x32"),
}


def expect_next_is_judged(rig: Rig) -> None:
    stamp = rig.tick()
    assert len(np.frombuffer(rig.judge(cloud(stamp, scene()), image(stamp))["points"].data, np.uint8))
    rig.balanced()


@pytest.mark.parametrize("case", BAD_CLOUDS)
def test_bad_clouds(rig: Rig, case: str):
    cause, make, words = BAD_CLOUDS[case]
    stamp = rig.tick()
    rig.refused(cause, image(stamp), make(stamp))
    assert words in rig.values["last_failure"]
    expect_next_is_judged(rig)


@pytest.mark.parametrize("case", BAD_IMAGES)
def test_bad_images(rig: Rig, case: str):
    cause, make, words = BAD_IMAGES[case]
    stamp = rig.tick()
    rig.refused(cause, make(stamp), cloud(stamp, scene()))
    assert words in rig.values["last_failure"]
    expect_next_is_judged(rig)


def test_pairs_beyond_the_tolerance(rig: Rig):
    stamp = rig.tick(500)
    rig.refused("no_image_in_tolerance", image(stamp - 80 * MS), cloud(stamp, scene()), image(stamp + 90 * MS))
    said = rig.status["judging"].message
    assert "the nearest image is -80.0 ms off, always; set image_offset to -0.080" in said
    expect_next_is_judged(rig)


def test_a_cloud_sent_twice(rig: Rig):
    stamp = rig.tick()
    rig.judge(cloud(stamp, scene()), image(stamp))
    before = rig.dropped("duplicate_stamp")
    rig.publish(cloud(stamp, scene()))
    rig.until(lambda: rig.dropped("duplicate_stamp") == before + 1, "the drop of the duplicate")
    assert len([m for m in rig.outputs["points"] if m.header.stamp.sec * 10**9 + m.header.stamp.nanosec == stamp]) == 1


@pytest.mark.parametrize("seconds", [-500, 800])
def test_the_clock_jumps(rig: Rig, seconds: int):
    expect_next_is_judged(rig)
    rig.jump(seconds * 1000)
    expect_next_is_judged(rig)
    expect_next_is_judged(rig)


BAD_INFOS: dict[str, tuple[dict[str, Any], str]] = {
    "uncalibrated": ({"k": [0.0] * 9}, "K[0] == 0"),
    "unknown lens": ({"distortion_model": "crystal ball", "d": [0.1] * 5}, "crystal ball"),
    "no size": ({"width": 0, "height": 0}, "image size is 0x0"),
    "too many coefficients": ({"d": [0.1] * 7}, "7 coefficients"),
}


@pytest.mark.parametrize("case", BAD_INFOS)
def test_bad_camera_info(rig: Rig, case: str):
    changes, words = BAD_INFOS[case]
    stamp = rig.tick()
    rig.publish(info(stamp, **changes))
    rig.until(lambda: words in rig.status["camera_info"].message, "the refusal of camera_info")
    rig.refused("camera_info_refused", image(stamp), cloud(stamp, scene()))
    assert words in rig.status["judging"].message
    assert rig.status["judging"].level == b"\x02"
    rig.publish(info(stamp))
    rig.until(lambda: "refused" not in rig.status["camera_info"].message, "the new camera_info")
    expect_next_is_judged(rig)


def test_camera_info_of_binned_images(rig: Rig):
    k = K.copy()
    k[0, 0], k[1, 1], k[0, 2], k[1, 2] = 128, 128, 127.5, 31.5
    rig.publish(info(rig.tick(), k=k.reshape(-1), width=2 * WIDTH, height=2 * HEIGHT, binning_x=2, binning_y=2))
    rig.rest(0.2)
    expect_next_is_judged(rig)
    rig.publish(info(rig.tick()))
    rig.rest(0.2)


def test_no_camera_info(tiny_bundle: Path):
    with running(model=tiny_bundle, connect=False) as rig:
        rig.until(lambda: all(p.get_subscription_count() for p in rig.publishers.values()), "subscribing")
        rig.rest(0.3)
        stamp = rig.tick()
        rig.refused("no_camera_info", image(stamp), cloud(stamp, scene()))
        rig.until(lambda: "no camera_info yet" in rig.status["camera_info"].message, "the complaint")
        rig.publish(info())
        rig.rest(0.2)
        expect_next_is_judged(rig)


def test_silent_inputs_are_named(tiny_bundle: Path):
    with running(model=tiny_bundle) as rig:
        said = r"no points yet, waiting for [\d.]+ s; no image yet, waiting for [\d.]+ s"
        rig.until(lambda: re.fullmatch(said, rig.status["judging"].message), "the complaint about points and image")
        assert rig.status["judging"].level == b"\x02"
        rig.publish(cloud(rig.tick(), scene()))
        rig.until(lambda: rig.status["judging"].message.startswith("no image yet"), "the complaint about images")
        rig.node.destroy_publisher(rig.publishers.pop("image"))
        rig.until(lambda: "nobody publishes" in rig.status["image"].message, "the hint")


def test_row_15_the_scale_of_the_intensity_is_found_and_said(tiny_bundle: Path):
    with running(model=tiny_bundle) as rig:
        rows = scene()
        rows["intensity"] *= 255
        stamp = rig.tick()
        rig.judge(cloud(stamp, rows), image(stamp))
        rig.until(lambda: "measured over 1 clouds" in rig.values.get("rig.intensity", ""), "the scale")
        assert 200 < float(rig.values["rig.intensity"].split()[2]) < 255


def test_row_15_a_cloud_without_intensity_is_judged_and_said(tiny_bundle: Path):
    with running(model=tiny_bundle) as rig:
        stamp = rig.tick()
        rig.judge(cloud(stamp, scene(np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4")]))), image(stamp))
        rig.until(lambda: "left out" in rig.status["points"].message, "the warning")
        assert rig.status["points"].level == b"\x01"


def test_row_6_a_camera_that_looks_away_is_said(tiny_bundle: Path):
    with running(model=tiny_bundle, extrinsics=[0.0, 0.0, 0.0, -0.5, 0.5, -0.5, 0.5]) as rig:  # the inverse rotation
        stamp = rig.tick()
        rig.judge(cloud(stamp, scene()), image(stamp))
        rig.until(lambda: "check the extrinsics" in rig.status["judging"].message, "the warning")
        assert rig.status["judging"].level == b"\x01"
