"""The node's outputs without a node: built as if somebody listened to all of them, and sent nowhere."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

from benchmark.frame.meters import Places
from fm_ood_ros.frame import Frame
from fm_ood_ros.messages.point_cloud import CloudView, append_fields
from fm_ood_ros.model.label_sets import LabelSet
from fm_ood_ros.prediction import Prediction, ViewVerdicts

try:
    from std_msgs.msg import Header

    from fm_ood_ros.ros import outputs
except ImportError:
    outputs = None  # type: ignore[assignment]

MESSAGES = "all messages of the node" if outputs else "of the messages the cloud's bytes alone, since ROS is missing"


class Publishing:
    """Builds what is published of a frame; sent: the last message of each topic, none without ROS."""

    def __init__(self, labels: LabelSet) -> None:
        self.sent: dict[str, Any] = {}
        self._outputs = outputs and outputs.Outputs(_node(self.sent), labels)

    def __call__(self, view: CloudView, frame: Frame, prediction: Prediction) -> None:
        """All outputs of one frame."""
        if self._outputs:
            self._outputs.publish(view, frame, prediction, (Header(), Header()))
        else:
            append_fields(view, {n: getattr(prediction, n) for n in ("class_id", "probability", "anomaly_score")})


def places() -> Places:
    """Where the outputs are built; what is left of publishing is the messages about them."""
    if not outputs:
        return {}
    return {
        "points": (outputs, "append_fields"),
        "points in colour": (outputs, "coloured"),
        "maps": (ViewVerdicts, "_map"),
        "overlay": (outputs, "draw_dots"),
        "boxes": (outputs, "draw_objects"),
    }


def _node(sent: dict[str, Any]) -> Any:
    """As much of a node as outputs need."""

    def publisher(kind: type, topic: str, *_: Any, **__: Any) -> Any:
        keep = partial(sent.__setitem__, topic.rsplit("/", 1)[-1])
        return SimpleNamespace(get_subscription_count=lambda: 1, publish=keep)

    return SimpleNamespace(create_lifecycle_publisher=publisher)
