"""The simulator's frames as ROS 2 messages."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rosbags.typesys import Stores, get_typestore
from rosbags.typesys.store import Typestore

from fm_ood_ros.geometry.calibration import Calibration
from simulation.sensors.lidar import Scan
from simulation.sensors.rigs import MAIN, Rig

LIDAR, CAMERA, BASE = "lidar", "camera_optical", "base_link"
RESOLUTION = 0.001  # metres; rounded coordinates compress far better
JPEG_QUALITY = 95
POINT = np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("intensity", "<f4"), ("label", "<u2")])
FLOAT32, UINT16 = 7, 4  # as PointField numbers them
FIELDS = {"x": (0, FLOAT32), "y": (4, FLOAT32), "z": (8, FLOAT32), "intensity": (12, FLOAT32), "label": (16, UINT16)}


def camera_name(camera: int) -> str:
    """`camera` for the main one, then `camera_3` and on, as image_3 in the data sets."""
    return "camera" if camera == 0 else f"camera_{MAIN + camera}"


def optical_frame(camera: int) -> str:
    """The camera's optical frame."""
    return CAMERA if camera == 0 else camera_name(camera) + "_optical"


class Messages:
    """Makes messages of one type store."""

    def __init__(self) -> None:
        self.store: Typestore = get_typestore(Stores.ROS2_HUMBLE)

    def _new(self, kind: str, /, **fields: Any) -> Any:
        return self.store.types[kind](**fields)

    def header(self, stamp: int, frame: str) -> Any:
        """stamp in nanoseconds."""
        time = self._new("builtin_interfaces/msg/Time", sec=stamp // 10**9, nanosec=stamp % 10**9)
        return self._new("std_msgs/msg/Header", stamp=time, frame_id=frame)

    def cloud(self, stamp: int, scan: Scan) -> Any:
        """PointCloud2 with x y z intensity label."""
        rows = np.zeros(len(scan.points), POINT)
        for i, name in enumerate(("x", "y", "z")):
            rows[name] = np.round(scan.points[:, i] / RESOLUTION) * RESOLUTION
        rows["intensity"] = np.round(scan.points[:, 3] * 255) / 255
        rows["label"] = scan.label
        fields = [
            self._new("sensor_msgs/msg/PointField", name=name, offset=offset, datatype=kind, count=1)
            for name, (offset, kind) in FIELDS.items()
        ]
        data = np.frombuffer(rows.tobytes(), np.uint8)
        return self._new(
            "sensor_msgs/msg/PointCloud2", header=self.header(stamp, LIDAR), height=1, width=len(rows), fields=fields,
            is_bigendian=False, point_step=POINT.itemsize, row_step=len(data), data=data, is_dense=True,
        )  # fmt: skip

    def image(self, stamp: int, image: NDArray[np.uint8], camera: int = 0) -> Any:
        """Image, rgb8."""
        height, width = image.shape[:2]
        return self._new(
            "sensor_msgs/msg/Image", header=self.header(stamp, optical_frame(camera)), height=height, width=width,
            encoding="rgb8", is_bigendian=0, step=3 * width, data=np.ascontiguousarray(image).reshape(-1),
        )  # fmt: skip

    def compressed(self, stamp: int, image: NDArray[np.uint8], camera: int = 0) -> Any:
        """CompressedImage, JPEG."""
        _, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        header = self.header(stamp, optical_frame(camera))
        return self._new("sensor_msgs/msg/CompressedImage", header=header, format="jpeg", data=data.reshape(-1))

    def camera_info(self, stamp: int, calibration: Calibration, camera: int = 0) -> Any:
        """CameraInfo of the raw image; P keeps K for the rectified one."""
        region = self._new(
            "sensor_msgs/msg/RegionOfInterest", x_offset=0, y_offset=0, height=0, width=0, do_rectify=False
        )
        lens = calibration.lens
        K, d = lens.K, lens.distortion if lens.distortion.size else np.zeros(5)
        return self._new(
            "sensor_msgs/msg/CameraInfo", header=self.header(stamp, optical_frame(camera)), height=lens.height,
            width=lens.width, distortion_model=lens.model, d=d, k=K.reshape(-1),
            r=np.eye(3).reshape(-1), p=np.hstack([K, np.zeros((3, 1))]).reshape(-1),
            binning_x=0, binning_y=0, roi=region,
        )  # fmt: skip

    def transforms(self, stamp: int, rig: Rig) -> Any:
        """TFMessage: base_link to the LiDAR and to the cameras, as the calibration on file has them."""
        pairs = [(LIDAR, rig.T_base_lidar)]
        for i, calibration in enumerate(rig.calibrations):
            pairs.append((optical_frame(i), rig.T_base_lidar @ np.linalg.inv(calibration.T_camera_lidar)))
        return self._new("tf2_msgs/msg/TFMessage", transforms=[self._transform(stamp, n, T) for n, T in pairs])

    def _transform(self, stamp: int, child: str, T: NDArray[np.float64]) -> Any:
        x, y, z, w = quaternion(T[:3, :3])
        at = self._new("geometry_msgs/msg/Vector3", **dict(zip("xyz", map(float, T[:3, 3]), strict=True)))
        turn = self._new("geometry_msgs/msg/Quaternion", x=x, y=y, z=z, w=w)
        pose = self._new("geometry_msgs/msg/Transform", translation=at, rotation=turn)
        header = self.header(stamp, BASE)
        return self._new("geometry_msgs/msg/TransformStamped", header=header, child_frame_id=child, transform=pose)


def quaternion(R: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """x y z w of a rotation [3,3]: the strongest eigenvector of Bar-Itzhack's matrix (J. Guid. Control, 2000)."""
    (a, b, c), (d, e, f), (g, h, i) = R
    M = np.array([
        [a - e - i, d + b, g + c, h - f], [d + b, e - a - i, h + f, c - g],
        [g + c, h + f, i - a - e, d - b], [h - f, c - g, d - b, a + e + i],
    ])  # fmt: skip
    x, y, z, w = np.linalg.eigh(M)[1][:, -1]
    return float(x), float(y), float(z), float(w)
