"""Records what the node publishes, and when each cloud came back."""

from __future__ import annotations

import threading
from pathlib import Path
from time import monotonic
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore
from sensor_msgs.msg import Image, PointCloud2

from fm_ood_ros.replay.bag import BagMessage
from fm_ood_ros.ros.replay.node_process import NODE

OUTPUTS: dict[str, Any] = {
    f"/{NODE}/output/points": PointCloud2,
    f"/{NODE}/output/points_colored": PointCloud2,
    f"/{NODE}/output/class_mask": Image,
    f"/{NODE}/output/anomaly_map": Image,
    f"/{NODE}/output/overlay": Image,
}
POINTS = next(iter(OUTPUTS))


class Recorder:
    """Subscribes to the node's outputs and writes them with the input into a new bag (MCAP)."""

    def __init__(self, node: Node, folder: Path) -> None:
        self._typestore = get_typestore(Stores.ROS2_JAZZY)
        self._writer = Writer(folder, version=9, storage_plugin=StoragePlugin.MCAP)
        self._writer.open()
        self._connections: dict[str, Any] = {}
        self._lock = threading.Lock()
        self.arrivals: dict[int, float] = {}  # stamp of a judged cloud in ns -> monotonic seconds
        self.diagnostics: dict[str, str] = {}
        reliable = QoSProfile(depth=5, reliability=ReliabilityPolicy.RELIABLE)
        for topic, kind in OUTPUTS.items():
            node.create_subscription(kind, topic, self._keeper(topic, kind), reliable, raw=True)
        node.create_subscription(DiagnosticArray, "/diagnostics", self._diagnose, 10)

    def _keeper(self, topic: str, kind: Any) -> Any:
        msgtype = f"sensor_msgs/msg/{kind.__name__}"

        def keep(raw: bytes) -> None:
            stamp = stamp_of(raw)
            if topic == POINTS:
                self.arrivals[stamp] = monotonic()
            self.write(BagMessage(stamp, topic, msgtype, raw))  # on the recording's own time line, beside its input

        return keep

    def _diagnose(self, message: DiagnosticArray) -> None:
        for status in message.status:
            self.diagnostics.update({pair.key: pair.value for pair in status.values})

    def write(self, message: BagMessage) -> None:
        """Appends a message."""
        with self._lock:
            connection = self._connections.get(message.topic)
            if connection is None:
                connection = self._writer.add_connection(message.topic, message.msgtype, typestore=self._typestore)
                self._connections[message.topic] = connection
            self._writer.write(connection, message.time, message.raw)

    def close(self) -> None:
        """Finishes the bag."""
        with self._lock:
            self._writer.close()


def stamp_of(raw: bytes) -> int:
    """Nanoseconds of the header stamp with which a serialised (little-endian CDR) message begins."""
    return int.from_bytes(raw[4:8], "little", signed=True) * 10**9 + int.from_bytes(raw[8:12], "little")
