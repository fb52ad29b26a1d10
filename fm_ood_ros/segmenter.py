"""From a frame to a prediction: the one way through the house."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.engines import Engine
from fm_ood_ros.frame import Frame
from fm_ood_ros.judgement.merge import best_views
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.prediction import NOT_JUDGED, Prediction, ViewVerdicts
from fm_ood_ros.rig import Rig, RigFacts, Sight
from fm_ood_ros.timings import Timings

Maps = dict[str, NDArray[np.generic]]
Value = TypeVar("Value", bound=np.generic)


class Segmenter:
    """Judges frames of one rig with a model bundle; what it learns of the rig is in `rig`."""

    def __init__(self, bundle: ModelBundle, engine: Engine, facts: RigFacts | None = None) -> None:
        self.bundle = bundle
        self.engine = engine
        self.rig = Rig(bundle.input, facts)

    def __call__(self, frame: Frame) -> Prediction:
        """Class, probability and anomaly score of every point, and verdicts on every image of a frame."""
        timings = Timings()
        with timings.stage("project"):
            sights = self.rig.see(frame)
        with timings.stage("infer"):
            maps = [self.engine.infer(sight.image, sight.lidar) for sight in sights]
        with timings.stage("lift"):
            return self._judge(sights, maps, len(frame.points), timings)

    def _judge(self, sights: Sequence[Sight], maps: Sequence[Maps], points: int, timings: Timings) -> Prediction:
        class_id = np.full(points, NOT_JUDGED, np.uint8)
        probability, score = np.full(points, np.nan, np.float32), np.full(points, np.nan, np.float32)
        best, in_view, verdicts = best_views(sights, points), np.zeros(points, bool), []
        for index, (sight, said) in enumerate(zip(sights, maps, strict=True)):
            mine = np.flatnonzero(best == index)
            cell = sight.projection.source[mine]
            raw = np.asarray(said["anomaly"], np.float32)
            class_id[mine], probability[mine] = _at(said["class_id"], cell), _at(said["probability"], cell)
            score[mine] = self.bundle.score(_at(raw, cell))
            in_view |= sight.projection.cell >= 0
            verdicts.append(ViewVerdicts(sight, np.asarray(said["class_id"], np.uint8), raw, self.bundle.score))
        broken = ~(np.isfinite(probability) & np.isfinite(score))  # no guess leaves as a judgement
        class_id[broken], probability[broken], score[broken] = NOT_JUDGED, np.nan, np.nan
        return Prediction(class_id, probability, score, tuple(verdicts), in_view, timings)


def _at(grid: NDArray[Value], cells: NDArray[np.int32]) -> NDArray[Value]:
    return grid.reshape(-1)[cells]
