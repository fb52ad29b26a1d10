"""The node's output topics; without a subscriber an output costs nothing."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.lifecycle import LifecycleNode
from sensor_msgs.msg import Image, PointCloud2, PointField
from std_msgs.msg import Header

from fm_ood_ros.frame import Frame
from fm_ood_ros.messages.point_cloud import CloudData, CloudView, append_fields, coloured
from fm_ood_ros.model.label_sets import LabelSet
from fm_ood_ros.pictures.object_boxes import draw_objects
from fm_ood_ros.pictures.overlay import class_colors, draw_dots
from fm_ood_ros.prediction import NOT_JUDGED, Prediction
from fm_ood_ros.ros.qos import overridable, reliable_output

TOPICS: dict[str, Any] = {
    "points": PointCloud2,
    "points_colored": PointCloud2,
    "class_mask": Image,
    "anomaly_map": Image,
    "overlay": Image,
}


class Outputs:
    """Lifecycle publishers under ~/output/."""

    def __init__(self, node: LifecycleNode, labels: LabelSet) -> None:
        self._node = node
        self._labels = labels
        self._publishers = {
            name: node.create_lifecycle_publisher(
                kind, f"~/output/{name}", reliable_output(), qos_overriding_options=overridable()
            )
            for name, kind in TOPICS.items()
        }

    def destroy(self) -> None:
        """Takes the topics away."""
        for publisher in self._publishers.values():
            self._node.destroy_lifecycle_publisher(publisher)
        self._publishers.clear()

    def publish(self, view: CloudView, frame: Frame, prediction: Prediction, headers: tuple[Header, Header]) -> None:
        """Publishes what somebody listens to; headers: of the cloud and of the image."""
        cloud_header, image_header = headers
        if self._wanted("points"):
            self._send("points", cloud_message(append_fields(view, verdict_fields(prediction)), cloud_header))
        if self._wanted("points_colored"):
            rgb = class_colors(prediction.class_id, prediction.unknown, self._labels.colors)
            self._send("points_colored", cloud_message(coloured(view, rgb), cloud_header))
        if self._wanted("class_mask"):
            self._send("class_mask", image_message(prediction.views[0].class_map(), "mono8", image_header))
        if self._wanted("anomaly_map"):
            self._send("anomaly_map", image_message(prediction.views[0].anomaly_map(), "32FC1", image_header))
        if self._wanted("overlay"):
            self._send("overlay", image_message(self._overlay(frame, prediction), "rgb8", image_header))

    def _wanted(self, name: str) -> bool:
        return bool(self._publishers[name].get_subscription_count())

    def _send(self, name: str, message: Any) -> None:
        self._publishers[name].publish(message)

    def _overlay(self, frame: Frame, prediction: Prediction) -> NDArray[np.uint8]:
        judged = prediction.class_id != NOT_JUDGED
        rgb = class_colors(prediction.class_id[judged], prediction.unknown[judged], self._labels.colors)
        shown = frame.views[0]
        uv, depth = shown.calibration.project(frame.points[judged])
        return draw_objects(draw_dots(shown.image, uv, rgb, depth), shown.calibration, prediction.objects)


def verdict_fields(prediction: Prediction) -> dict[str, NDArray[Any]]:
    """What the output cloud has beside the input's fields."""
    names = ("class_id", "probability", "anomaly_score")
    fields = {name: getattr(prediction, name) for name in names}
    return {**fields, "unknown": prediction.unknown.astype(np.uint8), "object_id": prediction.object_id}


def cloud_message(data: CloudData, header: Header) -> PointCloud2:
    """A PointCloud2 of appended or coloured points."""
    message = PointCloud2(header=header, height=data.height, width=data.width, is_bigendian=data.is_bigendian)
    message.fields = [PointField(name=f.name, offset=f.offset, datatype=f.datatype, count=f.count) for f in data.fields]
    message.point_step = data.point_step
    message.row_step = data.point_step * data.width
    message.is_dense = False  # points that were not judged carry NaN
    message.data = _bytes(data.data)
    return message


def image_message(pixels: NDArray[Any], encoding: str, header: Header) -> Image:
    """An Image of [H,W] or [H,W,3] pixels."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    message = Image(header=header, height=height, width=width, encoding=encoding)
    message.is_bigendian = 0
    message.step = pixels.strides[0]
    message.data = _bytes(pixels)
    return message


def _bytes(values: NDArray[Any]) -> array[int]:
    """An array('B'): bytes are checked one by one by the message's setter, 70 times slower."""
    out = array("B")
    out.frombytes(values.data.cast("B"))
    return out
