"""What a rig may do to a frame that leaves the street as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame

Vector = tuple[float, float, float]
SAME_STREET, SAME_INTENSITY, STRAY_POINT = 0.995, 0.99, 0.999  # least share of the verdicts that stay
BASE_LINK: Vector = (-1.0, 0.0, 1.73)  # of a LiDAR on the roof, metres
SPOT = (0.5, 0.65)  # of the image's width and height: where something stands before nearly every car


@dataclass(frozen=True)
class Change:
    """A change of a frame by its name, and the least share of verdicts that must stay under it."""

    name: str
    apply: Callable[[Frame], Frame]
    least: float


def all_changes() -> list[Change]:
    """Every change that the bounds are about."""
    frames = {
        **{f"turned {angle:g} degrees": ((0.0, 0.0, angle), (0.0, 0.0, 0.0)) for angle in (45.0, 90.0, 180.0)},
        **{f"raised {metres:g} m": ((0.0, 0.0, 0.0), (0.0, 0.0, -metres)) for metres in (0.5, 1.0)},
        **{f"pitched {angle:g} degrees": ((0.0, angle, 0.0), (0.0, 0.0, 0.0)) for angle in (2.0, 10.0)},
        **{f"rolled {angle:g} degrees": ((angle, 0.0, 0.0), (0.0, 0.0, 0.0)) for angle in (2.0, 10.0)},
        "base_link": ((0.0, 0.0, 0.0), BASE_LINK),
        "base_link, turned a little": ((1.0, 2.0, 5.0), BASE_LINK),
    }
    scales = {"intensity x255": times_255, "intensity x65535": times_65535, "intensity uint8": as_uint8}
    strays: dict[str, Callable[[Frame], Frame]] = {
        **{f"stray intensity {times}": partial(stray_intensity, times=times) for times in (255, 65535)},
        **{f"stray range {metres:g} m": partial(stray_range, metres=metres) for metres in (500.0, 1e5, 3e38)},
        "stray NaN": partial(stray_range, metres=np.nan),
    }
    return [
        *(Change(name, partial(in_frame, turn=turn, shift=s), SAME_STREET) for name, (turn, s) in frames.items()),
        *(Change(name, apply, SAME_INTENSITY) for name, apply in scales.items()),
        *(Change(name, apply, STRAY_POINT) for name, apply in strays.items()),
    ]


def in_frame(frame: Frame, turn: Vector, shift: Vector) -> Frame:
    """Cloud and extrinsics expressed in another frame.

    turn: rotation vector in degrees; shift: metres; a point p of the LiDAR's frame is turned(p) + shift in the new one
    """
    T = np.eye(4)
    T[:3, :3] = cv2.Rodrigues(np.radians(turn))[0]
    T[:3, 3] = shift
    back = np.linalg.inv(T)
    points = frame.points.copy()
    with np.errstate(invalid="ignore", over="ignore"):
        points[:, :3] = points[:, :3].astype(np.float64) @ T[:3, :3].T + T[:3, 3]
    views = tuple(
        replace(v, calibration=replace(v.calibration, T_camera_lidar=v.calibration.T_camera_lidar @ back))
        for v in frame.views
    )
    return replace(frame, points=points, views=views)


def times_255(frame: Frame) -> Frame:
    """Intensity times 255."""
    return _with_intensity(frame, frame.points[:, 3] * np.float32(255))


def times_65535(frame: Frame) -> Frame:
    """Intensity times 65535."""
    return _with_intensity(frame, frame.points[:, 3] * np.float32(65535))


def as_uint8(frame: Frame) -> Frame:
    """Intensity in the 256 steps of a byte."""
    largest = _brightest(frame)
    full = next((scale for scale in (1, 255, 65535) if largest <= scale), largest)
    return _with_intensity(frame, np.round(frame.points[:, 3] * np.float32(255 / full)))


def stray_intensity(frame: Frame, times: float) -> Frame:
    """One point is so many times as bright as a sensor of 0 to 1 can be, or as the brightest one where that is more."""
    intensity = frame.points[:, 3].copy()
    intensity[_before(frame)] = times * max(1.0, _brightest(frame))
    return _with_intensity(frame, intensity)


def stray_range(frame: Frame, metres: float) -> Frame:
    """One point is said to lie that far away in its direction."""
    points, index = frame.points.copy(), _before(frame)
    direction = points[index, :3] / np.linalg.norm(points[index, :3])
    points[index, :3] = direction * np.float32(metres)
    return replace(frame, points=points)


def _before(frame: Frame) -> int:
    """The point that shows nearest to the spot ahead of the first camera."""
    calibration = frame.views[0].calibration
    uv, _ = calibration.project(frame.points)
    spot = np.array(SPOT) * (calibration.lens.width, calibration.lens.height)
    size = calibration.lens.width, calibration.lens.height
    with np.errstate(invalid="ignore"):
        shown = np.flatnonzero(((uv >= 0) & (uv < size)).all(1))
    if not len(shown):
        raise InputError("a cloud of the recording has no point in the image; choose others with --clouds")
    return int(shown[((uv[shown] - spot) ** 2).sum(1).argmin()])


def _brightest(frame: Frame) -> float:
    intensity = frame.points[:, 3]
    return float(intensity[np.isfinite(intensity)].max(initial=0))


def _with_intensity(frame: Frame, intensity: NDArray[np.float32]) -> Frame:
    return replace(frame, points=np.column_stack([frame.points[:, :3], intensity]).astype(np.float32))
