"""One recording: its rig, its calibration and its messages in order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rosbags.highlevel import AnyReader, AnyReaderError
from rosbags.typesys import Stores, get_typestore

from fm_ood_ros.errors import CalibrationError, InputError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.calibration_files import read_lens
from fm_ood_ros.geometry.camera_info import is_calibrated, lens_of
from fm_ood_ros.geometry.transforms import TransformTree
from fm_ood_ros.replay.topics import TRANSFORMS, RigTopics, Topic, find_rig


@dataclass(frozen=True)
class BagMessage:
    """A message as it was recorded: time in ns, topic, type and serialised (CDR) bytes."""

    time: int
    topic: str
    msgtype: str
    raw: bytes

    @property
    def stamp(self) -> int:
        """Header stamp in ns of a message whose first field is its header, from the serialised bytes."""
        seconds, nanoseconds = np.frombuffer(self.raw, "<u4" if self.raw[1] & 1 else ">u4", 2, 4)
        return int(seconds) * 10**9 + int(nanoseconds)


class Bag:
    """An open recording (a rosbag2 folder or a single .mcap file)."""

    def __init__(self, path: Path, reader: AnyReader, points: str, image: str) -> None:
        self.path = path
        self._reader = reader
        topics = [Topic(c.topic, c.msgtype, c.msgcount) for c in reader.connections]
        self.rig: RigTopics = find_rig(topics, points, image)

    @property
    def seconds(self) -> float:
        """Length of the recording."""
        return float(self._reader.duration) / 1e9

    def messages(self, *topics: str, start: int | None = None, stop: int | None = None) -> Iterator[BagMessage]:
        """Messages of these topics (all without any) in order of time, recorded from `start` to before `stop` (ns)."""
        wanted = [c for c in self._reader.connections if not topics or c.topic in topics]
        for connection, time, raw in self._reader.messages(wanted, start, stop):
            yield BagMessage(time, connection.topic, connection.msgtype, bytes(raw))

    def deserialise(self, message: BagMessage) -> Any:
        """The message as an object with the fields of its ROS type; raises InputError where its bytes are none."""
        try:
            return self._reader.deserialize(message.raw, message.msgtype)
        except (AnyReaderError, ValueError) as error:
            raise InputError(
                f"{self.path}: the message on {message.topic} at {message.time} ns is no {message.msgtype} ({error}); "
                "it was cut off or damaged: leave it out of the recording"
            ) from error

    def first(self, topic: str) -> Any:
        """The first message of a topic."""
        return self.deserialise(next(self.messages(topic)))

    def calibration(self, file: Path | None = None, rectified: bool = False) -> Calibration:
        """The rig's calibration, of raw or rectified images: lens from a file or camera_info, pose from it or TF.

        Raises CalibrationError.
        """
        if file:
            lens, T_camera_lidar = read_lens(file, rectified)
            if T_camera_lidar is not None:
                return Calibration(lens, T_camera_lidar)
            camera = self.first(self.rig.image.name)
        else:
            camera = self._info(rectified)
            lens = lens_of(camera, rectified)
        points = self.first(self.rig.points.name)
        return Calibration(lens, self._tree().lookup(camera.header.frame_id, points.header.frame_id))

    def _info(self, rectified: bool) -> Any:
        """The first camera_info that says anything, or else the first."""
        if self.rig.info is None:
            raise CalibrationError(
                f"{self.path} has no camera_info for {self.rig.image.name}; give a calibration with --calibration FILE"
            )
        infos = (self.deserialise(message) for message in self.messages(self.rig.info.name))
        return next((info for info in infos if is_calibrated(info, rectified)), None) or self.first(self.rig.info.name)

    def _tree(self) -> TransformTree:
        tree = TransformTree()
        names = [c.topic for c in self._reader.connections if c.msgtype == TRANSFORMS and "static" in c.topic]
        for message in self.messages(*names) if names else ():
            tree.add(self.deserialise(message).transforms)
        return tree


@contextmanager
def open_bag(path: Path, points: str = "", image: str = "") -> Iterator[Bag]:
    """Opens a recording; `points` and `image` choose topics; raises InputError when it cannot be read."""
    if not path.exists():
        raise InputError(f"{path} does not exist; give a rosbag2 folder or an .mcap file")
    try:
        reader = AnyReader([path], default_typestore=get_typestore(Stores.ROS2_JAZZY))
        reader.open()
    except (AnyReaderError, OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as a ROS 2 bag ({error}); give a rosbag2 folder or .mcap") from error
    try:
        yield Bag(path, reader, points, image)
    finally:
        reader.close()
