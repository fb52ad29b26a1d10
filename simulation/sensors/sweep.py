"""A scan that takes time: where every column of it is cast from, and into which moment of the world."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.sensors.rigs import Rig

KNOTS = 6  # moments of a rolling scan at which the world is set up; 10 ms apart at 10 revolutions per second


class Sweep(NamedTuple):
    """moments: [K] seconds; times: [C] seconds of the columns; knot: [C] index of the nearest moment."""

    moments: NDArray[np.float64]
    times: NDArray[np.float64]
    knot: NDArray[np.int64]


def sweep_of(rig: Rig, t: float) -> Sweep:
    """The scan stamped t: all at once, or as the beams turn clockwise, straight ahead at t as KITTI's."""
    if not rig.rolling:
        return Sweep(np.array([t]), np.full(len(rig.columns), t), np.zeros(len(rig.columns), np.int64))
    times = t - rig.columns / (2 * np.pi * rig.rate)
    moments = np.linspace(times.min(), times.max(), KNOTS)
    knot = np.rint((times - moments[0]) / (moments[1] - moments[0])).astype(np.int64)
    return Sweep(moments, times, knot)


def aim(
    sweep: Sweep, poses: NDArray[np.float64], rays: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Origins [B,C,3] and directions [B,C,3] in the world of rays [B,C,3] in the LiDAR's frame.

    poses: [K,4,4] of the LiDAR at the moments; in between they are interpolated linearly, entry by entry (a vehicle
    that turns 0.5 rad/s is off by 3e-6 rad).
    """
    if len(poses) == 1:
        pose = poses[0].astype(np.float32)
        return np.broadcast_to(pose[:3, 3], rays.shape).copy(), rays @ pose[:3, :3].T
    flat = poses.reshape(len(poses), 16)
    entries = [np.interp(sweep.times, sweep.moments, flat[:, i]) for i in range(16)]
    column = np.stack(entries, 1).reshape(-1, 4, 4).astype(np.float32)
    directions = np.asarray(np.einsum("cij,bcj->bci", column[:, :3, :3], rays), np.float32)
    return np.broadcast_to(column[:, :3, 3], rays.shape).copy(), directions
