"""Small recordings of the test rig."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rclpy.serialization import serialize_message
from rig_messages import MS, POSE, XYZI, cloud, image, info, scene
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

STORE = get_typestore(Stores.ROS2_JAZZY)
START = 1_700_000_000_000 * MS
LABELLED = np.dtype([*XYZI.descr, ("label", "<u2")])


def labelled_scene() -> np.ndarray:
    """The scene with the tiny label set's truth: class by the sign of z, every tenth point unknown."""
    rows = scene(LABELLED)
    rows["label"] = np.where(rows["z"] > 0, 2, 1)
    rows["label"][::10] = 99
    return rows


def write_recording(
    path: Path, rows: Sequence[np.ndarray], with_info: bool = True, with_transforms: bool = True, image_delay: int = 8
) -> Path:
    """A rosbag2 folder with one cloud of each of `rows` at 10 Hz, an image `image_delay` ms after each."""
    messages: list[tuple[int, str, str, bytes]] = []
    if with_transforms:
        messages.append((START, "/tf_static", "tf2_msgs/msg/TFMessage", _transforms()))
    for i, points in enumerate(rows):
        stamp = START + i * 100 * MS
        late = stamp + image_delay * MS
        messages.append((stamp, "/lidar", "sensor_msgs/msg/PointCloud2", serialize_message(cloud(stamp, points))))
        if with_info:
            messages.append((late, "/cam/camera_info", "sensor_msgs/msg/CameraInfo", serialize_message(info(late))))
        messages.append((late, "/cam/image_raw", "sensor_msgs/msg/Image", serialize_message(image(late))))
    with Writer(path, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        connections: dict[str, Any] = {}
        for time, topic, kind, raw in messages:
            if topic not in connections:
                connections[topic] = writer.add_connection(topic, kind, typestore=STORE)
            writer.write(connections[topic], time, raw)
    return path


def _transforms() -> bytes:
    """/tf_static of the rig: the LiDAR as a child of the camera."""
    types = STORE.types
    header = types["std_msgs/msg/Header"](types["builtin_interfaces/msg/Time"](0, 0), "camera")
    transform = types["geometry_msgs/msg/Transform"](
        types["geometry_msgs/msg/Vector3"](*POSE[:3]), types["geometry_msgs/msg/Quaternion"](*POSE[3:])
    )
    stamped = types["geometry_msgs/msg/TransformStamped"](header, "lidar", transform)
    kind = "tf2_msgs/msg/TFMessage"
    return bytes(STORE.serialize_cdr(types[kind]([stamped]), kind))
