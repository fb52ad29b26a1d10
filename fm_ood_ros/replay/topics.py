"""Which topics of a bag are the LiDAR, the camera and its calibration; found by type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fm_ood_ros.errors import InputError

CLOUD = "sensor_msgs/msg/PointCloud2"
IMAGE = "sensor_msgs/msg/Image"
COMPRESSED = "sensor_msgs/msg/CompressedImage"
CAMERA_INFO = "sensor_msgs/msg/CameraInfo"
TRANSFORMS = "tf2_msgs/msg/TFMessage"


@dataclass(frozen=True)
class Topic:
    """A topic of a bag, its message type and how many messages it holds."""

    name: str
    msgtype: str
    count: int


@dataclass(frozen=True)
class RigTopics:
    """The topics of one rig; info is None when the bag has no camera_info for the image."""

    points: Topic
    image: Topic
    info: Topic | None
    others: tuple[str, ...] = ()

    @property
    def compressed(self) -> bool:
        """Whether the images are CompressedImage."""
        return self.image.msgtype == COMPRESSED


def find_rig(topics: Iterable[Topic], points: str = "", image: str = "") -> RigTopics:
    """The rig's topics among those of a bag; `points` and `image` choose by name where there are several.

    Raises InputError naming what the bag has when a type is missing or a name does not exist.
    """
    filled = [t for t in topics if t.count]
    cloud = _choose(filled, (CLOUD,), points, "--points")
    camera = _choose(filled, (IMAGE, COMPRESSED), image, "--image")
    infos = [t for t in filled if t.msgtype == CAMERA_INFO]
    named = {i.name for i in infos}
    info = next((name for name in _info_names(camera.name) if name in named), None)
    others = tuple(sorted(t.name for t in filled if t.msgtype in (IMAGE, COMPRESSED) and t != camera))
    return RigTopics(cloud, camera, next((i for i in infos if i.name == info), None), others)


def _choose(topics: list[Topic], types: tuple[str, ...], name: str, option: str) -> Topic:
    """The topic of that name, or the best of those types: a front camera first, then the most messages."""
    fitting = [t for t in topics if t.msgtype in types]
    if name:
        fitting = [t for t in fitting if t.name == name]
    if not fitting:
        found = ", ".join(f"{t.name} ({t.msgtype}, {t.count})" for t in topics) or "nothing"
        wanted = f"'{name}'" if name else "a topic"
        raise InputError(f"the bag holds {found}, expected {wanted} of {' or '.join(types)}; choose one with {option}")
    return min(fitting, key=lambda t: ("front" not in t.name.lower(), -t.count, t.name))


def _info_names(image: str) -> list[str]:
    """Where camera_info may stand for an image topic, nearest first."""
    parts = image.strip("/").split("/")
    return ["/" + "/".join([*parts[:n], "camera_info"]) for n in range(len(parts), -1, -1)]
