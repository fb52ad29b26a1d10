"""One evaluation of runs and of bundles, by the vehicle's own code: points alone, and judged together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.frame import Frame
from fm_ood_ros.judgement.judge import Evidence, Judgement
from fm_ood_ros.judgement.scores import SCORES, confidence, largest
from fm_ood_ros.judgement.surface import Surface
from fm_ood_ros.model.label_sets import IGNORED, OOD, LabelSet
from fm_ood_ros.model.score_scale import ScoreScale
from fm_ood_ros.prediction import NOT_JUDGED, Prediction
from fm_ood_ros.rig import ALONE, Sight
from fm_ood_ros.segmenter import Segmenter
from fm_ood_ros.timings import Timings
from training.data.frames import FrameFacts, Frames, evenly, scene_of
from training.evaluate.alarms import Alarms
from training.evaluate.figures import Figures, Labelled, Verdicts
from training.evaluate.model import look
from training.evaluate.subject import Subject

NOTHING_KNOWN = FrameFacts()
Steps = Mapping[str, tuple[Judgement, ScoreScale]]


class Evaluation:
    """Counts what a subject says about labelled frames, each taken by itself.

    alone: every point by itself, with the raw scores of its own logits; judged: as the vehicle says it, and by every
    other score that has a scale, None for a subject without a judgement; alarms: at the threshold that was set before
    """

    def __init__(self, subject: Subject, labels: LabelSet | None = None, scores: Sequence[str] = tuple(SCORES)) -> None:
        """labels: of the data, the subject's own unless they are others with the same classes."""
        self.subject, self.labels = subject, labels or subject.labels
        self.alone = Figures(self.labels, scores, within_one=False)
        self.judged: Figures | None = None
        self.alarms: Alarms | None = None
        self.frames = self.in_view = self.not_judged = self.known = self.unknown = 0
        self.scenes: set[str] = set()
        if model := subject.model:
            score = model.judgement.score
            self._segmenter = Segmenter(model, subject.engine, ALONE)
            self._others = _others(subject, scores)
            self.judged = Figures(self.labels, [score, *self._others], within_one=True)
            self.alarms = Alarms(self.labels, score, model.threshold)

    def add(self, frame: Frame, facts: FrameFacts = NOTHING_KNOWN, scene: str = "") -> Prediction | None:
        """Judges a frame and counts its points; what the vehicle would say of it, where there is a judgement."""
        assert frame.labels is not None
        sights, seen = self._look(frame)
        labelled = _labelled(frame, sights, self.labels, facts, scene)
        said = _alone(seen, list(self.alone.anomaly))
        self.alone.add(labelled, said)
        self._count(labelled, said)
        if self.judged is None or self.alarms is None:
            return None
        evidence = self._segmenter.judgement.evidence(seen)
        prediction = self._segmenter.verdicts(frame, sights, evidence, Timings())
        others = {name: _judged(steps, evidence) for name, steps in self._others.items()}
        verdicts = Verdicts(
            prediction.class_id, prediction.probability, {self.alarms.score: prediction.anomaly_score, **others}
        )
        self.judged.add(labelled, verdicts)
        self.alarms.add(labelled, verdicts, prediction)
        return prediction

    def _look(self, frame: Frame) -> tuple[list[Sight], Surface]:
        if self.judged is not None:
            return self._segmenter.look(frame, Timings())
        return look(self.subject.input, self.subject.engine, frame)

    def _count(self, frame: Labelled, said: Verdicts) -> None:
        judged = said.class_id != NOT_JUDGED
        self.frames += 1
        self.in_view += int(frame.in_view.sum())
        self.not_judged += int((frame.in_view & ~judged).sum())
        self.unknown += int((judged & (frame.target == OOD)).sum())
        self.known += int((judged & (frame.target != OOD) & (frame.target != IGNORED)).sum())
        self.scenes.add(frame.scene)

    def result(self) -> dict[str, Any]:
        """Everything counted.

        `frames`, `sequences`, `points_in_view`, `not_judged_share`; `known` and `unknown` points among the judged
        `score`, `threshold`: what the judged part stands at; `alone` and `judged`: see Figures.result, the latter with
        what Alarms.result says, None without a judgement
        """
        alarms = self.alarms.result() if self.alarms else None
        judged = {**self.judged.result(alarms["score"]), **alarms} if self.judged and alarms else None
        return {
            "frames": self.frames,
            "sequences": sorted(self.scenes),
            "points_in_view": self.in_view,
            "not_judged_share": self.not_judged / max(1, self.in_view),
            "known": self.known,
            "unknown": self.unknown,
            "score": alarms["score"] if alarms else None,
            "threshold": alarms["threshold"] if alarms else None,
            "alone": self.alone.result(),
            "judged": judged,
        }


def run_evaluation(
    subject: Subject,
    frames: Frames,
    labels: LabelSet | None = None,
    scores: Sequence[str] = tuple(SCORES),
    at_most: int | None = None,
) -> Evaluation:
    """Counts all frames, or that many spread evenly over the data set."""
    evaluation = Evaluation(subject, labels, scores)
    for index in evenly(len(frames), at_most):
        evaluation.add(frames[index], frames.facts(index), scene_of(frames, index))
    return evaluation


def _others(subject: Subject, scores: Sequence[str]) -> Steps:
    """How every score but the chosen one is judged, where there is a scale for it."""
    assert subject.model is not None
    spec = subject.model.judgement
    names = [name for name in scores if name in subject.scales and name != spec.score]
    return {name: (Judgement(replace(spec, score=name)), subject.scales[name]) for name in names}


def _judged(steps: tuple[Judgement, ScoreScale], evidence: Evidence) -> NDArray[np.float32]:
    """The anomaly score [N] of the points by another raw score over the same evidence."""
    judgement, scale = steps
    surface = evidence.surface
    return surface.at_points(scale(judgement.judged(evidence, scale), surface.distance), np.nan)


def _alone(seen: Surface, scores: Sequence[str]) -> Verdicts:
    """What the network says of each patch, without its neighbours."""
    class_id = seen.at_points(largest(seen.logits), NOT_JUDGED)
    raw = {name: seen.at_points(SCORES[name](seen.logits), np.nan) for name in scores}
    return Verdicts(class_id, seen.at_points(confidence(seen.logits), np.nan), raw)


def _labelled(frame: Frame, sights: Sequence[Sight], labels: LabelSet, facts: FrameFacts, scene: str) -> Labelled:
    assert frame.labels is not None
    in_view = np.logical_or.reduce([sight.projection.cell >= 0 for sight in sights])
    distance = np.fmin.reduce([sight.projection.range for sight in sights])
    return Labelled(scene, labels.train_ids(frame.labels), in_view, distance, facts)
