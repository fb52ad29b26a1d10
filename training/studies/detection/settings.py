"""Settings of the detection track."""

from __future__ import annotations

from dataclasses import dataclass

from training.losses.config import expect, one_of

METHODS = ("none", "feature_mixing", "mixup", "vos", "npos", "np_mix")


@dataclass(frozen=True)
class DetectionConfig:
    """Adam, batch, n and the heads are the paper's; epochs and weights are MultiOOD's.

    method: of outlier synthesis; n: channels that Feature Mixing swaps; queue: rows a class remembers for VOS, NPOS
    and NP-Mix, 0 for the published 1000, 1000 and 65
    gamma1: weight of the outliers' entropy; cross_modal: none, a2d or xmuda, with weight gamma2
    held_out: share of the known clips to judge on, where no file of their own is given
    """

    method: str = "none"
    n: int = 512
    queue: int = 0
    gamma1: float = 0.5
    cross_modal: str = "none"
    gamma2: float = 0.5
    epochs: int = 50
    batch: int = 16
    learning_rate: float = 1e-4
    weight_decay: float = 1e-4
    seed: int = 0
    held_out: float = 0.2

    def __post_init__(self) -> None:
        one_of("method", self.method, METHODS)
        one_of("cross_modal", self.cross_modal, ("none", "a2d", "xmuda"))
        for name in ("epochs", "batch"):
            expect(getattr(self, name) > 0, name, getattr(self, name), "1 or more")
        expect(0 < self.held_out < 1, "held_out", self.held_out, "a share between 0 and 1")
