"""Frames of a recording whose clouds carry a label field, such as the simulator's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import CalibrationError, InputError
from fm_ood_ros.frame import Frame, View
from fm_ood_ros.geometry.camera_info import rectification_doubt
from fm_ood_ros.messages.image_message import decode_image
from fm_ood_ros.messages.point_cloud import CloudView
from fm_ood_ros.model.label_sets import LabelSet
from fm_ood_ros.replay.bag import Bag, BagMessage, open_bag
from fm_ood_ros.replay.truth import LABEL_FIELD
from training.data.frames import FrameFacts, check_labels


class LabelledBag:
    """Every labelled cloud of a rosbag2 folder or an .mcap file with the image nearest to it by their stamps.

    points, image: topics, found by their types when empty; label_set: checks the raw ids of every frame
    rectified: whether the images are, None where nobody has said so
    The recording is opened anew for every frame, so that loading processes share nothing.

    Raises InputError and CalibrationError naming the recording.
    """

    def __init__(
        self,
        path: str | Path,
        label_set: LabelSet | None = None,
        points: str = "",
        image: str = "",
        rectified: bool | None = None,
    ) -> None:
        self.root = Path(path)
        self.label_set = label_set
        self._topics = (points, image)
        with open_bag(self.root, points, image) as bag:
            self.calibration = bag.calibration(rectified=bool(rectified))
            doubt = rectification_doubt(bag.rig.image.name, self.calibration.lens)
            if doubt and rectified is None:
                raise CalibrationError(f"{self.root}: {doubt}: data.rectified true or false")
            clouds = [(_stamp(m), m.time) for m in bag.messages(bag.rig.points.name)]
            images = [(_stamp(m), m.time) for m in bag.messages(bag.rig.image.name)]
            if not clouds or not images:
                raise InputError(f"{self.root} has {len(clouds)} clouds and {len(images)} images; record both topics")
            first = CloudView(bag.first(bag.rig.points.name))
        if LABEL_FIELD not in (first.rows.dtype.names or ()):
            raise InputError(
                f"{self.root}: clouds have fields {first.rows.dtype.names}, expected '{LABEL_FIELD}' among them; "
                "give a labelled recording, such as the simulator's"
            )
        shown = np.array([stamp for stamp, _ in images])
        nearest = [int(np.abs(shown - stamp).argmin()) for stamp, _ in clouds]
        self._pairs = [(s, time, images[i][1]) for (s, time), i in zip(clouds, nearest, strict=True)]

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, index: int) -> Frame:
        """A frame at its cloud's stamp, with raw ids (the lower 16 bits of the label field)."""
        stamp, cloud_time, image_time = self._pairs[index]
        with open_bag(self.root, *self._topics) as bag:
            view = CloudView(bag.deserialise(_at(bag, bag.rig.points.name, cloud_time)))
            image = decode_image(bag.deserialise(_at(bag, bag.rig.image.name, image_time)))
        raw: NDArray[np.uint16] = (view.rows[LABEL_FIELD].astype(np.uint32) & 0xFFFF).astype(np.uint16)
        check_labels(raw, len(view), self.root, self.label_set)
        return Frame(stamp, view.points(), (View(image, self.calibration),), raw)

    def name(self, index: int) -> str:
        """The cloud's stamp in nanoseconds."""
        return str(self._pairs[index][0])

    def facts(self, index: int) -> FrameFacts:
        """Nothing: a recording holds its messages only."""
        return FrameFacts()


def _at(bag: Bag, topic: str, time: int) -> BagMessage:
    return next(bag.messages(topic, start=time, stop=time + 1))


def _stamp(message: BagMessage) -> int:
    """Nanoseconds of a message whose first field is its header, read from the serialised bytes."""
    order = "<" if message.raw[1] & 1 else ">"
    seconds, nanoseconds = np.frombuffer(message.raw, order + "u4", 2, 4)
    return int(seconds) * 10**9 + int(nanoseconds)
