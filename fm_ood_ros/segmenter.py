"""From a frame to a prediction: the one way through the house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.engines import Engine
from fm_ood_ros.frame import Frame
from fm_ood_ros.geometry.ground import tilted_plane
from fm_ood_ros.judgement.judge import Evidence, Judgement
from fm_ood_ros.judgement.scores import largest
from fm_ood_ros.judgement.surface import Surface, street_from_lidar, surface
from fm_ood_ros.judgement.tracks import Tracks
from fm_ood_ros.judgement.unknown import unknown_objects
from fm_ood_ros.model.input_spec import InputSpec
from fm_ood_ros.model.judgement_spec import JudgementSpec
from fm_ood_ros.model.score_scale import ScoreScale
from fm_ood_ros.model.site import Site
from fm_ood_ros.objects import UnknownObject
from fm_ood_ros.prediction import NOT_JUDGED, Prediction, ViewVerdicts
from fm_ood_ros.rig import Rig, RigFacts, Sight
from fm_ood_ros.timings import Timings


class Model(Protocol):
    """What a segmenter has to know of a model; a bundle is one.

    input: what the network sees; judgement: the steps from its logits to verdicts; score: their scale
    threshold: anomaly_score from which a point counts as unknown
    """

    @property
    def input(self) -> InputSpec: ...
    @property
    def judgement(self) -> JudgementSpec: ...
    @property
    def score(self) -> ScoreScale: ...
    @property
    def threshold(self) -> float: ...


class Segmenter:
    """Judges frames of one rig with a model; what it learns of the rig is in `rig`.

    site: what was measured there: the score's scale is its own, the rig's where `facts` do not say otherwise
    tracks: gives unknown objects ids over time, None leaves them without

    threshold: anomaly_score from which a point counts as unknown, the model's until it is set
    """

    def __init__(
        self,
        model: Model,
        engine: Engine,
        facts: RigFacts | None = None,
        site: Site | None = None,
        tracks: Tracks | None = None,
    ) -> None:
        self.engine = engine
        self.rig = Rig(model.input, facts_at(site, facts or RigFacts()) if site else facts)
        self.judgement = Judgement(model.judgement)
        self.score = site.score if site else model.score
        self.threshold = model.threshold
        self._tracks = tracks

    def __call__(self, frame: Frame) -> Prediction:
        """Class, probability and anomaly score of every point, and verdicts on every image of a frame."""
        timings = Timings()
        sights, seen = self.look(frame, timings)
        with timings.stage("judge"):
            return self.verdicts(frame, sights, self.judgement.evidence(seen), timings)

    def look(self, frame: Frame, timings: Timings) -> tuple[list[Sight], Surface]:
        """What the views see of a frame, and what the network says of it."""
        with timings.stage("project"):
            sights = self.rig.see(frame)
        with timings.stage("infer"):
            logits = [self.engine.infer(sight.image, sight.lidar) for sight in sights]
        with timings.stage("lift"):
            return sights, surface(frame, sights, logits)

    def verdicts(self, frame: Frame, sights: Sequence[Sight], evidence: Evidence, timings: Timings) -> Prediction:
        """What patches are, and so the points that lie on them."""
        seen = evidence.surface
        strange = self.judgement.judged(evidence, self.score)
        score = self.score(strange, seen.distance)
        class_id = largest(evidence.logits)
        in_view = np.logical_or.reduce([sight.projection.cell >= 0 for sight in sights])
        anomaly = seen.at_points(score, np.nan)
        with np.errstate(invalid="ignore"):
            unknown = anomaly >= self.threshold
        return Prediction(
            class_id=seen.at_points(class_id, NOT_JUDGED),
            probability=seen.at_points(evidence.probability.max(0, initial=0), np.nan),
            anomaly_score=anomaly,
            unknown=unknown,
            views=tuple(ViewVerdicts(s, at, class_id, score) for s, at in zip(sights, seen.cells, strict=True)),
            in_view=in_view,
            timings=timings,
            objects=self._objects(frame, sights, evidence, score),
        )

    def _objects(
        self, frame: Frame, sights: Sequence[Sight], evidence: Evidence, score: NDArray[np.float32]
    ) -> tuple[UnknownObject, ...]:
        T_lidar_street = np.asarray(np.linalg.inv(street_from_lidar(frame, sights)), np.float64)
        found = unknown_objects(evidence, score, self.threshold, self.judgement.spec, T_lidar_street)
        return tuple(self._tracks(frame.stamp, found)) if self._tracks else found


def facts_at(site: Site, facts: RigFacts) -> RigFacts:
    """The facts, and what the site knows of the rig beyond them."""
    ground = facts.ground or (tilted_plane(*site.mount) if site.mount else None)
    return replace(facts, ground=ground, intensity=facts.intensity or site.intensity)
