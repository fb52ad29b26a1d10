"""Messages of a small rig: a camera of 128x32 pixels, and a LiDAR at its place that looks the same way."""

from __future__ import annotations

from typing import Any

import numpy as np
from sensor_msgs.msg import CameraInfo, Image, PointCloud2, PointField
from std_msgs.msg import Header

from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.messages.point_cloud import DATATYPES

WIDTH, HEIGHT, FOCAL = 128, 32, 64.0
K = np.array([[FOCAL, 0, 63.5], [0, FOCAL, 15.5], [0, 0, 1]])
POSE = [0.0, 0.0, 0.0, 0.5, -0.5, 0.5, 0.5]  # of the LiDAR in the optical frame: x forward becomes z forward
T_CAMERA_LIDAR = np.array([[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1]], np.float64)
CALIBRATION = Calibration(Lens(K, WIDTH, HEIGHT), T_CAMERA_LIDAR)
XYZI = np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("intensity", "<f4")])
MS = 1_000_000


def header(stamp: int, frame: str) -> Header:
    """stamp: ns"""
    made = Header(frame_id=frame)
    made.stamp.sec, made.stamp.nanosec = divmod(stamp, 10**9)
    return made


def rays(step: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Columns u and rows v of pixels, each with one point of scene()."""
    v, u = np.mgrid[2 : HEIGHT - 2 : step, 2 : WIDTH - 2 : step]
    return u.reshape(-1), v.reshape(-1)


def scene(dtype: np.dtype = XYZI) -> np.ndarray:
    """One point per pixel of rays(), 20 to 22 m away, and ten points behind the camera; structured [N]."""
    u, v = rays()
    x = np.linspace(20, 22, len(u))
    rows = np.zeros(len(u) + 10, dtype)
    rows["x"] = [*x, *[-5.0] * 10]
    rows["y"] = [*((63.5 - u) / FOCAL * x), *range(10)]
    rows["z"] = [*((15.5 - v) / FOCAL * x), *range(10)]
    if "intensity" in (dtype.names or ()):
        rows["intensity"] = np.linspace(0, 1, len(rows))
    return rows


def picture() -> np.ndarray:
    """[H,W,3] uint8, red rising to the right."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[..., 0] = np.linspace(0, 255, WIDTH).round()
    image[..., 2] = 77
    return image


def cloud(stamp: int, rows: np.ndarray, **changes: Any) -> PointCloud2:
    """A PointCloud2 of a structured array [N] or [H,W]; changes: fields of the message to set otherwise."""
    grid = np.atleast_2d(rows)
    message = PointCloud2(header=header(stamp, "lidar"), height=grid.shape[0], width=grid.shape[1])
    for name, (kind, offset, *_) in rows.dtype.fields.items():
        message.fields.append(PointField(name=name, offset=offset, datatype=DATATYPES[kind.newbyteorder("=")], count=1))
    message.is_bigendian = rows.dtype["x"].byteorder == ">"
    message.point_step = rows.dtype.itemsize
    message.row_step = rows.dtype.itemsize * grid.shape[1]
    message.data = rows.tobytes()
    for name, value in changes.items():
        setattr(message, name, value)
    return message


def image(stamp: int, pixels: np.ndarray | None = None, padding: int = 0, **changes: Any) -> Image:
    """An Image rgb8 of [H,W,3], rows padded with that many bytes."""
    pixels = picture() if pixels is None else pixels
    message = Image(header=header(stamp, "camera"), height=pixels.shape[0], width=pixels.shape[1], encoding="rgb8")
    padded = np.pad(pixels.reshape(len(pixels), -1), ((0, 0), (0, padding)), constant_values=170)
    message.step = padded.shape[1]
    message.data = padded.tobytes()
    for name, value in changes.items():
        setattr(message, name, value)
    return message


def info(stamp: int = 0, **changes: Any) -> CameraInfo:
    """The camera's CameraInfo."""
    message = CameraInfo(header=header(stamp, "camera"), width=WIDTH, height=HEIGHT, distortion_model="plumb_bob")
    message.k = K.reshape(-1)
    message.p = np.hstack([K, np.zeros((3, 1))]).reshape(-1)
    message.d = [0.0] * 5
    for name, value in changes.items():
        setattr(message, name, value)
    return message
