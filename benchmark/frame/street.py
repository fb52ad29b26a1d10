"""A street with houses, cars, people, trees and things nobody knows, and what a LiDAR and a camera send of it."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.lens import Lens

BEAMS = {10_000: 16, 30_000: 32, 120_000: 64, 300_000: 128}  # by points of a cloud, as sensors on the market have them
LIDAR, FARTHEST, NOISE = 1.73, 90.0, 0.015  # metres over the ground, of range, of its spread
ELEVATION = -24.8, 2.0  # degrees, lowest and highest beam
LENS = Lens(np.array([[600.0, 0, 620.5], [0, 600, 172], [0, 0, 1]]), 1242, 375)  # sees a sixth of the points
T_CAMERA_LIDAR = np.array([[0, -1, 0, 0], [0, 0, -1, -0.08], [1, 0, 0, -0.27], [0, 0, 0, 1]], np.float64)
CALIBRATION = Calibration(LENS, T_CAMERA_LIDAR)
POINT = np.dtype([("x", "f4"), ("y", "f4"), ("z", "f4"), ("intensity", "f4"), ("ring", "u2"), ("time", "f4")])
DATATYPES = {"f4": 7, "u2": 4}  # as PointField numbers them
Boxes = NDArray[np.float64]
Corner = tuple[float, float, float]


@dataclass(frozen=True)
class Sent:
    """A moment as its messages: PointCloud2 and JPEG with the fields of sensor_msgs; xyzi: the same points [N,4]."""

    cloud: Any
    image: Any
    xyzi: NDArray[np.float32]


def sent(points: int, seed: int = 0) -> Sent:
    """A moment whose cloud has so many points."""
    rng = np.random.default_rng(seed)
    beams = BEAMS.get(points, 16)
    rows = _rows(points, beams, _boxes(rng), rng)
    xyzi = np.column_stack([rows[name] for name in ("x", "y", "z", "intensity")]).astype(np.float32)
    return Sent(_cloud(rows), _image(rng), xyzi)


def _boxes(rng: np.random.Generator) -> Boxes:
    """[B,2,3] lowest and highest corners, metres on the ground below the LiDAR, x along the street."""
    boxes: list[tuple[Corner, Corner]] = [((-90, 6, 0), (90, 15, 0.15)), ((-90, -15, 0), (90, -6, 0.15))]  # pavements
    for x in range(-84, 90, 14):
        boxes += [((x, y, 0), (x + 11, y + 3, rng.uniform(6, 10))) for y in (12.0, -15.0)]  # houses, then a gap
        for y in (9.0, -9.0):
            boxes += [((x, y, 0), (x + 0.3, y + 0.3, 5)), ((x - 1, y - 1, 3), (x + 1.3, y + 1.3, 5.5))]  # a tree
        for y in rng.choice([4.2, -6.0], rng.integers(1, 3), replace=False):
            boxes.append(((x + 4, y, 0.2), (x + 8.3, y + 1.8, 1.5)))  # a parked car
        for x_of, y in rng.uniform((x, 6.5), (x + 14, 11), (3, 2)):
            boxes.append(((x_of, y, 0), (x_of + 0.4, y + 0.5, 1.75)))  # somebody on the pavement
    for x, y, size in ((9, 1.5, 0.5), (14, -2, 1.2), (22, 0.5, 0.8), (33, 2.5, 1.5), (47, -1.5, 2.0)):
        boxes.append(((x, y, 0), (x + size, y + size, size)))  # what does not belong on a road
    return np.array(boxes, np.float64)


def _rows(points: int, beams: int, boxes: Boxes, rng: np.random.Generator) -> NDArray[np.void]:
    """Structured [points], column by column as a LiDAR turns; what comes back of too many rays is thinned evenly."""
    azimuth = np.linspace(np.pi, -np.pi, -(-points * 5 // (4 * beams)), endpoint=False)
    elevation = np.radians(np.linspace(*ELEVATION, beams))
    a, e = (grid.reshape(-1) for grid in np.meshgrid(azimuth, elevation, indexing="ij"))
    rays = np.stack([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)])
    distance = _distance(rays, boxes)
    back = np.flatnonzero(distance < FARTHEST)
    back = back[np.linspace(0, len(back) - 1, points).astype(np.int64)]
    xyz = rays[:, back] * (distance[back] + rng.normal(0, NOISE, points))
    rows = np.zeros(points, POINT)
    rows["x"], rows["y"], rows["z"] = xyz
    rows["intensity"] = 0.4 + 0.2 * np.sin(xyz[0]) + 0.2 * np.sin(3 * xyz[1])
    rows["ring"], rows["time"] = back % beams, 0.1 * back / len(a)
    return rows


def _distance(rays: NDArray[np.float64], boxes: Boxes) -> NDArray[np.float64]:
    """Metres along rays [3,N] to what they hit first, infinite for the sky."""
    origin = np.array([[0.0], [0.0], [LIDAR]])
    with np.errstate(divide="ignore"):
        inverse = 1 / rays
        found = np.where(rays[2] < 0, -LIDAR * inverse[2], np.inf)
    for low, high in boxes:
        with np.errstate(invalid="ignore"):
            near, far = (low[:, None] - origin) * inverse, (high[:, None] - origin) * inverse
        enter, leave = np.minimum(near, far).max(0), np.maximum(near, far).min(0)
        np.minimum(found, enter, out=found, where=(enter < leave) & (enter > 0))
    return found


def _cloud(rows: NDArray[np.void]) -> Any:
    fields = [
        SimpleNamespace(name=name, offset=offset, datatype=DATATYPES[dtype.str[1:]], count=1)
        for name, (dtype, offset, *_) in (POINT.fields or {}).items()
    ]
    return SimpleNamespace(
        height=1, width=len(rows), is_bigendian=False, point_step=POINT.itemsize, row_step=rows.nbytes, fields=fields,
        data=np.frombuffer(rows.tobytes(), np.uint8),
    )  # fmt: skip


def _image(rng: np.random.Generator) -> Any:
    """A picture with as much in it as a street has: what a JPEG costs depends on that."""
    coarse = rng.integers(0, 256, (LENS.height // 8, LENS.width // 8, 3), np.uint8)
    pixels = cv2.resize(coarse, (LENS.width, LENS.height), interpolation=cv2.INTER_CUBIC)
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return SimpleNamespace(format="bgr8; jpeg compressed bgr8", data=data.reshape(-1))
