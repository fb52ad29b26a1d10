"""The node's subscriptions; callbacks only hand over."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any

from rclpy.lifecycle import LifecycleNode
from rclpy.qos import QoSProfile, qos_policy_name_from_kind
from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, PointCloud2

from fm_ood_ros.health.watch import InputWatch
from fm_ood_ros.ros.qos import latched_input, overridable, sensor_input

try:
    from rclpy.event_handler import SubscriptionEventCallbacks
except ImportError:  # Humble
    from rclpy.qos_event import SubscriptionEventCallbacks

Callback = Callable[..., None]

LAST_SENT = 10


class Inputs:
    """Subscribes to ~/input/points, ~/input/image (or its compressed transport) and ~/input/camera_info."""

    def __init__(
        self, node: LifecycleNode, image_transport: str, on_points: Callback, on_image: Callback, on_info: Callback
    ) -> None:
        self._node = node
        compressed = image_transport == "compressed"
        image = (CompressedImage, "~/input/image/compressed") if compressed else (Image, "~/input/image")
        self._wanted: dict[str, tuple[Any, str, Callback]] = {  # of messages that wait together, the first goes first
            "camera_info": (CameraInfo, "~/input/camera_info", on_info),
            "image": (*image, on_image),
            "points": (PointCloud2, "~/input/points", on_points),
        }
        self.watches = {name: InputWatch(name) for name in self._wanted}
        self._subscriptions: list[Any] = []

    def subscribe(self) -> None:
        """Starts listening."""
        for name, (kind, topic, callback) in self._wanted.items():
            self.watches[name].restart()
            receive = self._watched(name, callback)
            if name == "camera_info":  # one subscription hears what was latched, the other publishers that latch not
                receive = _once(receive)
                quiet = SubscriptionEventCallbacks(incompatible_qos=lambda event: None)
                self._listen(kind, topic, receive, latched_input(), quiet, overridable("latched"))
            self._listen(kind, topic, receive, sensor_input(), self._events(name), overridable())

    def _listen(
        self,
        kind: Any,
        topic: str,
        receive: Callback,
        profile: QoSProfile,
        events: SubscriptionEventCallbacks,
        options: QoSOverridingOptions,
    ) -> None:
        subscription = self._node.create_subscription(
            kind, topic, receive, profile, event_callbacks=events, qos_overriding_options=options
        )
        self._subscriptions.append(subscription)

    def unsubscribe(self) -> None:
        """Stops listening."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions.clear()

    def topic(self, name: str) -> str:
        """Full name after remapping."""
        return str(self._node.resolve_topic_name(self._wanted[name][1]))

    def publishers(self, name: str) -> int:
        """How many nodes publish on an input."""
        return int(self._node.count_publishers(self.topic(name)))

    def _watched(self, name: str, callback: Callback) -> Callback:
        watch = self.watches[name]

        def receive(message: Any) -> None:
            watch.tick(monotonic())
            callback(message)

        return receive

    def _events(self, name: str) -> SubscriptionEventCallbacks:
        watch = self.watches[name]

        def incompatible(event: Any) -> None:
            policy = qos_policy_name_from_kind(event.last_policy_kind)
            watch.incompatible_qos = f"a publisher of {self.topic(name)} offers an incompatible {policy}"
            self._node.get_logger().warning(
                f"{watch.incompatible_qos}; set qos_overrides.{self.topic(name)}.subscription.* to match it"
            )

        def lost(event: Any) -> None:
            watch.lost += event.total_count_change

        return SubscriptionEventCallbacks(incompatible_qos=incompatible, message_lost=lost)


def _once(receive: Callback) -> Callback:
    """Passes on a message that two subscriptions deliver only the first time."""
    known: deque[int] = deque(maxlen=LAST_SENT)

    def first(message: Any, about: Any) -> None:
        sent = about["source_timestamp"]
        if not sent or sent not in known:  # not every middleware knows when a message was sent
            known.append(sent)
            receive(message)

    return first
