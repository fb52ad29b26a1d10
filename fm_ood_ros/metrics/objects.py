"""Whether unknown objects are found, and how often something known is taken for one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.metrics.anomaly import spread_near_one
from fm_ood_ros.metrics.components import ComponentMetrics
from fm_ood_ros.metrics.overlap import Overlap, overlap
from fm_ood_ros.metrics.ranges import range_bins, range_names
from fm_ood_ros.metrics.score_counts import ScoreCounts, ordered_bins
from fm_ood_ros.metrics.stability import StableDetections

LIDAR_HZ = 10.0
SIZES = {"1-4 points": 1, "5-20 points": 5, "over 20 points": 21}  # from how many points on
ABOUT_OBJECTS = ("kind", "family", "tier")
FALSE_PER_MINUTE = (0.1, 1.0, 10.0)


class ObjectMetrics:
    """Counts true and predicted objects per frame; see Overlap for what found and false mean.

    Predicted objects are those at a threshold on points that was chosen elsewhere. Every frame is to be added, those
    without unknown objects too: they are the minutes in which false objects are rare.
    """

    def __init__(self, hz: float = LIDAR_HZ) -> None:
        """hz: frames per second of driving; raises InputError unless it is above 0."""
        if not hz > 0:
            raise InputError(f"{hz} frames a second, expected the LiDAR's rate, above 0")
        self.frames = 0
        self.components = ComponentMetrics()
        self.stable = StableDetections()
        self._hz = hz
        self._objects = 0
        self._found, self._false = ScoreCounts(), ScoreCounts()
        self._groups: dict[tuple[str, str], NDArray[np.int64]] = {}  # objects, of these found

    def add(
        self,
        scene: str,
        stamp_ns: int,
        target: NDArray[np.uint8],
        instance: NDArray[np.integer],
        distance: NDArray[np.floating],
        owner: NDArray[np.integer],
        object_score: NDArray[np.float32],
        facts: Mapping[int, Mapping[str, str]],
    ) -> None:
        """Adds the points in view of one frame, unjudged ones included, a scene's frames in order.

        target: [N] uint8 train ids; instance: [N], 0 = none; distance: [N] metres; owner: [N] index of the predicted
        object, -1 = none; object_score: [K] float32 in [0,1]; facts: by instance its kind, family and tier as known.
        Raises InputError on arrays that do not fit each other and on stamps that do not rise.
        """
        frame = overlap(target, instance, distance, owner, object_score)
        found_at = frame.found_at()
        found = ~np.isnan(found_at)
        sighted = zip(frame.instances.tolist(), found.tolist(), frame.distance.tolist(), strict=True)
        self.stable.add(scene, stamp_ns, {number: (yes, metres) for number, yes, metres in sighted})
        self.components.add(frame)
        self._found.add(_bins(found_at[found]))
        self._false.add(_bins(frame.score[frame.false()]))
        self._objects += len(found)
        self.frames += 1
        self._add_groups(frame, found, facts)

    def _add_groups(self, frame: Overlap, found: NDArray[np.bool_], facts: Mapping[int, Mapping[str, str]]) -> None:
        ranges, sizes = range_names(), list(SIZES)
        size_bins = np.searchsorted(list(SIZES.values()), frame.sizes, side="right") - 1
        places = zip(range_bins(frame.distance).tolist(), size_bins.tolist(), strict=True)
        for number, yes, (place, size) in zip(frame.instances.tolist(), found.tolist(), places, strict=True):
            about = facts.get(number, {})
            named = [(name, about[name]) for name in ABOUT_OBJECTS if name in about]
            for key in (("range", ranges[place]), ("points", sizes[size]), *named):
                self._groups.setdefault(key, np.zeros(2, np.int64))[:] += (1, yes)

    def result(self) -> dict[str, Any]:
        """Everything counted; shares in [0,1], NaN where there is nothing to share.

        `objects`, `found`, `recall`: true objects, once per frame that sees them; `by` grouping and group the same
        `frames`, `minutes`, `false_objects`, `false_per_minute`: of all frames at their rate
        `recall_at`: recall at .1, 1 and 10 false objects a minute, see recall_at
        `stable`: see StableDetections; `components`: see ComponentMetrics
        """
        by: dict[str, dict[str, dict[str, float]]] = {}
        for (grouping, group), (objects, found) in sorted(self._groups.items()):
            by.setdefault(grouping, {})[group] = _recall(int(objects), int(found))
        return {
            **_recall(self._objects, self._found.total),
            "by": by,
            "frames": self.frames,
            "minutes": self.minutes,
            "false_objects": self._false.total,
            "false_per_minute": self._false.total / self.minutes if self.frames else float("nan"),
            "recall_at": {f"{rate:g}": self.recall_at(rate) for rate in FALSE_PER_MINUTE},
            "stable": self.stable.result(),
            "components": self.components.result(),
        }

    @property
    def minutes(self) -> float:
        """Driving time of all frames."""
        return self.frames / self._hz / 60

    def recall_at(self, false_per_minute: float) -> float:
        """Recall at the lowest object score from which on no more false objects come a minute; NaN without objects.

        Where all predicted objects together are rarer than that it is the recall of all: the sweep can drop objects,
        it cannot find more than the threshold on points left.
        """
        if not self._objects:
            return float("nan")
        bins = np.union1d(self._found.bins, self._false.bins)
        false = np.cumsum(self._false.spread_over(bins)[::-1])
        found = np.cumsum(self._found.spread_over(bins)[::-1])
        few_enough = false <= false_per_minute * self.minutes + 1e-9
        return float(found[few_enough].max(initial=0)) / self._objects


def _bins(scores: NDArray[np.floating]) -> NDArray[np.int32]:
    return ordered_bins(spread_near_one(scores.astype(np.float32)))


def _recall(objects: int, found: int) -> dict[str, float]:
    return {"objects": objects, "found": found, "recall": found / objects if objects else float("nan")}
