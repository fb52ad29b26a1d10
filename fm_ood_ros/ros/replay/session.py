"""One replay: node up, recording played into it, everything it says recorded, node down."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, PointCloud2

from fm_ood_ros.errors import FmOodError
from fm_ood_ros.replay.bag import Bag, BagMessage
from fm_ood_ros.replay.player_clock import in_real_time
from fm_ood_ros.replay.progress import Progress
from fm_ood_ros.ros.replay.node_process import NodeProcess
from fm_ood_ros.ros.replay.recorder import Recorder, stamp_of

TYPES: dict[str, Any] = {
    f"sensor_msgs/msg/{kind.__name__}": kind for kind in (CameraInfo, CompressedImage, Image, PointCloud2)
}
START_SECONDS = 60.0  # a node that is not ready by then has a reason in its log
QUIET_SECONDS = 3.0  # after the last message: no verdict for so long means that none is coming


class ReplayError(FmOodError):
    """The node did not start, or died."""


@dataclass
class Played:
    """What went in and what came back: stamps in ns, times in monotonic seconds."""

    sent: dict[int, float] = field(default_factory=dict)
    arrived: dict[int, float] = field(default_factory=dict)
    diagnostics: dict[str, str] = field(default_factory=dict)
    exit_code: int = 0


class Session:
    """Plays a bag's rig into a node process while a recorder listens."""

    def __init__(self, bag: Bag, parameters: dict[str, str], folder: Path) -> None:
        self._bag = bag
        self._node = Node("fm_ood_replay")
        self._recorder = Recorder(self._node, folder / "annotated")
        self._process = NodeProcess(bag.rig, parameters, folder / "node.log")
        self._publishers: dict[str, Any] = {}
        rig = bag.rig
        reliable = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)
        for topic in (rig.points, rig.image, rig.info):
            if topic:
                self._publishers[topic.name] = self._node.create_publisher(TYPES[topic.msgtype], topic.name, reliable)

    def run(self, rate: float = 1.0) -> Played:
        """Plays the whole bag; raises ReplayError when the node fails."""
        played = Played()
        spinner = threading.Thread(target=_spin, args=(self._node,), daemon=True)
        spinner.start()
        try:
            self._wait_until_ready()
            self._play(played, rate)
            self._wait_until_quiet(played)
        finally:
            played.exit_code = self._process.stop()
            sleep(0.3)  # the node's last words are still under way
            self._recorder.close()
        played.arrived = dict(self._recorder.arrivals)
        played.diagnostics = dict(self._recorder.diagnostics)
        return played

    def _wait_until_ready(self) -> None:
        deadline = monotonic() + START_SECONDS
        while not all(p.get_subscription_count() for p in self._publishers.values()):
            self._check_alive()
            if monotonic() > deadline:
                raise ReplayError(
                    f"the node did not subscribe within {START_SECONDS:.0f} s; it says:\n{self._process.last_lines()}"
                )
            sleep(0.05)
        sleep(0.5)  # discovery is mutual: the node's publishers must know the recorder too

    def _check_alive(self) -> None:
        if not self._process.alive:
            raise ReplayError(f"the node ended by itself; it says:\n{self._process.last_lines()}")

    def _play(self, played: Played, rate: float) -> None:
        rig = self._bag.rig
        for message in self._bag.messages("/tf_static"):
            self._recorder.write(message)
        names = [t.name for t in (rig.points, rig.image, rig.info) if t]
        with Progress("playing", rig.points.count) as progress:
            for message in in_real_time(self._bag.messages(*names), rate):
                self._check_alive()
                self._send(message, played)
                if message.topic == rig.points.name:
                    progress.step()

    def _send(self, message: BagMessage, played: Played) -> None:
        if message.topic == self._bag.rig.points.name:
            played.sent[stamp_of(message.raw)] = monotonic()
        else:
            self._recorder.write(message)
        self._publishers[message.topic].publish(message.raw)

    def _wait_until_quiet(self, played: Played) -> None:
        count, since = len(self._recorder.arrivals), monotonic()
        while len(self._recorder.arrivals) < len(played.sent) and monotonic() - since < QUIET_SECONDS:
            self._check_alive()
            if len(self._recorder.arrivals) != count:
                count, since = len(self._recorder.arrivals), monotonic()
            sleep(0.05)
        sleep(1.2)  # one more period of /diagnostics, so that its counts are final


def _spin(node: Node) -> None:
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    try:
        while rclpy.ok():
            executor.spin_once(timeout_sec=0.2)
    except ExternalShutdownException:
        pass
