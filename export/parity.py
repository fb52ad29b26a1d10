"""Does the exported graph say what the trained network says?"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch

from export.graph import Verdicts
from fm_ood_ros.engines import Engine
from fm_ood_ros.errors import InputError
from fm_ood_ros.model.input_spec import InputSpec
from fm_ood_ros.rig import ALONE, Rig
from training.data.frames import Frames, evenly

AGREEMENT = 0.9999  # share of cells with the same class
PROBABILITY = 1e-3
ANOMALY = 1e-3  # as a share of the score's spread


@dataclass(frozen=True)
class Parity:
    """Worst case over the compared frames: share of like classes, largest difference of probability and score."""

    frames: int
    class_agreement: float
    probability: float
    anomaly: float
    anomaly_spread: float

    def __str__(self) -> str:
        return (
            f"torch and the exported graph on {self.frames} frames: {self.class_agreement:.4%} of cells of one class, "
            f"probability within {self.probability:.1e}, anomaly within {self.anomaly:.1e} "
            f"(spread {self.anomaly_spread:.1f})"
        )

    def check(self) -> dict[str, float]:
        """The figures; raises InputError when they are too far apart to ship."""
        far = self.probability > PROBABILITY or self.anomaly > ANOMALY * self.anomaly_spread
        if self.class_agreement < AGREEMENT or far:
            raise InputError(
                f"{self}; expected {AGREEMENT:.2%} and differences up to {PROBABILITY:g} and {ANOMALY:g} of the "
                "spread: the export is not the network, do not ship it"
            )
        return asdict(self)


@torch.inference_mode()
def compare(verdicts: Verdicts, engine: Engine, spec: InputSpec, frames: Frames, at_most: int) -> Parity:
    """Runs both on real inputs, at most that many frames, spread evenly."""
    agreement, probability, anomaly, low, high = 1.0, 0.0, 0.0, np.inf, -np.inf
    chosen = evenly(len(frames), at_most)
    for index in chosen:
        (sight,) = Rig(spec, ALONE).see(frames[index])
        theirs = engine.infer(sight.image, sight.lidar)
        inputs = (torch.from_numpy(np.ascontiguousarray(x))[None] for x in (sight.image, sight.lidar))
        mine = [x[0].numpy() for x in verdicts(*inputs)]
        agreement = min(agreement, float((mine[0] == theirs["class_id"]).mean()))
        probability = max(probability, float(np.abs(mine[1] - theirs["probability"]).max()))
        anomaly = max(anomaly, float(np.abs(mine[2] - theirs["anomaly"]).max()))
        low, high = min(low, float(mine[2].min())), max(high, float(mine[2].max()))
    return Parity(len(chosen), agreement, probability, anomaly, high - low)
