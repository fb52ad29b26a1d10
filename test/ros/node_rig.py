"""The node in its own process, and a test's end of its topics."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.srv import ChangeState, GetState
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rig_messages import MS, POSE, cloud, image, info, scene
from sensor_msgs.msg import CameraInfo, Image, PointCloud2

from fm_ood_ros.ros.dds import use_large_message_profile
from fm_ood_ros.ros.outputs import TOPICS
from fm_ood_ros.ros.qos import reliable_output

SECONDS = 20.0  # no step of a test takes so long, unless it fails
GIVEN = {
    "extrinsics": POSE,
    "mount": [1.6, 0.0, 0.0],
    "lidar_rows": [0.0, 32.0],
    "diagnostics_period": 0.1,
    "max_pending": 10,
    "max_wait": 0.05,
}
NAMES = count()


CHECKOUT = (sys.executable, "-m", "fm_ood_ros.ros")


class NodeProcess:
    """The node under a name of its own; program: how it is started."""

    def __init__(self, *arguments: str, program: Sequence[str] = CHECKOUT, **parameters: Any) -> None:
        self.name = f"judge_{next(NAMES)}"
        command = [*program, "--ros-args", "-r", f"__node:={self.name}", *arguments]
        for name, value in parameters.items():
            command += ["-p", f"{name}:={value}"]
        self._log = Path(tempfile.mkstemp(suffix=".log")[1])
        self.process = subprocess.Popen(command, stdout=self._log.open("wb"), stderr=subprocess.STDOUT)

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def stop(self, number: int = signal.SIGINT) -> int:
        """Sends the signal and returns the exit code; fails when the process does not end."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"the node did not end within 10 s; it said:\n{self.log}") from None
        finally:
            self._log.unlink(missing_ok=True)


class Rig:
    """Publishes to a node and keeps what it publishes."""

    def __init__(self, process: NodeProcess) -> None:
        use_large_message_profile()
        self.process = process
        self.name = process.name
        self._context = Context()
        rclpy.init(context=self._context)
        self.node = Node(f"tester_of_{self.name}", context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        kinds = {"points": PointCloud2, "image": Image, "camera_info": CameraInfo}
        self.publishers = {
            name: self.node.create_publisher(kind, f"/{self.name}/input/{name}", reliable_output())
            for name, kind in kinds.items()
        }
        self.outputs: dict[str, list[Any]] = defaultdict(list)
        self.status: dict[str, Any] = {}
        self.values: dict[str, str] = {}
        self.reports = 0
        for name, kind in TOPICS.items():
            self.node.create_subscription(kind, f"/{self.name}/output/{name}", self.outputs[name].append, 10)
        self.node.create_subscription(DiagnosticArray, "/diagnostics", self._diagnose, 10)
        self._now = 1_000_000 * MS

    def _diagnose(self, message: DiagnosticArray) -> None:
        mine = [s for s in message.status if s.hardware_id == f"/{self.name}"]
        self.reports += bool(mine)
        for status in mine:
            self.status[status.name.split(": ")[1]] = status
            self.values.update({pair.key: pair.value for pair in status.values})

    def until(self, condition: Callable[[], Any], what: str, seconds: float = SECONDS) -> None:
        """Spins until the condition holds; fails with the node's own words when it does not."""
        end = monotonic() + seconds
        while not condition():
            if monotonic() > end:
                raise AssertionError(
                    f"{what} did not happen in {seconds} s; {self.values}; the node: {self.process.log}"
                )
            self._executor.spin_once(timeout_sec=0.02)

    def rest(self, seconds: float) -> None:
        """Spins for a while."""
        end = monotonic() + seconds
        while monotonic() < end:
            self._executor.spin_once(timeout_sec=0.02)

    def connect(self) -> None:
        """Waits until node and test know each other's topics."""
        self.until(lambda: all(p.get_subscription_count() for p in self.publishers.values()), "subscribing")
        self.until(lambda: self.node.count_publishers(f"/{self.name}/output/points"), "advertising")
        self.introduce()

    def introduce(self) -> None:
        """Sends camera_info until it comes through; then the node knows all three publishers, and they know it."""
        inputs = ("points", "image", "camera_info")
        self.until(lambda: all(int(self.values.get(f"{n}.publishers", 0)) for n in inputs), "discovering")
        for _ in range(40):
            self.publish(info())
            self.rest(0.3)
            if int(self.values.get("camera_info.received", 0)):
                return
        raise AssertionError(f"camera_info did not come through; the node: {self.process.log}")

    def publish(self, *messages: Any) -> None:
        """Sends messages to the inputs that they belong to."""
        kinds = {PointCloud2: "points", Image: "image", CameraInfo: "camera_info"}
        for message in messages:
            self.publishers[kinds[type(message)]].publish(message)

    def tick(self, ms: int = 100) -> int:
        """The next stamp in ns."""
        self._now += ms * MS
        return self._now

    def jump(self, ms: int) -> None:
        """Moves the clock of the stamps."""
        self._now += ms * MS

    def dropped(self, cause: str) -> int:
        return int(self.values.get(f"dropped.{cause}", 0))

    def outputs_at(self, stamp: int) -> dict[str, Any]:
        """What was published for that stamp."""
        found = {}
        for name, messages in self.outputs.items():
            for message in messages:
                if message.header.stamp.sec * 10**9 + message.header.stamp.nanosec == stamp:
                    found[name] = message
        return found

    def judge(self, message: PointCloud2 | None = None, picture: Image | None = None) -> dict[str, Any]:
        """Sends a pair and returns all five outputs for it."""
        stamp = self.tick() if message is None and picture is None else self._now
        self.publish(picture or image(stamp), message or cloud(stamp, scene()))
        self.until(lambda: len(self.outputs_at(stamp)) == len(TOPICS), "the verdict")
        return self.outputs_at(stamp)

    def refused(self, cause: str, *messages: Any) -> None:
        """Sends what cannot be judged: it is counted under the cause, and nothing is published for it."""
        before, stamp = self.dropped(cause), self._now
        self.publish(*messages)
        self.until(lambda: self.dropped(cause) == before + 1, f"a drop for {cause}")
        assert self.outputs_at(stamp) == {}

    def settle(self) -> None:
        """Waits for a report that was begun after this call."""
        seen = self.reports
        self.until(lambda: self.reports > seen + 1, "a report")

    def balanced(self) -> None:
        """After the next report, every cloud that was received is accounted for."""
        self.settle()
        drops = sum(int(v) for k, v in self.values.items() if k.startswith("dropped."))
        counts = {k: int(self.values[f"clouds.{k}"]) for k in ("received", "judged", "pending", "unexplained")}
        assert counts["received"] == counts["judged"] + drops + counts["pending"], self.values
        assert counts["unexplained"] == 0

    def call(self, kind: Any, service: str, request: Any) -> Any:
        client = self.node.create_client(kind, f"/{self.name}/{service}")
        self.until(client.service_is_ready, f"service {service}")
        future = client.call_async(request)
        self.until(future.done, f"answer of {service}")
        self.node.destroy_client(client)
        return future.result()

    def transition(self, number: int) -> bool:
        request = ChangeState.Request()
        request.transition.id = number
        return bool(self.call(ChangeState, "change_state", request).success)

    def state(self) -> str:
        return str(self.call(GetState, "get_state", GetState.Request()).current_state.label)

    def close(self) -> None:
        self._executor.shutdown()
        self.node.destroy_node()
        rclpy.try_shutdown(context=self._context)


@contextmanager
def running(*arguments: str, connect: bool = True, **parameters: Any) -> Iterator[Rig]:
    """The node with a rig around it; it must end cleanly."""
    process = NodeProcess(*arguments, **{**GIVEN, **parameters})
    try:
        rig = Rig(process)
        try:
            if connect:
                rig.connect()
            yield rig
        finally:
            rig.close()
    finally:
        code = process.stop()
    assert code == 0
