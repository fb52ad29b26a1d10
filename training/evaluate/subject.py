"""What is evaluated: a run of training, or the bundle that a vehicle loads, judged by one code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fm_ood_ros.engines import Engine, open_engine
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.input_spec import InputSpec
from fm_ood_ros.model.judgement_spec import JudgementSpec
from fm_ood_ros.model.label_sets import LabelSet
from fm_ood_ros.model.score_scale import ScoreScale
from fm_ood_ros.segmenter import Model
from training.engine.device import device_name, device_type
from training.evaluate.model import THRESHOLD, Judged, NetworkEngine, Scales
from training.models.fusion import LateFusion
from training.runs.run import Run


@dataclass(frozen=True)
class RunModel:
    """A judged run as the runtime knows a model."""

    input: InputSpec
    judgement: JudgementSpec
    score: ScoreScale
    threshold: float = THRESHOLD


@dataclass(frozen=True)
class Subject:
    """An engine, and how what it says is judged.

    model: how, or None for a run that has no judgement yet; scales: of all raw scores that have one
    facts: what it is, for the result; training: settings of the run that it comes from
    """

    engine: Engine
    labels: LabelSet
    input: InputSpec
    model: Model | None = None
    scales: Scales = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_network(cls, network: LateFusion, run: Run) -> Subject:
        """A run's network as it stands, without a judgement; it stays on its device."""
        return cls(NetworkEngine(network), run.label_set, run.input_spec)

    @classmethod
    def of_run(cls, run: Run, judged: Judged | None) -> Subject:
        """A finished run, on a GPU where torch sees one."""
        engine = NetworkEngine(run.trained_network().to(device_type()))
        model = RunModel(run.input_spec, judged.spec, judged.score) if judged else None
        facts = {"run": run.path.resolve().name, "device": device_name()}
        chosen = {"scale_of": judged.data, "chosen_on": judged.chosen} if judged else {}
        training = {**run.record, "config": run.config.to_dict()}
        scales = judged.scales if judged else {}
        return cls(engine, run.label_set, run.input_spec, model, scales, facts | chosen, training)

    @classmethod
    def of_bundle(cls, bundle: ModelBundle) -> Subject:
        """A bundle as the vehicle loads it."""
        score = bundle.manifest["score"]
        facts = {"bundle": bundle.name, "digest": bundle.digest, "device": device_name()}
        chosen = {"scale_of": score.get("data"), "chosen_on": score.get("chosen_on")}
        scales, training = {bundle.judgement.score: bundle.score}, bundle.manifest["training"]
        return cls(open_engine(bundle), bundle.labels, bundle.input, bundle, scales, facts | chosen, training)
