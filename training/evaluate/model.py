"""A run as the runtime knows a model: its network an engine, its judgement fitted on known points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from fm_ood_ros.engines import Engine
from fm_ood_ros.errors import FieldError, InputError
from fm_ood_ros.frame import Frame
from fm_ood_ros.judgement.fitting import KnownPoints, fit_scale
from fm_ood_ros.judgement.judge import Judgement
from fm_ood_ros.judgement.surface import Surface, surface
from fm_ood_ros.model.input_spec import InputSpec
from fm_ood_ros.model.judgement_spec import RAW_SCORES, JudgementSpec
from fm_ood_ros.model.label_sets import LabelSet
from fm_ood_ros.model.score_scale import ScoreScale
from fm_ood_ros.rig import ALONE, Rig, Sight
from training.data.frames import Frames, evenly
from training.engine.device import device_type
from training.models.fusion import LateFusion
from training.runs.run import Run, finished, read_json, write_json
from training.runs.weights import digest

FILE = "judgement.json"  # in the run's folder
FRAMES = 400  # of the validation set at most
THRESHOLD = 0.95  # anomaly_score that counts as unknown: flags 5 % of the known points of a validation set
Scales = dict[str, ScoreScale]


class NetworkEngine:
    """A network in evaluation mode as an engine, on the device on which it lies."""

    reason = "the run's own network"

    def __init__(self, network: LateFusion) -> None:
        self._network = network.eval()
        self.name = f"torch {torch.__version__} ({next(network.parameters()).device})"

    @torch.inference_mode()
    def infer(self, image: NDArray[np.uint8], lidar: NDArray[np.float32]) -> NDArray[np.float32]:
        """See Engine.infer."""
        device = next(self._network.parameters()).device
        inputs = (torch.from_numpy(np.ascontiguousarray(x))[None].to(device) for x in (image, lidar))
        return np.asarray(self._network.coarse(*inputs)[0].float().cpu().numpy(), np.float32)


@dataclass(frozen=True)
class Judged:
    """How a run's verdicts are judged: the steps with the score chosen, the scale of every score, and where from.

    chosen: by which development set the score was, or None; data: of the known points
    """

    spec: JudgementSpec
    scales: Scales
    data: str
    chosen: str | None = None

    @property
    def score(self) -> ScoreScale:
        """The chosen score's scale."""
        return self.scales[self.spec.score]

    def save(self, run: Path) -> None:
        """Into a run's folder."""
        scales = {name: scale.to_dict() for name, scale in self.scales.items()}
        facts: dict[str, Any] = {"judgement": self.spec.to_dict(), "data": self.data, "chosen_on": self.chosen}
        write_json(run / FILE, {**facts, "weights": digest(finished(run)), "scales": scales})

    @classmethod
    def load(cls, run: Path) -> Judged | None:
        """Of a run's folder, None where it was not fitted yet; raises InputError naming the file."""
        path = run / FILE
        if not path.is_file():
            return None
        data = read_json(path)
        if data.get("weights") != digest(finished(run)):
            raise InputError(f"{path} was fitted for other weights than those of {run}; judge the run again")
        try:
            scales = {name: ScoreScale.from_dict(part) for name, part in data["scales"].items()}
            return cls(JudgementSpec.from_dict(data["judgement"]), scales, data["data"], data["chosen_on"])
        except (KeyError, FieldError) as error:
            raise InputError(f"{path} is wrong ({error}); delete it and judge the run again") from error


def look(spec: InputSpec, engine: Engine, frame: Frame) -> tuple[list[Sight], Surface]:
    """What the views see of a frame taken by itself, and what the network says of it."""
    sights = Rig(spec, ALONE).see(frame)
    return sights, surface(frame, sights, [engine.infer(s.image, s.lidar) for s in sights])


def fit_scales(
    spec: InputSpec,
    engine: Engine,
    frames: Frames,
    labels: LabelSet,
    judgement: JudgementSpec,
    scores: Sequence[str] = RAW_SCORES,
    at_most: int | None = FRAMES,
) -> Scales:
    """The scales of raw scores, on the known points of labelled frames; raises InputError where they are too few."""
    one = Judgement(judgement)
    known = []
    for index in evenly(len(frames), at_most):
        frame = frames[index]
        _, seen = look(spec, engine, frame)
        assert frame.labels is not None
        judged = np.flatnonzero((labels.train_ids(frame.labels) < len(labels.classes)) & (seen.patch >= 0))
        evidence = one.evidence(seen)
        bare = replace(seen, logits=seen.logits[:, :0], cells=())  # memory: all frames are kept until the end
        known.append(KnownPoints(replace(evidence, surface=bare), seen.patch[judged]))
    return {name: fit_scale(Judgement(replace(judgement, score=name)), known) for name in scores}


def fit_judged(run: Run, frames: Frames, judgement: JudgementSpec | None = None) -> Judged:
    """A run's judgement, its scales fitted on a validation set."""
    judgement = judgement or JudgementSpec("max_logit")
    engine = NetworkEngine(run.trained_network().to(device_type()))
    scales = fit_scales(run.input_spec, engine, frames, run.label_set, judgement)
    return Judged(judgement, scales, frames.root.resolve().name)
