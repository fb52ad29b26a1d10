"""The node's parameters: one table, declared with types, descriptions and ranges."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.exceptions import ParameterUninitializedException
from rclpy.node import Node
from rclpy.parameter import Parameter

from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.ground import tilted_plane
from fm_ood_ros.pairing.synchroniser import SyncSettings
from fm_ood_ros.rig import RigFacts

DOUBLES = Parameter.Type.DOUBLE_ARRAY  # a type instead of a default: unset means none


@dataclass(frozen=True)
class Spec:
    """One parameter; low and high bound numbers, dynamic ones may change while the node runs."""

    name: str
    default: Any
    description: str
    low: float | None = None
    high: float | None = None
    read_only: bool = False
    dynamic: bool = False


SPECS = (
    Spec("model", "", "Folder of the model bundle; empty takes the shipped one.", read_only=True),
    Spec("engine", "auto", "Inference engine: auto or onnxruntime."),
    Spec("threads", 0, "Threads of the inference engine; 0 takes one per core and leaves one core free.", 0, 256),
    Spec("autostart", True, "Configure and activate at start, without a lifecycle manager.", read_only=True),
    Spec("image_transport", "raw", "raw, or compressed for ~/input/image/compressed.", read_only=True),
    Spec(
        "extrinsics",
        DOUBLES,
        "Pose of the LiDAR in the camera's optical frame: x y z qx qy qz qw (metres, unit quaternion), or the 16 "
        "numbers of T_camera_lidar row by row.",
    ),
    Spec(
        "calibration_file",
        "",
        "YAML of the lens, ours or camera_calibration's, in place of camera_info; with T_camera_lidar in place of "
        "extrinsics too. ~ is the home folder.",
    ),
    Spec("rectified", False, "The images are rectified: use P and R of the calibration instead of K and D."),
    Spec(
        "site",
        "",
        "Site file of `python -m fm_ood_ros.calibrate`: the score's scale, mount and intensity_scale of this rig, the "
        "latter two unless they are set. ~ is the home folder.",
    ),
    Spec("mount", DOUBLES, "Camera over the ground: height (m), pitch down, roll right (degrees); unset measures it."),
    Spec(
        "lidar_rows",
        DOUBLES,
        "Rows of the image that the LiDAR covers: the first, and the one after the last.",
    ),
    Spec("intensity_scale", 0.0, "Intensity that the network sees as 1; 0 finds it.", 0.0, 1e9),
    Spec("threshold", 0.0, "anomaly_score from which a point is unknown; 0 takes the model's.", 0.0, 1.0, dynamic=True),
    Spec(
        "object_confirm",
        3,
        "Clouds of the last object_window in which an object is seen before it is confirmed.",
        1,
        100,
    ),
    Spec("object_window", 5, "Clouds over which an object is confirmed.", 1, 100),
    Spec("sync_tolerance", 0.05, "Seconds by which an image may miss its expected stamp.", 0.0, 10.0),
    Spec("image_offset", 0.0, "Expected image stamp minus cloud stamp, seconds.", -10.0, 10.0),
    Spec("max_wait", 0.1, "Seconds that a cloud waits for a better image.", 0.0, 10.0),
    Spec("sync_queue_size", 10, "Clouds that may wait for an image.", 1, 1000),
    Spec("image_memory", 1.0, "Seconds of images kept for clouds that come late.", 0.1, 10.0),
    Spec("max_pending", 1, "Pairs that may wait for the model; 1 = the newest wins, more for recordings.", 1, 100_000),
    Spec("diagnostics_period", 1.0, "Seconds between /diagnostics.", 0.1, 60.0, read_only=True),
)
DYNAMIC = frozenset(spec.name for spec in SPECS if spec.dynamic)


@dataclass(frozen=True)
class NodeParameters:
    """Values as they were at configure; arrays are empty when unset."""

    model: str
    engine: str
    threads: int
    image_transport: str
    extrinsics: tuple[float, ...]
    calibration_file: str
    rectified: bool
    site: str
    rig: RigFacts
    sync: SyncSettings
    max_pending: int
    confirm: int
    window: int


def declare_parameters(node: Node) -> None:
    """Declares all; raises rclpy's exceptions for overrides of a wrong type or out of range."""
    for spec in SPECS:
        node.declare_parameter(spec.name, spec.default, _descriptor(spec))


def _descriptor(spec: Spec) -> ParameterDescriptor:
    descriptor = ParameterDescriptor(description=spec.description, read_only=spec.read_only)
    if isinstance(spec.default, float):
        descriptor.floating_point_range = [FloatingPointRange(from_value=spec.low, to_value=spec.high, step=0.0)]
    elif isinstance(spec.default, int) and not isinstance(spec.default, bool):
        descriptor.integer_range = [IntegerRange(from_value=spec.low, to_value=spec.high, step=1)]
    return descriptor


def read_parameters(node: Node) -> NodeParameters:
    """Current values; raises InputError when they make no sense together."""
    values = {spec.name: value_of(node, spec.name) for spec in SPECS}
    if values["image_transport"] not in ("raw", "compressed"):
        raise InputError(f"image_transport is '{values['image_transport']}', expected raw or compressed")
    if values["object_confirm"] > values["object_window"]:
        raise InputError(
            f"object_confirm is {values['confirm']}, expected at most object_window, {values['object_window']}"
        )
    seconds = 1_000_000_000
    sync = SyncSettings(
        tolerance=round(values["sync_tolerance"] * seconds),
        image_offset=round(values["image_offset"] * seconds),
        max_wait=values["max_wait"],
        queue_size=values["sync_queue_size"],
        max_jump=max(1 * seconds, round(4 * (values["sync_tolerance"] + abs(values["image_offset"])) * seconds)),
        image_memory=round(values["image_memory"] * seconds),
    )
    return NodeParameters(
        model=_path(values["model"]),
        engine=values["engine"],
        threads=values["threads"],
        image_transport=values["image_transport"],
        extrinsics=tuple(values["extrinsics"]),
        calibration_file=_path(values["calibration_file"]),
        rectified=values["rectified"],
        site=_path(values["site"]),
        rig=_rig_facts(values),
        sync=sync,
        max_pending=values["max_pending"],
        confirm=values["object_confirm"],
        window=values["object_window"],
    )


def _path(text: str) -> str:
    """With the home folder for ~, which no shell expands in a parameter file."""
    return str(Path(text).expanduser()) if text else ""


def _rig_facts(values: dict[str, Any]) -> RigFacts:
    mount, rows = tuple(values["mount"]), tuple(values["lidar_rows"])
    if not np.isfinite([*mount, *rows]).all():
        raise InputError(f"mount is {list(mount)} and lidar_rows are {list(rows)}, expected finite numbers")
    if mount and not (len(mount) == 3 and 0.1 <= mount[0] <= 20 and max(abs(mount[1]), abs(mount[2])) <= 80):
        raise InputError(f"mount is {list(mount)}, expected the height in metres, pitch and roll in degrees")
    if rows and not (len(rows) == 2 and 0 <= rows[0] < rows[1] - 1):
        raise InputError(f"lidar_rows are {list(rows)}, expected the first row and the row after the last")
    return RigFacts(
        ground=tilted_plane(*mount) if mount else None,
        rows=(int(rows[0]), int(rows[1])) if rows else None,
        intensity=float(values["intensity_scale"]),
    )


def value_of(node: Node, name: str) -> Any:
    """The value of a parameter; () for an array that is not set."""
    try:
        return node.get_parameter(name).value
    except ParameterUninitializedException:
        return ()
