"""Small data sets in SemanticKITTI's layout: a street of planes and boxes, seen by rays from both sensors."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, FOCAL = 320, 96, 160.0
CAMERA_IN_LIDAR = np.array([0.3, 0.05, -0.1])
Tr = np.array([[0.0, -1, 0], [0, 0, -1], [1, 0, 0]])  # LiDAR axes to optical axes
ROAD, WALL, CAR, UNKNOWN, NOTHING = 40, 50, 10, 99, 0
COLOURS = {
    ROAD: (90, 90, 90),
    WALL: (170, 90, 60),
    CAR: (40, 60, 200),
    UNKNOWN: (200, 40, 200),
    NOTHING: (180, 210, 240),
}
REFLECTIVITY = {ROAD: 0.2, WALL: 0.4, CAR: 0.8, UNKNOWN: 0.6, NOTHING: 0.0}


def make_kitti(root: Path, sequences: dict[str, int], unknown: bool = False, seed: int = 0) -> Path:
    """Writes that many frames per sequence under `root` and returns it; unknown: with a box of raw id 99 in each."""
    rng = np.random.default_rng(seed)
    for name, frames in sequences.items():
        folder = root / "sequences" / name
        for part in ("velodyne", "labels", "image_2"):
            (folder / part).mkdir(parents=True)
        _write_calibration(folder / "calib.txt")
        np.savetxt(folder / "times.txt", np.arange(frames) * 0.1)
        for index in range(frames):
            _write_frame(folder, f"{index:06d}", _boxes(rng, unknown), rng)
    return root


def _write_calibration(path: Path) -> None:
    P = np.array([[FOCAL, 0, WIDTH / 2 - 0.5, 0], [0, FOCAL, HEIGHT / 2 - 0.5, 0], [0, 0, 1, 0]])
    T = np.c_[Tr, -Tr @ CAMERA_IN_LIDAR]
    lines = [f"{n}: " + " ".join(f"{v:.9e}" for v in m.reshape(-1)) for n, m in (("P2", P), ("Tr", T))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _boxes(rng: np.random.Generator, unknown: bool) -> list[tuple[int, NDArray[np.float64], NDArray[np.float64]]]:
    """(raw id, lowest corner, highest corner) of a car and perhaps an unknown box."""
    x, y = rng.uniform(7, 15), rng.uniform(-4, 0)
    boxes = [(CAR, np.array([x, y - 1, -1.6]), np.array([x + 3, y + 1, 0.2]))]
    if unknown:
        x, y = rng.uniform(6, 12), rng.uniform(2, 4)
        boxes.append((UNKNOWN, np.array([x, y - 0.7, -1.6]), np.array([x + 1.4, y + 0.7, 0.0])))
    return boxes


def _hit(origin, rays, boxes):
    """Distance [N] and raw id [N] of the first surface along rays [N,3]; infinite where there is none."""
    surfaces = [(ROAD, [-99.0, -99, -2.6], [99.0, 99, -1.6]), (WALL, [-99.0, 6, -2], [99.0, 7, 4])]
    surfaces += [(WALL, [-99.0, -7, -2], [99.0, -6, 4]), *boxes]
    nearest, ids = np.full(len(rays), np.inf), np.full(len(rays), NOTHING)
    for raw_id, low, high in surfaces:
        with np.errstate(divide="ignore", invalid="ignore"):
            a, b = (np.asarray(low) - origin) / rays, (np.asarray(high) - origin) / rays
        enter, leave = np.minimum(a, b).max(1), np.maximum(a, b).min(1)
        closer = (enter <= leave) & (enter > 0) & (enter < nearest)
        nearest[closer], ids[closer] = enter[closer], raw_id
    return nearest, ids


def _write_frame(folder: Path, name: str, boxes, rng: np.random.Generator) -> None:
    elevation, azimuth = np.meshgrid(np.radians(np.linspace(-20, 4, 24)), np.radians(np.arange(-180, 180, 0.75)))
    flat = np.cos(elevation)
    rays = np.stack([flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation)], -1).reshape(-1, 3)
    distance, ids = _hit(np.zeros(3), rays, boxes)
    seen = distance < 60
    intensity = np.array([REFLECTIVITY[i] for i in ids[seen]]) + rng.normal(0, 0.02, seen.sum())
    points = np.c_[rays[seen] * distance[seen, None], intensity].astype("<f4")
    points.tofile(folder / "velodyne" / f"{name}.bin")
    instances = rng.integers(0, 5, seen.sum()).astype(np.uint32)
    (ids[seen].astype("<u4") | instances << 16).tofile(folder / "labels" / f"{name}.label")
    v, u = np.meshgrid(np.arange(HEIGHT), np.arange(WIDTH), indexing="ij")
    optical = np.stack([(u - WIDTH / 2 + 0.5) / FOCAL, (v - HEIGHT / 2 + 0.5) / FOCAL, np.ones_like(u, float)], -1)
    _, ids = _hit(CAMERA_IN_LIDAR, optical.reshape(-1, 3) @ Tr, boxes)
    image = np.array([COLOURS[i] for i in ids]).reshape(HEIGHT, WIDTH, 3) + rng.normal(0, 6, (HEIGHT, WIDTH, 3))
    cv2.imwrite(str(folder / "image_2" / f"{name}.png"), np.clip(image, 0, 255).astype(np.uint8)[..., ::-1])
