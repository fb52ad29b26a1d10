"""The node that publishes frames when they are due."""

from __future__ import annotations

import signal
import tempfile
import time
from pathlib import Path
from types import FrameType

import numpy as np
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.signals import SignalHandlerOptions
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from std_msgs.msg import Header

from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.calibration_files import write_calibration
from fm_ood_ros.ros.dds import use_large_message_profile
from simulation.live import carla
from simulation.live.schedule import Tally
from simulation.live.streets import LiveFrame, PlayRequest, Streets
from simulation.sensors.rigs import Rig, load_rig

try:
    from tf2_msgs.msg import TFMessage
except ImportError:  # not among the ROS packages on PyPI
    TFMessage = None

DEPTH = 10  # as in CARLA's bridge; reliable, so that every subscriber's demand is met
REPORT_SECONDS = 5.0


class Player(Node):
    """Publishes /carla/ROLE/{rgb_front/image,rgb_front/camera_info,lidar,semantic_lidar} and /clock.

    image_every, lidar_every: frames per image and per cloud
    """

    def __init__(self, role: str, rig: Rig, image_every: int = 1, lidar_every: int = 1) -> None:
        super().__init__("street_player")
        self._role, self._rig, self._every = role, rig, (image_every, lidar_every)
        self._clock_topic = self.create_publisher(Clock, "/clock", DEPTH)
        names = [carla.camera_id(i) for i in range(len(rig.cameras))]
        self._images = [self.create_publisher(Image, self._topic(f"{n}/image"), DEPTH) for n in names]
        self._infos = [self.create_publisher(CameraInfo, self._topic(f"{n}/camera_info"), DEPTH) for n in names]
        self._lidar = self.create_publisher(PointCloud2, self._topic("lidar"), DEPTH)
        self._semantic = self.create_publisher(PointCloud2, self._topic("semantic_lidar"), DEPTH)
        if TFMessage is None:
            self.get_logger().info("tf2_msgs is not installed: no /tf_static; give the node the calibration file")
        else:
            latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
            self._static = self.create_publisher(TFMessage, "/tf_static", latched)
            self._static.publish(TFMessage(transforms=carla.transforms(carla.stamp_of(0), role, rig)))

    def _topic(self, name: str) -> str:
        return f"/carla/{self._role}/{name}"

    def _header(self, stamp: int, sensor: str) -> Header:
        return Header(stamp=carla.stamp_of(stamp), frame_id=f"{self._role}/{sensor}")

    def publish(self, frame: LiveFrame, stamp: int) -> None:
        """Everything of one frame under one stamp (ns)."""
        self._clock_topic.publish(Clock(clock=carla.stamp_of(stamp)))
        image_every, lidar_every = self._every
        if frame.k % image_every == 0:
            for i, picture in enumerate(frame.images):
                header = self._header(stamp, carla.camera_id(i))
                self._infos[i].publish(carla.camera_info(header, self._rig.calibrations[i]))
                self._images[i].publish(carla.image(header, picture))
        if frame.k % lidar_every == 0:
            self._lidar.publish(carla.lidar(self._header(stamp, "lidar"), frame.scan))
            if self._semantic.get_subscription_count():
                self._semantic.publish(carla.semantic_lidar(self._header(stamp, "semantic_lidar"), frame.scan))


def play(
    request: PlayRequest,
    role: str = "ego_vehicle",
    seconds: float | None = None,
    every: tuple[int, int] = (1, 1),
    calibration: Path | None = None,
) -> Tally:
    """Plays so many seconds, None for until it is interrupted; every: frames per image and per cloud.

    Raises InputError when a renderer dies or the calibration file cannot be written.
    """
    rig = load_rig(request.rig, np.random.default_rng(request.mounting))
    _hand_over_calibration(calibration, rig, role)
    use_large_message_profile()
    signal.signal(signal.SIGTERM, _interrupt)
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    node, executor = Player(role, rig, *every), SingleThreadedExecutor()
    executor.add_node(node)
    tally = Tally(request.rate)
    try:
        with Streets(request) as streets:
            _publish_all(node, executor, streets, tally, None if seconds is None else round(seconds * request.rate))
    except KeyboardInterrupt:
        pass
    finally:
        executor.shutdown()
        node.destroy_node()
        rclpy.try_shutdown()
    print(tally, flush=True)
    return tally


def _publish_all(
    node: Player, executor: SingleThreadedExecutor, streets: Streets, tally: Tally, total: int | None
) -> None:
    schedule = streets.begin()
    first_stamp = time.time_ns()
    reported = time.monotonic()
    for frame in streets.frames():
        k = schedule.first_due(time.monotonic()) if frame is None else frame.k
        if total is not None and k >= total:
            tally.end(total)
            return
        if frame is None:
            continue
        while (wait := schedule.due(frame.k) - time.monotonic()) > 0:
            executor.spin_once(timeout_sec=wait)
        node.publish(frame, first_stamp + round(frame.k / schedule.rate * 1e9))
        tally.publish(frame.k, max(0.0, time.monotonic() - schedule.due(frame.k)))
        if time.monotonic() - reported > REPORT_SECONDS:
            reported = time.monotonic()
            print(tally, flush=True)


def _hand_over_calibration(path: Path | None, rig: Rig, role: str) -> None:
    path = path or Path(tempfile.gettempdir()) / f"street_{rig.name}.yaml"
    try:
        write_calibration(path, rig.calibration)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}); give another --calibration") from error
    topics = {"points": "lidar", "image": "rgb_front/image", "camera_info": "rgb_front/camera_info"}
    remapped = " ".join(f"{name}:=/carla/{role}/{topic}" for name, topic in topics.items())
    print(f"launch the node with calibration_file:={path} {remapped}", flush=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
