"""Unknown objects: what of a cloud belongs together and is like nothing that the model knows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

CORNERS = np.array(list(product((-0.5, 0.5), repeat=3)))  # [8,3] shares of a box's size
EDGES = [(a, b) for a in range(8) for b in range(a) if np.count_nonzero(CORNERS[a] != CORNERS[b]) == 1]


@dataclass(frozen=True)
class Box:
    """An upright box in the LiDAR frame as sent.

    T_lidar_box: [4,4] float64, metres; origin at the box's centre, x along its length, y across, z up from the ground
    size: length, width and height in metres, length >= width
    heading: radians from the street's forward to the left, in (-pi/2, pi/2]: which end is the front is not known
    """

    T_lidar_box: NDArray[np.float64]
    size: tuple[float, float, float]
    heading: float

    @property
    def centre(self) -> NDArray[np.float64]:
        """[3] metres, LiDAR frame."""
        return np.asarray(self.T_lidar_box[:3, 3])

    def corners(self) -> NDArray[np.float64]:
        """[8,3] metres, LiDAR frame, in the order of CORNERS; EDGES says which of them are joined."""
        T = self.T_lidar_box
        return np.asarray((CORNERS * self.size) @ T[:3, :3].T + T[:3, 3])


@dataclass(frozen=True)
class UnknownObject:
    """Points that stand out together.

    points: [K] int32, their indices in the cloud
    score: in [0,1], higher is stranger
    evidence: [C] float32, mean probability of each class over the points
    distance: metres from the camera to the nearest point
    id: the same over time, -1 when nobody keeps track
    confirmed: whether it was seen often enough to be believed (see judgement/tracks.py)
    velocity: [3] float64 over the ground, m/s along the LiDAR frame's axes, None when it is not known
    """

    points: NDArray[np.int32]
    score: float
    evidence: NDArray[np.float32]
    box: Box
    distance: float
    id: int = -1
    confirmed: bool = False
    velocity: NDArray[np.float64] | None = None
