"""Recordings of one labelled cloud and one image, whose camera_info and /tf_static are what a test makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rosbags.rosbag2 import StoragePlugin, Writer

from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.geometry.pose import pose_matrix
from simulation.output.messages import BASE, LIDAR, Messages, optical_frame
from simulation.sensors.lidar import Scan

WIDTH, HEIGHT = 64, 32
K = np.array([[50.0, 0, 32], [0, 50, 16], [0, 0, 1]])
D = np.array([-0.2, 0.03, 0.001, 0.002, 0.0])
R = pose_matrix((0.0, 0.0, 0.0), (0.01, -0.02, 0.0, 0.99975))[:3, :3]
P = np.array([[45.0, 0, 31, -4.5], [0, 45, 15, 0], [0, 0, 1, 0]])
Pose = tuple[tuple[float, ...], tuple[float, ...]]
LIDAR_ON_BASE: Pose = ((0.0, 0.1, 1.8), (0.0, 0.0, 0.0, 1.0))
CAMERA_ON_BASE: Pose = ((0.5, 0.0, 1.5), (-0.5, 0.5, -0.5, 0.5))
T_CAMERA_LIDAR = np.linalg.inv(pose_matrix(*CAMERA_ON_BASE)) @ pose_matrix(*LIDAR_ON_BASE)  # type: ignore[arg-type]
MADE = Messages()


def info(**changes: Any) -> Any:
    """A CameraInfo with K, D, P and R that all differ, and changes of its fields."""
    message = MADE.camera_info(0, Calibration(Lens(K, WIDTH, HEIGHT, "plumb_bob", D), np.eye(4)))
    message.p, message.r = P.reshape(-1), R.reshape(-1)
    for name, value in changes.items():
        setattr(message, name, value)
    return message


def empty_info() -> Any:
    """What drivers send until their calibration is loaded."""
    return info(k=np.zeros(9), d=np.zeros(0), r=np.zeros(9), p=np.zeros(12), distortion_model="")


def transform(child: str, pose: Pose, parent: str = BASE) -> Any:
    """A TransformStamped."""
    kinds = MADE.store.types
    (x, y, z), rotation = pose
    both = kinds["geometry_msgs/msg/Transform"](
        kinds["geometry_msgs/msg/Vector3"](x, y, z), kinds["geometry_msgs/msg/Quaternion"](*rotation)
    )
    return kinds["geometry_msgs/msg/TransformStamped"](MADE.header(0, parent), child, both)


def write_recording(
    path: Path,
    infos: Sequence[Any],
    image: str = "/cam/image_raw",
    lidar: Pose = LIDAR_ON_BASE,
    more: Sequence[Any] = (),
) -> Path:
    """A rosbag2 folder; lidar: its pose on base_link; more: further transforms of /tf_static."""
    scan = Scan(np.float32([[9, 0, 0, 0.5], [9, 1, 0, 0.5]]), np.uint16([40, 40]), np.zeros(2, np.uint16), np.ones(2))
    sent = [transform(LIDAR, lidar), transform(optical_frame(0), CAMERA_ON_BASE), *more]
    topics = [
        ("/tf_static", "tf2_msgs/msg/TFMessage", MADE.store.types["tf2_msgs/msg/TFMessage"](sent)),
        ("/lidar", "sensor_msgs/msg/PointCloud2", MADE.cloud(5, scan)),
        (image, "sensor_msgs/msg/Image", MADE.image(5, np.zeros((HEIGHT, WIDTH, 3), np.uint8))),
        *[("/cam/camera_info", "sensor_msgs/msg/CameraInfo", message) for message in infos],
    ]
    with Writer(path, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        connections: dict[str, Any] = {}
        for time, (topic, kind, message) in enumerate(topics):
            if topic not in connections:
                connections[topic] = writer.add_connection(topic, kind, typestore=MADE.store)
            writer.write(connections[topic], time, MADE.store.serialize_cdr(message, kind))
    return path
