"""Messages as CARLA's ROS bridge publishes them (its camera.py, lidar.py and sensor.py)."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo, Image, PointCloud2, PointField
from std_msgs.msg import Header

from fm_ood_ros.geometry.calibration import Calibration
from simulation.output.messages import quaternion
from simulation.sensors.lidar import Scan
from simulation.sensors.rigs import MAIN, Rig

LIDAR = np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("intensity", "<f4")])
SEMANTIC = np.dtype(
    [("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("CosAngle", "<f4"), ("ObjIdx", "<u4"), ("ObjTag", "<u4")]
)
POINT_TYPES = {np.dtype("<f4"): PointField.FLOAT32, np.dtype("<u4"): PointField.UINT32}


def camera_id(camera: int) -> str:
    """`rgb_front` for the main camera, then `rgb_3` and on, as image_3 in the data sets."""
    return "rgb_front" if camera == 0 else f"rgb_{MAIN + camera}"


def stamp_of(nanoseconds: int) -> Time:
    """A time of the messages."""
    return Time(sec=nanoseconds // 10**9, nanosec=nanoseconds % 10**9)


def image(header: Header, rgb: NDArray[np.uint8]) -> Image:
    """bgra8, opaque; rgb: [H,W,3]"""
    bgra = np.full((*rgb.shape[:2], 4), 255, np.uint8)
    bgra[..., :3] = rgb[..., ::-1]
    message = Image(header=header, height=rgb.shape[0], width=rgb.shape[1], encoding="bgra8", step=4 * rgb.shape[1])
    message.data = array("B", bgra.tobytes())
    return message


def camera_info(header: Header, calibration: Calibration) -> CameraInfo:
    """Of the raw image; P keeps K."""
    lens = calibration.lens
    K = lens.K
    d = lens.distortion if lens.distortion.size else np.zeros(5)
    return CameraInfo(
        header=header, height=lens.height, width=lens.width, d=d.tolist(), k=K.reshape(-1).tolist(),
        distortion_model=lens.model, r=np.eye(3).reshape(-1).tolist(),
        p=np.hstack([K, np.zeros((3, 1))]).reshape(-1).tolist(),
    )  # fmt: skip


def lidar(header: Header, scan: Scan) -> PointCloud2:
    """x y z intensity."""
    rows = np.zeros(len(scan.points), LIDAR)
    for i, name in enumerate(LIDAR.names or ()):
        rows[name] = scan.points[:, i]
    return _cloud(header, rows)


def semantic_lidar(header: Header, scan: Scan) -> PointCloud2:
    """x y z CosAngle ObjIdx ObjTag; ObjIdx: instance of unknown objects, 0 otherwise; ObjTag: CARLA's tag."""
    rows = np.zeros(len(scan.points), SEMANTIC)
    for i, name in enumerate("xyz"):
        rows[name] = scan.points[:, i]
    rows["CosAngle"], rows["ObjIdx"], rows["ObjTag"] = scan.cosine, scan.instance, TAGS[scan.label]
    return _cloud(header, rows)


def _cloud(header: Header, rows: NDArray[np.void]) -> PointCloud2:
    fields = [
        PointField(name=name, offset=offset, datatype=POINT_TYPES[kind], count=1)
        for name, (kind, offset) in ((n, f[:2]) for n, f in (rows.dtype.fields or {}).items())
    ]
    message = PointCloud2(
        header=header, height=1, width=len(rows), fields=fields, is_bigendian=False, is_dense=True,
        point_step=rows.dtype.itemsize, row_step=rows.nbytes,
    )  # fmt: skip
    message.data = array("B", rows.tobytes())
    return message


def transforms(stamp: Time, role: str, rig: Rig) -> list[TransformStamped]:
    """From the vehicle (on the ground below the LiDAR) to the LiDARs and the cameras' optical frames."""
    poses = {f"{role}/{name}": rig.T_base_lidar for name in ("lidar", "semantic_lidar")}
    for i, calibration in enumerate(rig.calibrations):
        poses[f"{role}/{camera_id(i)}"] = rig.T_base_lidar @ np.linalg.inv(calibration.T_camera_lidar)
    made = []
    for child, T in poses.items():
        x, y, z, w = quaternion(T[:3, :3])
        at = Vector3(**dict(zip("xyz", map(float, T[:3, 3]), strict=True)))
        pose = Transform(translation=at, rotation=Quaternion(x=x, y=y, z=z, w=w))
        made.append(TransformStamped(header=Header(stamp=stamp, frame_id=role), child_frame_id=child, transform=pose))
    return made


def _tags() -> NDArray[np.uint32]:
    """CARLA's tag [65536] of every raw class id."""
    table: dict[int, int] = yaml.safe_load(Path(__file__).with_name("carla_tags.yaml").read_text(encoding="utf-8"))
    tags = np.zeros(65536, np.uint32)
    tags[list(table)] = list(table.values())
    return tags


TAGS: NDArray[Any] = _tags()
