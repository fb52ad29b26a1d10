"""The node's overlay shows the unknown objects of its prediction."""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
from rig_messages import CALIBRATION, HEIGHT, WIDTH, header, picture

from fm_ood_ros.frame import Frame, View
from fm_ood_ros.objects import Box, UnknownObject
from fm_ood_ros.pictures.object_boxes import draw_objects
from fm_ood_ros.pictures.overlay import DIM
from fm_ood_ros.prediction import Prediction
from fm_ood_ros.ros.outputs import Outputs


class Topic:
    """A publisher with a listener, that keeps what it is given."""

    def __init__(self, name: str) -> None:
        self.name, self.sent = name, []

    def get_subscription_count(self) -> int:
        return int(self.name.endswith("/overlay"))

    def publish(self, message: object) -> None:
        self.sent.append(message)


def test_the_overlay_shows_the_objects_of_the_prediction():
    topics: list[Topic] = []

    def create(_, name, *rest, **options):
        topics.append(Topic(name))
        return topics[-1]

    labels = SimpleNamespace(colors=np.zeros((2, 3), np.uint8))
    outputs = Outputs(SimpleNamespace(create_lifecycle_publisher=create), labels)
    T = np.eye(4)
    T[:3, 3] = 8, 0, 0
    found = UnknownObject(np.zeros(1, np.int32), 0.97, np.zeros(2, np.float32), Box(T, (2.0, 2.0, 1.0), 0.0), 7.0)
    frame = Frame(0, np.zeros((0, 4), np.float32), (View(picture(), CALIBRATION),))
    none = np.zeros(0, np.float32)
    nobody = none.astype(bool)
    prediction = Prediction(none.astype(np.uint8), none, none, nobody, (), nobody, objects=(found,))
    outputs.publish(None, frame, prediction, (header(0, "lidar"), header(0, "camera")))
    (message,) = (m for topic in topics for m in topic.sent)
    drawn = np.frombuffer(message.data, np.uint8).reshape(HEIGHT, WIDTH, 3)
    dimmed = cv2.convertScaleAbs(picture(), alpha=DIM)
    assert (drawn != dimmed).any()
    np.testing.assert_array_equal(drawn, draw_objects(dimmed, CALIBRATION, [found]))
