"""Lateness, clocks, latched camera_info and a stuck model: what the node makes of them on the real middleware."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rclpy
from node_rig import GIVEN, SECONDS, Rig, running
from rclpy.context import Context
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile
from rig_messages import MS, cloud, image, info, scene
from sensor_msgs.msg import CameraInfo

from fm_ood_ros.pairing import worker
from fm_ood_ros.ros.judging import Judge
from fm_ood_ros.ros.node import OodSegmentation

LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
VOLATILE = QoSProfile(depth=1)


def test_the_error_of_a_pair_has_the_sign_of_the_images_lateness(tiny_bundle: Path):
    with running(model=tiny_bundle) as rig:
        stamp = rig.tick()
        rig.publish(cloud(stamp, scene()), image(stamp + 20 * MS))
        rig.until(lambda: rig.values.get("pair_error_ms.median") == "+20.00", "a report of the error")
        rig.balanced()


def test_row_22_images_that_come_late_are_named_with_the_max_wait_that_would_do(tiny_bundle: Path):
    with running(model=tiny_bundle, sync_tolerance=0.01) as rig:
        for number in range(1, 5):
            before, stamp = rig.dropped("no_image_in_tolerance"), rig.tick()
            rig.publish(cloud(stamp, scene()))
            rig.until(lambda b=before: rig.dropped("no_image_in_tolerance") > b, "giving the cloud up")
            rig.publish(image(stamp))
            rig.until(lambda n=number: rig.dropped("image_late") == n, "the late image")
            said = rig.status["judging"].message
            assert "image_offset" not in said
        assert re.search(
            r"clouds dropped: image_late \(the right image came \d+ ms after the cloud; set max_wait to \d", said
        )
        assert rig.dropped("no_image_in_tolerance") == 0
        rig.balanced()


def test_row_23_a_late_cloud_beside_a_fast_camera_is_judged(tiny_bundle: Path):
    with running(model=tiny_bundle) as rig:
        stamp = rig.tick()
        for i in range(16):  # more than the sync_queue_size of the clouds
            rig.publish(image(stamp + i * 10 * MS))
            rig.until(lambda n=i: int(rig.values.get("image.received", 0)) > n, "receiving the image")
        rig.publish(cloud(stamp, scene()))
        rig.until(lambda: rig.values.get("pair_error_ms.median") == "+0.00", "pairing with the image of its time")
        rig.until(lambda: "points" in rig.outputs_at(stamp), "the verdict")


def test_row_24_clocks_that_differ_are_named(tiny_bundle: Path):
    with running(model=tiny_bundle) as rig:
        stamp = rig.tick()
        rig.publish(image(stamp + 1_000_000 * 1000 * MS), cloud(stamp, scene()))
        rig.until(lambda: rig.dropped("clocks_differ") == 1, "a drop for the clocks")
        assert re.search(
            r"clocks of camera and LiDAR differ by \+(1000000|999999) s; synch", rig.status["judging"].message
        )
        rig.balanced()


def test_row_25_a_latched_camera_info_published_before_the_node_started_is_received(tiny_bundle: Path):
    with running("-r", "~/input/camera_info:=/row_25/info", model=tiny_bundle, connect=False, autostart=False) as rig:
        publisher = rig.node.create_publisher(CameraInfo, "/row_25/info", LATCHED)
        publisher.publish(info())
        start_judging(rig)
        rig.until(lambda: rig.values.get("camera_info.received") == "1", "the latched camera_info")
        inputs = [rig.publishers[name] for name in ("points", "image")]
        rig.until(lambda: all(p.get_subscription_count() for p in inputs), "subscribing")
        rig.until(lambda: all(int(rig.values.get(f"{n}.publishers", 0)) for n in ("points", "image")), "discovering")
        rig.judge()
        publisher.publish(info())  # comes through both subscriptions now
        rig.until(lambda: int(rig.values["camera_info.received"]) >= 2, "the second camera_info")
        rig.settle()
        assert rig.values["camera_info.received"] == "2"


def test_row_25_a_volatile_camera_info_is_received_once_and_nobody_complains(tiny_bundle: Path):
    with running("-r", "~/input/camera_info:=/row_25/plain", model=tiny_bundle, connect=False) as rig:
        publisher = rig.node.create_publisher(CameraInfo, "/row_25/plain", VOLATILE)
        rig.until(lambda: int(rig.values.get("camera_info.publishers", 0)), "discovering")
        rig.until(publisher.get_subscription_count, "subscribing")
        for sent in range(1, 4):
            publisher.publish(info())
            rig.until(lambda n=sent: int(rig.values["camera_info.received"]) >= n, "camera_info")
        rig.settle()
        assert rig.values["camera_info.received"] == "3"
        assert "incompatible" not in rig.process.log


def test_row_25_durability_is_overridable(tiny_bundle: Path):
    override = {"qos_overrides./row_25/latched_image.subscription.durability": "transient_local"}
    override["qos_overrides./row_25/latched_image.subscription.reliability"] = "reliable"
    remap = ("-r", "~/input/image:=/row_25/latched_image")
    with running(*remap, model=tiny_bundle, connect=False, autostart=False, **override) as rig:
        publisher = rig.node.create_publisher(type(image(0)), "/row_25/latched_image", LATCHED)
        publisher.publish(image(0))
        start_judging(rig)
        rig.until(lambda: rig.values.get("image.received") == "1", "the latched image")


def start_judging(rig: Rig) -> None:
    assert rig.transition(1) and rig.transition(3)  # configure, activate


@pytest.fixture
def node(tiny_bundle: Path) -> Iterator[OodSegmentation]:
    """An active node in this process."""
    context = Context()
    rclpy.init(context=context)
    given = {**GIVEN, "model": str(tiny_bundle)}
    made = OodSegmentation(context=context, parameter_overrides=[Parameter(n, value=v) for n, v in given.items()])
    try:
        made.autostart()
        assert made.state == "active"
        yield made
    finally:
        made.destroy_node()
        context.shutdown()


def test_a_judging_thread_that_did_not_stop_is_never_doubled(node: Any, monkeypatch: pytest.MonkeyPatch):
    stuck, released = threading.Event(), threading.Event()

    def judge(self: Judge, job: Any) -> None:
        stuck.set()
        released.wait(SECONDS)

    def threads() -> int:
        return [thread.name for thread in threading.enumerate()].count("judging")

    monkeypatch.setattr(Judge, "__call__", judge)
    monkeypatch.setattr(worker, "PATIENCE", 0.05)
    try:
        parts = node._parts
        parts.camera.update(info())
        parts.pipeline.add_image(image(100 * MS))
        parts.pipeline.add_points(cloud(100 * MS, scene()))
        assert stuck.wait(SECONDS)
        node.trigger_deactivate()
        assert (node.state, threads()) == ("inactive", 1)
        assert node.trigger_activate() == TransitionCallbackReturn.FAILURE
        assert "still judges a cloud, expected it to end" in node._reporter.error
        assert node.trigger_cleanup() == TransitionCallbackReturn.FAILURE  # nor by way of another configure
        assert (node.state, threads(), node._parts) == ("inactive", 1, parts)
    finally:
        released.set()
    parts.pipeline._worker._thread.join(SECONDS)
    assert node.trigger_activate() == TransitionCallbackReturn.SUCCESS
    assert (node.state, threads()) == ("active", 1)
    assert node.trigger_deactivate() == node.trigger_cleanup() == TransitionCallbackReturn.SUCCESS
    assert (node.state, threads()) == ("unconfigured", 0)
