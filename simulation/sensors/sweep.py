"""A scan that takes time: when every column of it is cast, and from where."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.sensors.rigs import Rig

KNOTS = 6  # moments of a rolling scan at which poses are taken; 10 ms apart at 10 revolutions per second


class Sweep(NamedTuple):
    """moments: [K] seconds at which poses are taken; times: [C] seconds of the columns."""

    moments: NDArray[np.float64]
    times: NDArray[np.float64]


def sweep_of(rig: Rig, t: float) -> Sweep:
    """The scan stamped t: all at once, or as the beams turn clockwise, towards the vehicle's front at t as KITTI's."""
    if not rig.rolling:
        return Sweep(np.array([t]), np.full(len(rig.columns), t))
    times = t - (rig.columns - rig.ahead) / (2 * np.pi * rig.rate)
    return Sweep(np.linspace(times.min(), times.max(), KNOTS), times)


def along(sweep: Sweep, poses: NDArray[np.float64]) -> NDArray[np.float64]:
    """[C,4,4] at the columns' times of a pose [K,4,4] at the moments, [1,4,4] when there is one moment.

    Interpolated entry by entry: what turns 0.5 rad/s is off by 3e-6 rad.
    """
    if len(poses) == 1:
        return poses
    entries = [np.interp(sweep.times, sweep.moments, e) for e in poses.reshape(len(poses), 16).T]
    return np.stack(entries, 1).reshape(-1, 4, 4)


def aim(
    sweep: Sweep, poses: NDArray[np.float64], rays: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Origins and directions [B,C,3] in the world of rays [B,C,3] of a LiDAR with poses [K,4,4] at the moments."""
    column = along(sweep, poses).astype(np.float32)
    origins = np.broadcast_to(column[:, :3, 3], rays.shape).copy()
    if len(column) == 1:
        return origins, rays @ column[0, :3, :3].T
    return origins, np.asarray(np.einsum("cij,bcj->bci", column[:, :3, :3], rays), np.float32)
