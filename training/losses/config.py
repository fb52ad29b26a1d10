"""Settings of what a network learns: losses, outlier synthesis, and the loss between modalities."""

from __future__ import annotations

from dataclasses import dataclass

from fm_ood_ros.errors import InputError
from training.outliers.channel_importance import CHOICES
from training.outliers.feature_mixing import DRAWS

METHODS = ("none", "feature_mixing", "mixup", "vos", "npos", "np_mix", "cross_pair")


@dataclass(frozen=True)
class LossConfig:
    """Loss of known points: focal + Lovász.

    bounded: none, or logit_norm, which takes both on logits of length 1 / temperature
    class_weights: of the focal loss: log_inverse of the class frequencies, or none
    focal_gamma: how much less sure points count; 0 makes the focal loss a cross-entropy
    """

    bounded: str = "none"
    temperature: float = 0.04
    class_weights: str = "log_inverse"
    focal_gamma: float = 2.0

    def __post_init__(self) -> None:
        one_of("loss.class_weights", self.class_weights, ("log_inverse", "none"))
        expect(self.focal_gamma >= 0, "loss.focal_gamma", self.focal_gamma, "0 or more")
        one_of("loss.bounded", self.bounded, ("none", "logit_norm"))
        expect(self.temperature > 0, "loss.temperature", self.temperature, "more than 0")


@dataclass(frozen=True)
class SynthesisConfig:
    """Outlier synthesis; the defaults are the paper's, except that it is off and that points are sampled.

    method: none, feature_mixing, mixup, vos, npos, np_mix or cross_pair
    n: channels that Feature Mixing swaps; draw: its draws, one per batch, block, sample or point
    choice: channels drawn by chance alone (random), or by their variance, weight or gradient, in batch draws
    gamma1: weight of the outlier loss; start, warmup: shares of the run
    detach: train the head alone on outliers (VOS, NPOS and NP-Mix, made from a memory, always do)
    class_weighted: Feature Mixing weighs points as the focal loss does
    points: a random choice of so many of a batch's points bears the outlier loss and fills the memories; 0: all
    loss: entropy, or energy with margins (known, outlier)
    """

    method: str = "none"
    n: int = 10
    draw: str = "batch"
    choice: str = "random"
    gamma1: float = 3.0
    start: float = 0.0
    warmup: float = 0.0
    detach: bool = False
    class_weighted: bool = False
    points: int = 8192
    loss: str = "entropy"
    margins: tuple[float, float] = (-8.0, -3.0)

    def __post_init__(self) -> None:
        one_of("synthesis.method", self.method, METHODS)
        one_of("synthesis.draw", self.draw, DRAWS)
        one_of("synthesis.choice", self.choice, CHOICES)
        expect(self.choice == "random" or self.draw == "batch", "synthesis.choice", self.choice, "random for this draw")
        one_of("synthesis.loss", self.loss, ("entropy", "energy"))
        for name in ("start", "warmup"):
            expect(0 <= getattr(self, name) <= 1, f"synthesis.{name}", getattr(self, name), "a share, 0 to 1")
        expect(self.gamma1 >= 0, "synthesis.gamma1", self.gamma1, "0 or more")
        expect(self.n >= 0, "synthesis.n", self.n, "0 or more")
        expect(self.points >= 0, "synthesis.points", self.points, "0 or more")
        expect(self.margins[0] < self.margins[1], "synthesis.margins", list(self.margins), "the known one below")
        weighable = self.method == "feature_mixing" and self.loss == "entropy"
        expect(
            weighable or not self.class_weighted,
            "synthesis.class_weighted",
            self.class_weighted,
            f"false for method {self.method} and loss {self.loss}",
        )

    def weight(self, progress: float) -> float:
        """Weight of the outlier loss at a share of the run: zero before the start, then rising over the warm-up."""
        if self.method == "none" or progress < self.start:
            return 0.0
        return self.gamma1 * (min(1.0, (progress - self.start) / self.warmup) if self.warmup else 1.0)


@dataclass(frozen=True)
class CrossModalConfig:
    """Loss between the predictions of a camera and a LiDAR head.

    method: none, a2d or xmuda; weight: gamma2, in the paper 1.0 for A2D and 0.5 for xMUDA
    points: a random choice of so many of a batch's points bears these losses; 0: all, at almost twice a step
    supervision: weight of focal + Lovász on each of these heads. The paper does not name one; we infer it, since
    neither loss says anything about the true class.
    """

    method: str = "none"
    weight: float = 1.0
    points: int = 16384
    supervision: float = 1.0

    def __post_init__(self) -> None:
        one_of("cross_modal.method", self.method, ("none", "a2d", "xmuda"))
        expect(self.points >= 0, "cross_modal.points", self.points, "0 or more")


def expect(condition: bool, name: str, found: object, expected: str) -> None:
    """Raises InputError naming a setting unless the condition holds."""
    if not condition:
        raise InputError(f"{name} is {found}, expected {expected}; correct the configuration")


def one_of(name: str, found: str, allowed: tuple[str, ...]) -> None:
    """Raises InputError unless a setting has one of its values."""
    expect(found in allowed, name, found, "one of " + ", ".join(allowed))
