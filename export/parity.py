"""Does the exported graph say what the trained network says?"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from fm_ood_ros.engines import Engine
from fm_ood_ros.errors import InputError
from fm_ood_ros.judgement.scores import probabilities
from fm_ood_ros.model.input_spec import InputSpec
from fm_ood_ros.rig import ALONE, Rig
from training.data.frames import Frames, evenly

AGREEMENT = 0.9999  # share of cells with the same class
PROBABILITY = 1e-3
LOGIT = 1e-3  # as a share of the logits' spread


@dataclass(frozen=True)
class Parity:
    """Worst case over the compared frames: share of like classes, largest difference of probability and logit."""

    frames: int
    class_agreement: float
    probability: float
    logit: float
    spread: float

    def __str__(self) -> str:
        return (
            f"torch and the exported graph on {self.frames} frames: {self.class_agreement:.4%} of cells of one class, "
            f"probability within {self.probability:.1e}, logits within {self.logit:.1e} (spread {self.spread:.1f})"
        )

    def check(self) -> dict[str, float]:
        """The figures; raises InputError when they are too far apart to ship."""
        far = self.probability > PROBABILITY or self.logit > LOGIT * self.spread
        if self.class_agreement < AGREEMENT or far:
            raise InputError(
                f"{self}; expected {AGREEMENT:.2%} and differences up to {PROBABILITY:g} and {LOGIT:g} of the "
                "spread: the export is not the network, do not ship it"
            )
        return asdict(self)


def compare(network: Engine, engine: Engine, spec: InputSpec, frames: Frames, at_most: int) -> Parity:
    """Runs both on real inputs, at most that many frames, spread evenly."""
    agreement, probability, logit, low, high = 1.0, 0.0, 0.0, np.inf, -np.inf
    chosen = evenly(len(frames), at_most)
    for index in chosen:
        (sight,) = Rig(spec, ALONE).see(frames[index])
        mine, theirs = (one.infer(sight.image, sight.lidar) for one in (network, engine))
        agreement = min(agreement, float((mine.argmax(0) == theirs.argmax(0)).mean()))
        probability = max(probability, float(np.abs(probabilities(mine) - probabilities(theirs)).max()))
        logit = max(logit, float(np.abs(mine - theirs).max()))
        low, high = min(low, float(mine.min())), max(high, float(mine.max()))
    return Parity(len(chosen), agreement, probability, logit, high - low)
