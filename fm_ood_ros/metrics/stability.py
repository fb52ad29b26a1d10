"""From what distance on an object is found for good."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fm_ood_ros.errors import InputError

IN_A_ROW = 2  # sightings, to be held as to be lost


@dataclass
class _Track:
    """An object over the frames that saw it; since: metres at which it came to be held, NaN while it is not."""

    sightings: int = 0
    streak: int = 0  # of the last verdict
    found: bool = False  # the last verdict
    since: float = float("nan")

    def add(self, found: bool, distance: float) -> None:
        self.sightings += 1
        self.streak = self.streak + 1 if found == self.found else 1
        self.found = found
        if self.streak >= IN_A_ROW:
            held = self.since == self.since
            self.since = float("nan") if not found else self.since if held else distance


class StableDetections:
    """Follows true objects through their scenes; memory grows with objects, not with frames.

    An object is held once it was found in two sightings in a row, and lost once it was missed in two in a row; a
    sighting is a frame with a point of it in view. Its stable detection is the last time it came to be held, if it
    was not lost again: at the distance of the sighting that made two. An object seen only once says nothing.
    """

    def __init__(self) -> None:
        self._tracks: dict[tuple[str, int], _Track] = {}
        self._latest: dict[str, int] = {}

    def add(self, scene: str, stamp_ns: int, objects: dict[int, tuple[bool, float]]) -> None:
        """Adds a frame: by instance, whether it was found and its distance in metres.

        Raises InputError when a scene's stamps do not rise.
        """
        if stamp_ns <= self._latest.get(scene, stamp_ns - 1):
            raise InputError(
                f"a frame of scene '{scene}' at {stamp_ns} ns after one at {self._latest[scene]} ns, expected rising "
                "stamps; add a scene's frames in order and each once"
            )
        self._latest[scene] = stamp_ns
        for instance, (found, distance) in objects.items():
            self._tracks.setdefault((scene, instance), _Track()).add(found, distance)

    def result(self) -> dict[str, float]:
        """`objects` seen twice or more, `never`: share of them without a stable detection, `distance`: its median.

        The distance, in metres, is that of the objects that have one: read it beside `never`. NaN without any.
        """
        since = np.array([track.since for track in self._tracks.values() if track.sightings >= IN_A_ROW])
        stable = since[~np.isnan(since)]
        return {
            "objects": len(since),
            "never": 1 - len(stable) / len(since) if len(since) else float("nan"),
            "distance": float(np.median(stable)) if len(stable) else float("nan"),
        }
