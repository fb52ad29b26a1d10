"""The frame that the network sees: it belongs to the street and the camera, whatever the LiDAR is bolted to."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.geometry.ground import UP, Plane, ground_plane

CLOUDS = 9  # over which the ground is taken: about a second
ASSUMED = Plane(UP, 1.6)  # a level camera at the height of a car's mirror
FORWARD = np.array([0.0, 0.0, 1.0])  # of the optical frame


@dataclass(frozen=True)
class Mount:
    """A rigid transform from a camera's optical frame: x along its view over the ground, y left, z up, metres.

    The origin lies on the ground below the camera.

    T: [4,4] float64; plane: the ground that it stands on; source: where that comes from
    """

    T: NDArray[np.float64]
    plane: Plane
    source: str

    @classmethod
    def on(cls, plane: Plane, source: str) -> Mount:
        """The mount over a ground."""
        up = plane.normal
        forward = FORWARD - up * (FORWARD @ up)
        forward /= np.linalg.norm(forward)
        T = np.eye(4)
        T[:3, :3] = forward, np.cross(up, forward), up
        T[2, 3] = plane.height
        return cls(T, plane, source)

    @property
    def pitch(self) -> float:
        """Degrees by which the camera looks down."""
        return float(np.degrees(np.arcsin(-self.T[2, 2])))

    @property
    def roll(self) -> float:
        """Degrees by which the camera leans to its right."""
        return float(np.degrees(np.arctan2(-self.T[2, 0], -self.T[2, 1])))

    def __str__(self) -> str:
        return (
            f"camera {self.plane.height:.2f} m above the ground, looks {self.pitch:+.1f} degrees down, leans "
            f"{self.roll:+.1f} ({self.source})"
        )

    def __call__(self, xyz: NDArray[np.float32]) -> NDArray[np.float32]:
        """Points [N,3] float32 of the optical frame in the mount's."""
        T = self.T.astype(np.float32)
        return np.asarray(xyz @ T[:3, :3].T + T[:3, 3])


class Mounting:
    """The mount of one camera, from the ground that its clouds show.

    given: a ground that is known; nothing is measured then
    clouds: over how many the ground is taken

    A cloud whose ground cannot be trusted changes nothing; before any could be, a level camera is assumed and said.
    """

    def __init__(self, given: Plane | None = None, clouds: int = CLOUDS) -> None:
        self._given = given
        self._seen: deque[Plane] = deque(maxlen=clouds)
        self.missed = 0  # clouds without a ground in a row

    def __call__(self, xyz: NDArray[np.float32], distance: NDArray[np.float32]) -> Mount:
        """The mount after one more cloud, points [N,3] at distances [N] in the optical frame."""
        if self._given is not None:
            return Mount.on(self._given, "given")
        plane = ground_plane(xyz, distance)
        self.missed = 0 if plane else self.missed + 1
        if plane:
            self._seen.append(plane)
        measured = self.measured
        if measured is None:
            return Mount.on(ASSUMED, "assumed: no cloud shows a ground yet")
        return Mount.on(measured, f"measured over {len(self._seen)} clouds")

    @property
    def measured(self) -> Plane | None:
        """The median of the grounds that clouds have shown; None before the first."""
        return _median(list(self._seen)) if self._seen else None


def _median(planes: list[Plane]) -> Plane:
    normal = np.median([p.normal for p in planes], axis=0)
    return Plane(normal / np.linalg.norm(normal), float(np.median([p.height for p in planes])))
