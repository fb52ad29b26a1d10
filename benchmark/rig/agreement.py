"""How far two ways of sending the same street are judged alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from fm_ood_ros.engines import Engine
from fm_ood_ros.frame import Frame
from fm_ood_ros.metrics import SemanticMetrics
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.prediction import NOT_JUDGED, Prediction
from fm_ood_ros.segmenter import Segmenter


@dataclass(frozen=True)
class Agreement:
    """Counts of points: judged in either case, of the same class in both, judged and flagged before and after.

    nan: judged without a finite score and probability, which is never right
    """

    either: int
    same: int
    judged: tuple[int, int]
    flagged: tuple[int, int]
    nan: int

    @property
    def share(self) -> float:
        """Share of the judged points whose class stays; NaN when there are none."""
        return self.same / self.either if self.either else float("nan")


def judged(bundle: ModelBundle, engine: Engine, frames: Iterable[Frame]) -> list[Prediction]:
    """What a segmenter that knows nothing of the rig yet says about frames in order."""
    segmenter = Segmenter(bundle, engine)
    return [segmenter(frame) for frame in frames]


def agreement(before: Sequence[Prediction], after: Sequence[Prediction]) -> Agreement:
    """Verdicts on the same points, sent in two ways."""
    either = same = 0
    for old, new in zip(before, after, strict=True):
        some = (old.class_id != NOT_JUDGED) | (new.class_id != NOT_JUDGED)
        either += int(np.count_nonzero(some))
        same += int(np.count_nonzero(old.class_id[some] == new.class_id[some]))
    return Agreement(
        either, same, (_judged(before), _judged(after)), (_flagged(before), _flagged(after)),
        sum(_without_number(p) for p in after),
    )  # fmt: skip


def miou(
    bundle: ModelBundle, frames: Sequence[Frame], predictions: Sequence[Prediction], shown: Sequence[Prediction]
) -> float:
    """Mean IoU over the known points that `shown` has in view, unjudged ones as missed; raises InputError."""
    metrics = SemanticMetrics(len(bundle.labels.classes))
    for frame, said, seen in zip(frames, predictions, shown, strict=True):
        assert frame.labels is not None
        target = bundle.labels.train_ids(frame.labels)
        metrics.update(said.class_id[seen.in_view], target[seen.in_view])
    return float(metrics.result()["miou"])


def _judged(predictions: Sequence[Prediction]) -> int:
    return sum(p.judged for p in predictions)


def _flagged(predictions: Sequence[Prediction]) -> int:
    return sum(int(np.count_nonzero(p.unknown)) for p in predictions)


def _without_number(prediction: Prediction) -> int:
    finite = np.isfinite(prediction.anomaly_score) & np.isfinite(prediction.probability)
    return int(np.count_nonzero((prediction.class_id != NOT_JUDGED) & ~finite))
