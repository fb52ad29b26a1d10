"""Unknown objects over time: which is which, since when, and how fast."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.pose import checked_pose
from fm_ood_ros.judgement.track import Place, Track
from fm_ood_ros.objects import UnknownObject

MEMORY = 2.0  # seconds after which what was not seen again is forgotten
GAP = 3  # clouds in a row that may miss it, however short the window
NEAR, FAST, FAR = 0.7, 16.0, 4.0  # metres, m/s, metres: how far from its place an object may turn up, FAR at most
ALIKE, ROOM = 2.5, 0.5  # times that the longest sides, with ROOM (metres) added, may differ: views of them differ too
NEWER = 0.5  # metres that a track must be nearer when it is not confirmed: of the parts of one object, the first lives
Array = NDArray[np.float64]


class Tracks:
    """Gives unknown objects ids that stay from cloud to cloud.

    confirm, window: an object is confirmed from when it was seen in so many of so many clouds, until it is forgotten

    Objects keep their id over clouds that miss them, GAP or the window's, and at most MEMORY seconds. No id is ever
    given to a second object. Stamps that go back begin anew; a cloud that comes twice gets the same ids, counted once.
    Raises InputError unless 1 <= confirm <= window.
    """

    def __init__(self, confirm: int = 3, window: int = 5) -> None:
        if not 1 <= confirm <= window:
            raise InputError(
                f"confirm is {confirm} and window {window}, expected 1 <= confirm <= window; an object is confirmed "
                "once it was seen in `confirm` of `window` clouds"
            )
        self._confirm, self._window = confirm, window
        self._tracks: list[Track] = []
        self._next, self._cloud = 0, 0
        self._stamp: int | None = None
        self._pose: Array | None = None  # of the LiDAR in the tracks' frame, which without one is the LiDAR's own

    def __call__(
        self, stamp_ns: int, objects: Sequence[UnknownObject], T_start_lidar: Array | None = None
    ) -> list[UnknownObject]:
        """The objects of one cloud with their id, whether they are confirmed, and their velocity.

        T_start_lidar: [4,4] the LiDAR's pose in a frame that stands still, from odometry. Without it the vehicle is
        taken to stand where it last was, and no object has a velocity. Raises CalibrationError when it is no pose.
        """
        again = stamp_ns == self._stamp
        if self._stamp is not None and stamp_ns < self._stamp:
            self._tracks.clear()
        if T_start_lidar is not None:
            self._move(checked_pose(T_start_lidar, "T_start_lidar"))
        self._stamp, self._cloud = stamp_ns, self._cloud + (not again)
        self._forget(stamp_ns)
        known = T_start_lidar is not None or self._pose is None
        places = [Place(stamp_ns, centre, known) for centre in self._centres(objects)]
        tracks = self._owners(stamp_ns, places, objects)
        for track, place, found in zip(tracks, places, objects, strict=True):
            if not (again and track.seen):
                track.see(self._cloud, place, max(found.box.size))
            track.confirmed |= len(track.seen) == self._confirm and self._cloud - track.seen[0] < self._window
        R = None if self._pose is None or T_start_lidar is None else self._pose[:3, :3]
        return [
            replace(found, id=t.id, confirmed=t.confirmed, velocity=None if R is None else _turned(R, t.velocity))
            for found, t in zip(objects, tracks, strict=True)
        ]

    def _move(self, T: Array) -> None:
        """Follows the vehicle; what was seen while its place was not known goes over to where it is now."""
        moved = T if self._pose is None else T @ np.linalg.inv(self._pose)
        for track in self._tracks:
            if self._pose is None or not track.places[-1].known:
                track.change_frame(moved)
        self._pose = T

    def _forget(self, stamp: int) -> None:
        clouds = max(self._window, GAP + 1)
        self._tracks = [t for t in self._tracks if self._cloud - t.seen[-1] <= clouds and t.age(stamp) <= MEMORY]

    def _centres(self, objects: Sequence[UnknownObject]) -> Array:
        """[K,3] in the tracks' frame."""
        centres = np.array([found.box.centre for found in objects]).reshape(-1, 3)
        return centres if self._pose is None else centres @ self._pose[:3, :3].T + self._pose[:3, 3]

    def _owners(self, stamp: int, places: Sequence[Place], objects: Sequence[UnknownObject]) -> list[Track]:
        """The track of every object, a new one where none is within reach and of like size."""
        pairs = {}
        if places and self._tracks:
            off = np.array([p.centre for p in places])[:, None] - [t.expected(stamp) for t in self._tracks]
            reach = np.minimum(NEAR + FAST * np.array([t.age(stamp) for t in self._tracks]), FAR)
            side = np.array([max(found.box.size) for found in objects])[:, None] + ROOM
            its = np.array([t.side for t in self._tracks]) + ROOM
            distance = np.linalg.norm(off, axis=2)
            near = (distance <= reach) & (side <= ALIKE * its) & (its <= ALIKE * side)
            newer = np.array([0.0 if t.confirmed else NEWER for t in self._tracks])
            pairs = dict(nearest_pairs(np.where(near, distance + newer, np.inf)))
        before = list(self._tracks)
        return [before[pairs[k]] if k in pairs else self._begin() for k in range(len(places))]

    def _begin(self) -> Track:
        track = Track(self._next, deque(maxlen=self._confirm))
        self._next += 1
        self._tracks.append(track)
        return track


def nearest_pairs(distance: Array) -> list[tuple[int, int]]:
    """Rows and columns of distances [R,C], each at most once, paired from the nearest on; infinite ones never."""
    rows, columns = np.nonzero(np.isfinite(distance))
    order = np.argsort(distance[rows, columns], kind="stable")
    taken: tuple[set[int], set[int]] = set(), set()
    pairs = []
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row not in taken[0] and column not in taken[1]:
            taken[0].add(row)
            taken[1].add(column)
            pairs.append((row, column))
    return pairs


def _turned(R: Array, velocity: Array | None) -> Array | None:
    return None if velocity is None else R.T @ velocity
