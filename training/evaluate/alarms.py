"""What a vehicle would be told: the chosen score at the threshold that was set before, by range, place and object."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.metrics import AnomalyMetrics, ObjectMetrics, RangeMetrics
from fm_ood_ros.metrics.anomaly import spread_near_one
from fm_ood_ros.model.label_sets import OOD, LabelSet
from fm_ood_ros.prediction import Prediction
from training.evaluate.figures import Labelled, Verdicts, scored_points
from training.evaluate.grouping import GroupedMetrics, condition_groups, object_groups, range_groups, within


class Alarms:
    """Counts predictions at their model's threshold, frame by frame; nothing here looks for a better one."""

    def __init__(self, labels: LabelSet, score: str, threshold: float) -> None:
        self.score, self.threshold = score, threshold
        self.points = AnomalyMetrics()
        self.ranges = RangeMetrics()
        self.groups = GroupedMetrics(len(labels.classes))
        self.objects = ObjectMetrics()

    def add(self, frame: Labelled, said: Verdicts, prediction: Prediction) -> None:
        """Counts a frame."""
        inside, conditions = frame.in_view, condition_groups(len(frame.target), frame.facts)
        places = within(conditions, inside) + range_groups(frame.distance[inside])
        self.groups.add_classes(places, said.class_id[inside], frame.target[inside])
        scored = scored_points(frame, said)
        score, is_ood = spread_near_one(said.scores[self.score][scored]), frame.target[scored] == OOD
        self.points.update(score, is_ood)
        self.ranges.update(score, is_ood, frame.distance[scored])
        objects = within(object_groups(frame.target, frame.facts), scored)
        self.groups.add_scores(within(conditions, scored), objects, score, is_ood)
        self._add_objects(frame, prediction)

    def _add_objects(self, frame: Labelled, prediction: Prediction) -> None:
        inside, facts = frame.in_view, frame.facts
        instance = np.zeros(len(inside), np.uint16) if facts.instance is None else facts.instance
        drive = "/".join([frame.scene, *facts.conditions.values()])  # a scene that several cameras saw is several
        score = np.array([one.score for one in prediction.objects], np.float32)
        owner = owners(prediction)[inside]
        self.objects.add(
            drive,
            self.objects.frames,  # data sets without stamps have their order
            frame.target[inside],
            instance[inside],
            frame.distance[inside],
            owner,
            score,
            facts.objects,
        )

    def result(self) -> dict[str, Any]:
        """At `threshold`: shares of known and unknown points flagged, `false_alarms` and `recall`; by what else.

        `ranges`: see RangeMetrics; `groups`: see GroupedMetrics; `miou_by` grouping and group; `objects`: see
        ObjectMetrics
        """
        at = float(spread_near_one(np.array([self.threshold], np.float32))[0])
        false_alarms, recall = self.points.flagged(at)
        return {
            "score": self.score,
            "threshold": self.threshold,
            "false_alarms": false_alarms,
            "recall": recall,
            "ranges": self.ranges.result(at),
            "groups": self.groups.result(self.points, at),
            "miou_by": self.groups.miou(),
            "objects": self.objects.result(),
        }


def owners(prediction: Prediction) -> NDArray[np.int32]:
    """The object [N] to which each point belongs, -1 for none."""
    owner = np.full(len(prediction.class_id), -1, np.int32)
    for index, found in enumerate(prediction.objects):
        owner[found.points] = index
    return owner
